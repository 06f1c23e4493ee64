"""Sentences of an input: which of them ask, which only tell, and in which ways they may be read together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from queries.marks import Marks
from queries.words import Word

#: A sentence that asks may have so many characters and words; what tells may be longer.
MAX_CHARACTERS: Final = 300
MAX_WORDS: Final = 60
#: More words are not read as one question.
MOST_AT_ONCE: Final = 120

_END: Final = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[\n;]+|[?!]+")
_BREAK: Final = re.compile(r"[,:–—()]|\s-+\s|\.\.+|\s\+\s|->|\"")
_ABBREVIATION: Final = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|approx|no)\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by the range `[first, last)` of its words; `clauses` are ranges within it."""

    first: int
    last: int
    asks: bool
    questioned: bool
    clauses: tuple[tuple[int, int], ...]
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A way to read an input: ranges of words that must be explained, and ranges that only give the context."""

    asked: tuple[tuple[int, int], ...]
    context: tuple[tuple[int, int], ...]


def split(text: str, words: Sequence[Word], marks: Marks) -> list[Sentence]:
    """The sentences of a text that have words."""
    out: list[Sentence] = []
    first = 0
    for start, end, ending in _spans(text):
        last = first
        while last < len(words) and words[last].start < end:
            last += 1
        if last > first:
            out.append(_sentence(text, words, marks, (first, last), (start, end), ending))
        first = last
    return out


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """The stretches of text between sentence ends, each with the mark that ends it."""
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.end()].rstrip()) and "." in match.group():
            continue
        yield start, match.end(), match.group()
        start = match.end()
    if start < len(text):
        yield start, len(text), ""


def _sentence(
    text: str, words: Sequence[Word], marks: Marks, part: tuple[int, int], span: tuple[int, int], ending: str
) -> Sentence:
    first, last = part
    asks = "?" in ending or _asks(marks, first, last)
    too_long = span[1] - span[0] > MAX_CHARACTERS or last - first > MAX_WORDS
    return Sentence(first, last, asks, "?" in ending, tuple(_clauses(text, words, part, span)), too_long)


def _asks(marks: Marks, first: int, last: int) -> bool:
    """Whether a sentence without a question mark asks."""
    if marks.end("asking_start", first, last) or marks.any("asking", first, last):
        return True
    return marks.ends_with("asking_end", first, last)


def is_polar(marks: Marks, first: int, last: int, questioned: bool) -> bool | None:
    """Whether words ask for yes or no; False when they ask for something named, None when one cannot tell."""
    at = first
    while at < last and (after := marks.end("lead", at, last)):
        at = after
    if marks.end("polar_start", at, last) and not marks.end("wh", at, last):
        return True
    if marks.ends_with("polar_end", first, last):
        return True
    if marks.any("wh", first, last):
        return False
    return True if questioned and marks.any("polar_start", first, last) else None


def _clauses(
    text: str, words: Sequence[Word], part: tuple[int, int], span: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """The ranges of words between commas, colons, dashes, brackets and quotes."""
    first, last = part
    at = first
    for match in _BREAK.finditer(text, span[0], span[1]):
        end = at
        while end < last and words[end].start < match.start():
            end += 1
        if end > at:
            yield at, end
            at = end
    if at < last:
        yield at, last


def views(sentences: Sequence[Sentence], marks: Marks) -> Iterator[View]:
    """The ways to read an input, the most complete first: all of it must be explained; then only what asks, with the
    rest as context; then what asks together with the sentence before it; then the clause that asks."""
    for view in _views(sentences, marks):
        if sum(last - first for first, last in view.asked) <= MOST_AT_ONCE:
            yield view


def _views(sentences: Sequence[Sentence], marks: Marks) -> Iterator[View]:
    if not sentences:
        return
    yield View(((sentences[0].first, sentences[-1].last),), ())
    asking = [s for s in sentences if s.asks] or [sentences[-1]]
    questioned = [s for s in asking if s.questioned] or asking
    if len(sentences) > 1:
        yield from _sentence_views(sentences, asking)
        if len(questioned) < len(asking):
            yield from _sentence_views(sentences, questioned)
    if len(questioned) == 1:
        yield from _clause_views(sentences, questioned[0], marks)


def _sentence_views(sentences: Sequence[Sentence], asking: Sequence[Sentence]) -> Iterator[View]:
    yield View(_ranges(asking), _ranges(s for s in sentences if s not in asking))
    before = sentences.index(asking[0]) - 1
    if before >= 0:
        both = [sentences[before], *asking]
        yield View(_ranges(both), _ranges(s for s in sentences if s not in both))


def _clause_views(sentences: Sequence[Sentence], asking: Sentence, marks: Marks) -> Iterator[View]:
    """The end or the beginning of the asking sentence asks, and the rest of it, which does not, tells."""
    others = _ranges(s for s in sentences if s is not asking)
    for cut in range(1, len(asking.clauses)):
        head = (asking.first, asking.clauses[cut][0])
        tail = (asking.clauses[cut][0], asking.last)
        for asked, told in ((tail, head), (head, tail)):
            if _asks(marks, *asked) and not _asks(marks, *told) and not marks.any("alternatives", *told):
                yield View((asked,), (*others, told))


def _ranges(sentences: Iterator[Sentence] | Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    return tuple((s.first, s.last) for s in sentences)
