"""Generated questions: phrasings, strangers in every slot, and typing mistakes; BACKSTORY_GENERATED sets how many."""

from __future__ import annotations

import random
from collections import Counter

from queries.answering import Answering
from tests.queries.sampling import CASES, DRUGS, ILLNESSES, sentences, with_typo


def test_a_sampled_phrasing_is_answered_by_its_own_file(answering: Answering) -> None:
    stolen = [
        (made.text, made.template.id, answer.interpretation.question_file)
        for made in sentences(answering, seed=1, count=CASES)
        if (answer := answering.ask(made.text)).status in ("answered", "not_stated")
        and answer.interpretation.question_file != made.template.id
    ]
    assert stolen == []


def test_nearly_every_sampled_phrasing_is_understood(answering: Answering) -> None:
    statuses = Counter(answering.ask(made.text).status for made in sentences(answering, seed=2, count=CASES))
    assert statuses["not_understood"] + statuses["ambiguous"] <= 0.02 * CASES, statuses


def test_a_name_that_the_graph_lacks_is_never_answered(answering: Answering) -> None:
    answered = [
        (made.text, answer.interpretation.question_file)
        for made in sentences(answering, seed=3, count=CASES, strangers=(*DRUGS, *ILLNESSES))
        if (answer := answering.ask(made.text)).status == "answered"
    ]
    assert answered == []


def test_another_illness_in_place_of_the_topic_is_never_answered(answering: Answering) -> None:
    topic = answering.lexicon.things[answering.topic or ""]
    answered = []
    for number, made in enumerate(sentences(answering, seed=4, count=CASES)):
        if topic.label not in made.text:
            continue
        text = made.text.replace(topic.label, ILLNESSES[number % len(ILLNESSES)])
        answer = answering.ask(text)
        if answer.status == "answered":
            answered.append((text, answer.interpretation.question_file))
    assert answered == []


def test_one_typing_mistake_is_understood_or_refused_but_never_misread(answering: Answering) -> None:
    rng = random.Random(5)
    same, misread, tried = 0, [], 0
    for made in sentences(answering, seed=6, count=CASES):
        plain = answering.ask(made.text)
        wrong = with_typo(made.text, answering, rng)
        if wrong is None or plain.status not in ("answered", "not_stated"):
            continue
        tried += 1
        answer = answering.ask(wrong)
        if answer.status not in ("answered", "not_stated"):
            continue
        if (answer.answer, answer.items) == (plain.answer, plain.items):
            same += 1
        elif answer.status == "answered":
            misread.append((wrong, answer.interpretation.question_file, made.template.id))
    assert misread == []
    assert same >= 0.92 * tried, (same, tried)
