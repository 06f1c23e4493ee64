"""The sentence syntax: `[optional]`, `(a|b)`, `{slot}`."""

from __future__ import annotations

import pytest

from queries.phrases import PhraseError, expand, parse, size, slots_of


def written_out(phrase: str) -> set[str]:
    return {" ".join(words) for words in expand(parse(phrase, str.split))}


def test_brackets_make_a_word_optional() -> None:
    assert written_out("what [are] causes") == {"what are causes", "what causes"}


def test_bars_separate_alternatives_at_any_depth() -> None:
    assert written_out("(a|b [c|d]) e") == {"a e", "b e", "b c e", "b d e"}


def test_size_counts_without_writing_out() -> None:
    phrase = "(a|b|c) [d] (e|f [g])"
    assert size(parse(phrase, str.split)) == len(list(expand(parse(phrase, str.split))))


def test_slots_are_found_wherever_they_stand() -> None:
    assert slots_of(parse("does {drug} [cause {effect}|help]", str.split)) == {"drug", "effect"}


@pytest.mark.parametrize("phrase", ["(a|b", "[a", "a)", "a]", "{Drug}", "(a]"])
def test_broken_brackets_are_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        parse(phrase, str.split)
