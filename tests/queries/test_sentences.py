"""Sentences: what asks, what tells, and what asks for yes or no."""

from __future__ import annotations

import pytest

from kg.backends import Backend
from queries.lexicon import LoadedLexicon, read_ontology, read_things
from queries.sentences import is_polar, split, views
from queries.vocabulary import Language, load_language, with_names
from queries.words import Writing


@pytest.fixture(scope="module")
def language(backend: Backend) -> Language:
    ontology = read_ontology(backend)
    writing = Writing.load()
    lexicon = LoadedLexicon(read_things(backend, ontology), ontology, writing)
    return with_names(load_language(writing), lexicon)


def cut(language: Language, text: str) -> list[tuple[str, bool]]:
    words = language.writing.words(text)
    marks = language.marks([word.text for word in words])
    return [(" ".join(marks.words[s.first : s.last]), s.asks) for s in split(text, words, marks)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I fell. Can that be why?", [("i fell", False), ("can that be why", True)]),
        ("Dr. Smith said so", [("doctor smith said so", False)]),
        ("about 2.5 hours", [("about 2.5 hours", False)]),
        ("one; two\nthree", [("one", False), ("two", False), ("three", False)]),
        ("tell me what it is", [("tell me what it is", True)]),
        ("really?!", [("really", True)]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_sentences_that_ask_or_tell(
    language: Language, text: str, sentences: list[tuple[str, bool]]
) -> None:
    assert cut(language, text) == sentences


@pytest.mark.parametrize(
    ("text", "polar"),
    [
        ("can stress cause it", True),
        ("so is it common", True),
        ("it is rare, right", True),
        ("what causes it", False),
        ("can you tell me what causes it", False),
        ("how long does it last", False),
        ("causes of spasms", None),
    ],
)
def test_yes_or_no_is_told_from_what_asks_for_something(language: Language, text: str, polar: bool | None) -> None:
    words = language.writing.texts(text)
    assert is_polar(language.marks(words), 0, len(words), False) is polar


def test_the_most_complete_way_to_read_comes_first(language: Language) -> None:
    text = "I fell. My back hurts. Can that be why?"
    words = language.writing.words(text)
    marks = language.marks([word.text for word in words])
    ways = list(views(split(text, words, marks), marks))
    assert ways[0].asked == ((0, len(words)),)
    assert ways[0].context == ()
    assert ways[1].asked == ((5, 9),)
    assert ways[1].context == ((0, 2), (2, 5))


def test_a_clause_that_gives_a_choice_is_never_mere_context(language: Language) -> None:
    text = "which is it, the man or the woman"
    words = language.writing.words(text)
    marks = language.marks([word.text for word in words])
    assert all(not view.context for view in views(split(text, words, marks), marks))
