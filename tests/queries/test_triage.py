"""Triage: what people report, however they say it; not what they deny, ask for a list of, or mean otherwise."""

from __future__ import annotations

import pytest

from queries.answering import Answering

REPORTED = [
    ("I cannot control my bladder", "emergency"),
    ("my mum's legs gave way on the stairs, her back is cramping", "emergency"),
    ("no numbness, no weakness, but I wet the bed", "emergency"),
    ("back spasm and tightness in my chest", "emergency"),
    ("lost controll of my blader", "emergency"),
    ("I'm stuck on the floor, it hurts too much to get up", "emergency"),
    ("my whole left side is tingling", "emergency"),
    ("I can't feel my toes", "see_doctor_now"),
    ("since the spasm I keep losing my balance", "see_doctor_now"),
    ("how long do spasms last? By the way I can't hold my pee any more", "emergency"),
    ("xyzzy frobnicate. I cannot control my bladder. blah", "emergency"),
]
NOT_REPORTED = [
    "my balance is fine",
    "no numbness",
    "without any chest pain",
    "I have never lost control of my bladder",
    "He has neither numb fingers nor weak legs",
    "we lost the load balancer",
    "the wifi signal is weak on one side of the house",
    "I can't move this wardrobe on my own",
    "the patient denies incontinence and chest pain",
    "I was numb with boredom",
    "which symptoms mean I should see a doctor right away",
    "how many red flags are there",
]


@pytest.mark.parametrize(("text", "level"), REPORTED)
def test_a_reported_finding_raises_its_warning_whatever_else_is_asked(
    answering: Answering, text: str, level: str
) -> None:
    safety = answering.ask(text).safety
    assert (safety.level, safety.because) == (level, "question")
    assert safety.red_flags
    assert safety.citations


@pytest.mark.parametrize("text", NOT_REPORTED)
def test_what_is_denied_or_meant_otherwise_is_no_report(answering: Answering, text: str) -> None:
    assert answering.ask(text).safety.because != "question"


def test_the_most_urgent_flag_stands_first_and_all_are_cited(answering: Answering) -> None:
    answer = answering.ask("I can't feel my foot and my chest hurts")
    ranks = [flag.action[2] for flag in answer.safety.red_flags]
    assert ranks == sorted(ranks, reverse=True)
    cited = {answer.citations[place].passage for place in answer.safety.citations}
    assert cited == {passage for flag in answer.safety.red_flags for passage in flag.passages}


def test_a_question_about_a_finding_raises_the_level_too(answering: Answering) -> None:
    assert answering.ask("can back spasms cause chest pain?").safety.level == "emergency"


def test_an_answer_that_mentions_a_finding_carries_the_warning(answering: Answering) -> None:
    safety = answering.ask("when should I go to the emergency room?").safety
    assert safety.level == "emergency"
    assert safety.because == "answer"
