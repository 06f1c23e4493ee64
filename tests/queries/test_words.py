"""Words: one form for what is written in many ways, with the places kept."""

from __future__ import annotations

import pytest

from queries.words import Writing


@pytest.fixture(scope="module")
def writing() -> Writing:
    return Writing.load()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("I can't MOVE", "i can not move"),
        ("I can’t move", "i can not move"),
        ("cant move", "can not move"),
        ("What's a tumour?", "what is a tumor"),
        ("my husband's back", "my husband back"),
        ("over-the-counter", "over the counter"),
        ("80% of people", "80 percent of people"),
        ("wat shud i do", "what should i do"),
        ("they've, we're, I'd", "they have we are i would"),
        ("ﬁne ＡＢＣ", "fine abc"),
        ("", ""),
        ("…?!", ""),
    ],
)
def test_many_writings_have_one_form(writing: Writing, written: str, words: str) -> None:
    assert writing.texts(written) == words.split()


def test_every_word_knows_its_place_in_the_text(writing: Writing) -> None:
    text = "  My mum can't  walk 🙂 far."
    for word in writing.words(text):
        assert text[word.start : word.end].lower() in {"my", "mum", "can't", "walk", "far"}


def test_reading_a_word_list_gives_what_reading_a_text_gives(writing: Writing) -> None:
    for word in ("colour", "cant", "spasm", "mum", "u"):
        assert writing.texts(word) == [w.text for w in writing.words(word)]
