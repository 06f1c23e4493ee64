"""Spelling: towards what is known here, never away from a real word."""

from __future__ import annotations

import pytest

from queries.spelling import MOST, Speller

REAL = {"sing": 9, "pane": 9, "fall": 9, "weak": 9, "spasm": 9, "muscle": 9, "ibuprofen": 9, "cramp": 9, "cramps": 9}
KNOWN = ["spasm", "sign", "pain", "muscle", "ibuprofen", "cyclobenzaprine", "weak", "cramp", "cramps"]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(KNOWN, KNOWN, REAL)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("spazm", "spasm"),
        ("mucsle", "muscle"),
        ("musscle", "muscle"),
        ("ibuprofin", "ibuprofen"),
        ("cyclobenzaprin", "cyclobenzaprine"),
        ("cyclobenzoprin", "cyclobenzaprine"),
    ],
)
def test_the_nearest_known_word_is_taken(speller: Speller, wrong: str, right: str) -> None:
    assert speller.correct(wrong) == right
    assert speller.corrections([wrong]) == {0: right}


def test_a_real_english_word_is_left_alone(speller: Speller) -> None:
    assert speller.corrections(["sing", "pane", "fall"]) == {}


def test_a_near_tie_is_left_alone(speller: Speller) -> None:
    assert Speller(["bone", "cone"], ["bone", "cone"], {}).correct("xone") is None


def test_two_letters_may_differ_only_in_a_long_word(speller: Speller) -> None:
    assert speller.correct("wqqk") is None


def test_no_more_than_so_many_words_are_tried(speller: Speller) -> None:
    assert len(speller.corrections(["spazm"] * 500)) == MOST
