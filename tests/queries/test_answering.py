"""Answers: the contract of DESIGN §4, whatever comes in."""

from __future__ import annotations

import json
import threading
import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.backends import Backend
from kg.source import Sources
from queries.answer import answer_schema
from queries.answering import Answering, UnknownQuestion, UnknownSlotValue

VALIDATOR = jsonschema.Draft202012Validator(answer_schema())
HOSTILE = [
    "",
    " ",
    "?",
    "\0\0",
    "🙂" * 500,
    "a" * 2000,
    "(" * 2000,
    "what causes back spasms? " * 80,
    "back spasm " * 180,
    "\u202eswodniw",
    "ما هي عاصمة فرنسا؟",
    "<script>alert(1)</script>",
    'SELECT * WHERE { ?s ?p ?o } # "',
    "side effects of ibuprofen> } DELETE WHERE { ?s ?p ?o } #",
    "%00%0a{{7*7}}${x}",
    "..\\..\\etc",
    "what\u2028causes\u2029back spasms",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_comes_in_a_valid_answer_goes_out(answering: Answering, text: str) -> None:
    answer = answering.ask(text)
    VALIDATOR.validate(answer.as_json())
    assert answer.as_text().endswith("\n")
    json.dumps(answer.as_jsonld("http://x/ask"))


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) > 1000])
def test_no_input_of_two_thousand_characters_takes_twenty_milliseconds(answering: Answering, text: str) -> None:
    answering.ask(text)
    best = min(_seconds(answering, text) for _ in range(5))
    assert best < 0.020, best


def _seconds(answering: Answering, text: str) -> float:
    """The processor time of one reading (a busy machine must not fail the test)."""
    reader = answering._readers.plain
    started = time.thread_time()
    words, corrections = reader.words(text)
    reader.read(text, words, corrections)
    return time.thread_time() - started


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_gives_a_valid_answer(answering: Answering, text: str) -> None:
    VALIDATOR.validate(answering.ask(text).as_json())


def test_an_answer_is_cited_and_says_how_it_was_understood(answering: Answering) -> None:
    answer = answering.ask("side efects of methocarbamol").as_json()
    assert answer["status"] == "answered"
    assert [item["label"] for item in answer["items"]] == ["confusion", "drowsiness"]
    assert answer["citations"]
    assert all(citation["sha256"] and citation["section"] for citation in answer["citations"])
    understood = answer["interpretation"]
    assert understood["question_file"] == "side-effects"
    assert understood["corrections"] == [{"from": "efects", "to": "effects"}]
    slot = understood["slots"]["drug"]
    assert answer["question"][slot["span"][0] : slot["span"][1]] == slot["text"] == "methocarbamol"
    assert understood["url"] == "/questions/side-effects?drug=Methocarbamol"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Is a back spasm a sign of MS?", "answered"),
        ("side effects of ibuprofen", "not_stated"),
        ("what is the capital of Australia", "not_understood"),
        ("side effects of chemotherapy", "not_understood"),
        ("I fell asleep on the sofa yesterday.", "not_understood"),
    ],
)
def test_a_question_is_answered_not_stated_or_refused(answering: Answering, text: str, status: str) -> None:
    assert answering.ask(text).status == status


def test_a_refusal_names_the_unknown_words_and_offers_questions(answering: Answering) -> None:
    answer = answering.ask("does chemotherapy cause back spasms")
    assert answer.reason == ("unknown_words", ("chemotherapy",))
    assert 1 <= len(answer.alternatives) <= 3


def test_what_is_not_stated_has_no_items_and_no_citations(answering: Answering) -> None:
    answer = answering.ask("side effects of ibuprofen")
    assert (answer.items, answer.citations) == ((), ())
    assert answer.answer is not None
    assert answer.answer.boolean is None


def test_what_the_context_names_fills_what_the_question_leaves_out(answering: Answering) -> None:
    answer = answering.ask("Grandma barely drinks anything during the day. Might that explain the cramps in her back?")
    assert answer.answer is not None
    assert answer.answer.boolean is True


@pytest.mark.parametrize(
    "text",
    [
        "My wife is diabetic. Can that bring on back spasms?",
        "I still have some Zanaflex left. Could I use it for this cramp?",
        "I'm nursing a newborn. Can I take muscle relaxants?",
    ],
)
def test_a_context_that_changes_the_question_is_never_dropped(answering: Answering, text: str) -> None:
    assert answering.ask(text).status != "answered"


def test_a_question_file_is_answered_directly_by_name_iri_or_label(answering: Answering) -> None:
    answers = [
        answering.ask_file("side-effects", {"drug": value})
        for value in ("Methocarbamol", "https://w3id.org/backstory/id/Methocarbamol", "methocarbamol")
    ]
    assert {answer.answer for answer in answers} == {answers[0].answer}
    assert answers[0].interpretation.method == "direct"


def test_an_unknown_file_slot_or_value_is_told_apart(answering: Answering) -> None:
    with pytest.raises(UnknownQuestion):
        answering.ask_file("nothing", {})
    with pytest.raises(UnknownSlotValue) as caught:
        answering.ask_file("side-effects", {"drug": "chemotherapy"})
    assert "Methocarbamol" in caught.value.choices
    with pytest.raises(UnknownSlotValue) as caught:
        answering.ask_file("side-effects", {"dose": "1"})
    assert "drug" in caught.value.choices


def test_a_copy_of_the_text_adds_the_quotation_and_changes_nothing_else(backend: Backend, sources: Sources) -> None:
    with_copy, without = Answering.load(backend, sources=sources), Answering.load(backend)
    one, other = (a.ask("what causes back spasms").as_json() for a in (with_copy, without))
    assert all(citation["quote"] for citation in one["citations"])
    assert all(citation["quote"] is None for citation in other["citations"])
    assert one["answer"] == other["answer"]


def test_threads_asking_at_the_same_time_get_the_same_answers(backend: Backend) -> None:
    shared = Answering.load(backend)
    asked = ["what causes back spasms", "side effects of cyclobenzaprine", "can stress cause back spasms", "xyzzy"] * 5
    alone = [Answering.load(backend).ask(text).as_json() for text in asked[:4]]
    found: list[list[object]] = [[] for _ in range(4)]

    def run(place: int) -> None:
        found[place] = [shared.ask(text).as_json() for text in asked]

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers == alone * 5 for answers in found)


def test_suggestions_are_whole_questions_that_are_answered(answering: Answering) -> None:
    offered = answering.suggest("what ca")
    assert offered
    assert all(question.endswith("?") and question.lower().startswith("what ca") for question in offered[:1])
    assert all(answering.ask(question).status in ("answered", "not_stated") for question in offered)
