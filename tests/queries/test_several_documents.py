"""Answers over three documents: which condition is meant, what agrees is merged, what differs is shown, and named."""

from __future__ import annotations

from collections.abc import Iterator

import jsonschema
import pytest

from kg.backends import open_backend
from kg.dataset import load_dataset
from kg.terms import document_iri
from queries.answer import Answer, answer_schema
from queries.answering import Answering, UnknownSlotValue
from tests.conftest import REPOSITORY

SAMPLES = REPOSITORY / "tests/samples"
VALIDATOR = jsonschema.Draft202012Validator(answer_schema())


@pytest.fixture(scope="module")
def three() -> Iterator[Answering]:
    """The answering over the shipped document and the two samples."""
    backend = open_backend("memory:", load_dataset(extra_documents=sorted(SAMPLES.glob("*.trig"))))
    yield Answering.load(backend)
    backend.close()


def said(answer: Answer) -> str:
    """The answer's sentence."""
    assert answer.answer is not None, answer.as_text()
    VALIDATOR.validate(answer.as_json())
    return answer.answer.text


def documents(answer: Answer) -> set[str]:
    """The names of the documents that an answer cites."""
    return {citation.document.rstrip("/").rsplit("/", 1)[-1] for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "items", "document"),
    [
        ("what causes calf cramps", {"hard training", "standing for hours"}, "calf-cramps"),
        ("why do I get sciatica", {"herniated disc", "sitting too much"}, "sciatica"),
        ("what causes back spasms", {"muscle overuse", "trauma"}, "back-spasms"),
        ("how are calf cramps treated", {"massage", "ibuprofen"}, "calf-cramps"),
        ("I have sciatica. How is it treated?", {"ice", "naproxen"}, "sciatica"),
        ("Calf cramps: what are the causes?", {"hard training"}, "calf-cramps"),
        ("when should I see a doctor about calf cramps", {"swelling of one leg"}, "calf-cramps"),
    ],
)
def test_a_question_is_about_the_condition_that_it_names(
    three: Answering, question: str, items: set[str], document: str
) -> None:
    answer = three.ask(question)
    assert items <= {item.label for item in answer.items}
    assert document in documents(answer)


def test_how_long_it_lasts_is_told_of_each_condition(three: Answering) -> None:
    assert "up to 10 minutes" in said(three.ask("how long does a calf cramp last"))
    assert "several weeks" in said(three.ask("how long does sciatica last"))
    assert "muscle strain" in said(three.ask("how long do back spasms last"))


def test_a_name_is_defined_by_the_document_that_defines_it(three: Answering) -> None:
    assert documents(three.ask("what is sciatica")) == {"sciatica"}


@pytest.mark.parametrize("question", ["what causes it", "does it go away on its own", "is ice good", "what helps"])
def test_a_question_without_a_condition_is_asked_back_where_several_documents_answer_it(
    three: Answering, question: str
) -> None:
    answer = three.ask(question)
    VALIDATOR.validate(answer.as_json())
    assert answer.status == "ambiguous"
    assert 2 <= len(answer.alternatives) <= 3
    assert all(question in text for text, _ in answer.alternatives)


def test_each_alternative_is_answered_as_it_stands_and_at_its_address(three: Answering) -> None:
    for text, url in three.ask("what causes it").alternatives:
        name = url.rpartition("document=")[2]
        told = three.ask(text), three.ask("what causes it", document=document_iri(name))
        assert [answer.status for answer in told] == ["answered", "answered"]
        assert told[0].items == told[1].items
        assert documents(told[1]) == {name}


def test_a_question_that_one_document_alone_answers_is_answered_and_says_for_which_condition(three: Answering) -> None:
    answer = three.ask("how common is it")
    assert 'The document "Back Spasms" calls back spasms very common.' in said(answer)
    assert answer.answer is not None
    assert "You name no condition; this is about back spasms" in (answer.answer.note or "")


def test_a_question_that_no_document_answers_asks_for_its_condition(three: Answering) -> None:
    answer = three.ask("can spinal arthritis cause it")
    assert answer.status == "not_understood"
    assert answer.reason is not None
    assert answer.reason[0] == "topic_missing"


def test_a_name_that_two_conditions_have_is_asked_back(three: Answering) -> None:
    answer = three.ask("what causes cramps")
    assert answer.status == "ambiguous"
    assert {text.split(":")[0] for text, _ in answer.alternatives} == {"Back spasms", "Calf cramp"}
    assert {url for _, url in answer.alternatives} == {
        "/questions/cause-categories?condition=BackSpasm",
        "/questions/cause-categories?condition=CalfCramp",
    }


def test_a_name_that_two_conditions_have_means_the_one_that_the_document_is_about(three: Answering) -> None:
    answer = three.ask("what causes cramps", document=document_iri("calf-cramps"))
    assert {"hard training"} <= {item.label for item in answer.items}


def test_two_conditions_in_one_question_are_asked_back(three: Answering) -> None:
    answer = three.ask("I have sciatica and calf cramps. How are they treated?")
    assert answer.status == "ambiguous"
    assert {url for _, url in answer.alternatives} == {
        "/questions/treatments?condition=CalfCramp",
        "/questions/treatments?condition=Sciatica",
    }


def test_the_document_narrows_a_question_and_is_what_it_is_about(three: Answering) -> None:
    sciatica = document_iri("sciatica")
    assert "several weeks" in said(three.ask("how long does it last", document=sciatica))
    effects = three.ask("side effects of cyclobenzaprine", document=sciatica)
    assert {item.label for item in effects.items} == {"dry mouth"}
    other = three.ask("what causes back spasms", document=sciatica)
    assert said(other) == 'The document "Sciatica" does not say what causes back spasms.'
    assert '"Sciatica"' in other.meta.notice
    assert "Calf cramps" not in other.meta.notice


def test_words_of_its_own_name_may_stand_for_the_condition_of_a_document(three: Answering) -> None:
    for document in ("back-spasms", "calf-cramps"):
        answer = three.ask("what causes the cramping", document=document_iri(document))
        assert answer.status != "ambiguous", document


def test_a_question_file_is_about_the_documents_condition(three: Answering) -> None:
    answer = three.ask_file("treatments", {}, document=document_iri("calf-cramps"))
    assert "massage" in said(answer)
    with pytest.raises(UnknownSlotValue):
        three.ask_file("treatments", {})


def test_what_several_documents_say_is_one_answer_that_cites_them_all(three: Answering) -> None:
    answer = three.ask("side effects of cyclobenzaprine")
    assert {item.label for item in answer.items} == {"confusion", "drowsiness", "dry mouth"}
    assert documents(answer) == {"back-spasms", "sciatica"}
    assert said(answer).startswith('The documents "Back Spasms" and "Sciatica" name 3 side effects')
    brands = three.ask("what are the brand names of ibuprofen")
    assert {item.label for item in brands.items} == {"Advil", "Motrin", "Nurofen"}


def test_what_is_told_of_two_conditions_stays_apart(three: Answering) -> None:
    text = said(three.ask("how long should I leave ice on"))
    assert "20 to 30 minutes at a time" in text
    assert "For sciatica, leave ice on for 15 minutes." in text


def test_a_document_is_not_said_to_state_what_another_does(three: Answering) -> None:
    text = said(three.ask("can dehydration cause calf cramps"))
    assert (
        text == 'Yes. The document "Calf cramps" counts not enough water (dehydration) among the causes of calf cramp.'
    )


def test_where_documents_differ_both_are_shown_and_named(three: Answering) -> None:
    answer = three.ask("can back spasms cause sciatica")
    assert answer.answer is not None
    assert answer.answer.boolean is None
    assert said(answer).startswith('The documents differ. The document "Sciatica" says: Yes.')
    assert 'The document "Back Spasms" says: No.' in said(answer)
    assert documents(answer) == {"back-spasms", "sciatica"}


def test_a_list_says_what_another_document_denies_of_it(three: Answering) -> None:
    answer = three.ask("what causes sciatica")
    assert answer.answer is not None
    assert answer.answer.note == 'The document "Back Spasms" denies this: sciatica – is not caused by – back spasms.'
    assert documents(answer) == {"back-spasms", "sciatica"}


def test_one_of_two_documents_alone_denies_nothing(three: Answering) -> None:
    answer = three.ask("what causes sciatica", document=document_iri("sciatica"))
    assert documents(answer) == {"sciatica"}


@pytest.mark.parametrize(
    "question", ["how long does a calf cramp last", "side effects of ibuprofen", "side effects of naproxen", "xyzzy"]
)
def test_every_answer_names_its_documents(three: Answering, question: str) -> None:
    answer = three.ask(question)
    text = answer.as_text()
    assert "the document " not in text.lower().replace('the document "', "")
    for citation in answer.citations:
        assert f"] {citation.title} > " in text
        assert f'"{citation.title}"' in answer.meta.notice
        assert citation.as_json()["document_title"] == citation.title


def test_a_warning_of_any_document_leads_and_is_named(three: Answering) -> None:
    answer = three.ask("my leg is swollen")
    assert (answer.safety.level, answer.safety.because) == ("see_doctor_now", "question")
    assert 'the document "Calf cramps" says what to do at once' in (answer.safety.text or "")
    both = three.ask("I lost control of my bladder")
    assert both.safety.level == "emergency"
    assert documents(both) == {"back-spasms", "sciatica"}


def test_with_one_document_nothing_is_named_that_needs_no_name(answering: Answering) -> None:
    answer = answering.ask("what causes back spasms")
    assert said(answer).startswith("The document groups")
    assert "] Symptoms and causes > " in answer.as_text()


def test_a_refusal_offers_questions_about_the_condition_that_was_named(three: Answering) -> None:
    offered = [text for text, _ in three.ask("is chemotherapy used for sciatica").alternatives]
    assert "Is massage good for sciatica?" in offered


def test_where_documents_are_many_those_are_asked_that_speak_of_what_is_named(
    three: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queries.answering.MOST_TRIED", 2)
    answer = three.ask("is naproxen used for it")
    assert {url.rpartition("document=")[2] for _, url in answer.alternatives} == {"back-spasms", "sciatica"}
    alone = three.ask("can spinal stenosis bring it on")
    assert "about sciatica, and no other" in (alone.answer.note or "" if alone.answer else alone.as_text())
