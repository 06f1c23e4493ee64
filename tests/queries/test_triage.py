"""Triage: what people report, however they say it; not what they deny, ask for a list of, or mean otherwise."""

from __future__ import annotations

import time

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
# Each family of words in more than one order, person and register; none of these stands as a whole in the data.
COMPOSED = [
    "she can no longer keep hold of a saucepan",
    "the urine is running down by itself",
    "my trousers were wet again and I had not noticed",
    "he never gets to the bathroom in time any more",
    "unable to dorsiflex the left foot",
    "my thighs turned to custard on the stairs",
    "the whole of my left side feels as if it belonged to somebody else",
    "pinched my toes and felt nothing",
    "grabbing the furniture to get across the room",
    "a clamp around the chest",
    "wedged in the bath, too much pain to get up",
    "hospital or wait until morning?",
    "can't sleep, my leg is numb",
    "no fever, but my legs are weak",
    "the pain is not going away and my foot is numb",
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
    "he has not had any numbness, tingling or weakness in his legs",
    "my legs are not numb or weak",
    "chest pain: none",
    "Any numbness in the feet? No.",
    "I got soaked in the rain, my trousers are wet",
    "our dog peed on the carpet",
    "my legs are heavy after the marathon",
    "stuck in traffic with a sore back",
]


@pytest.mark.parametrize(("text", "level"), REPORTED)
def test_a_reported_finding_raises_its_warning_whatever_else_is_asked(
    answering: Answering, text: str, level: str
) -> None:
    safety = answering.ask(text).safety
    assert (safety.level, safety.because) == (level, "question")
    assert safety.red_flags
    assert safety.citations


@pytest.mark.parametrize("text", COMPOSED)
def test_a_finding_is_heard_in_words_that_only_stand_together(answering: Answering, text: str) -> None:
    safety = answering.ask(text).safety
    assert safety.because == "question"
    assert safety.level in ("see_doctor_now", "emergency")


@pytest.mark.parametrize("text", NOT_REPORTED)
def test_what_is_denied_or_meant_otherwise_is_no_report(answering: Answering, text: str) -> None:
    assert answering.ask(text).safety.because != "question"


def test_a_report_within_a_question_about_something_else_is_a_report(answering: Answering) -> None:
    assert answering.ask("Which muscle relaxants are there? I can't feel my left leg").safety.because == "question"
    assert answering.ask("Can I take ibuprofen for my chest pain?").safety.because == "question"


@pytest.mark.parametrize("words", ["not numb leg weak ", "no ", "wet pants. ", "left side numb arm weak tingle "])
def test_triage_of_the_longest_text_is_quick_whatever_stands_in_it(answering: Answering, words: str) -> None:
    text = (words * 1000)[:2000]
    answering.ask(text)
    assert min(_seconds(answering, text) for _ in range(3)) < 0.5


def _seconds(answering: Answering, text: str) -> float:
    started = time.perf_counter()
    answering.ask(text)
    return time.perf_counter() - started


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
