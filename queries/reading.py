"""What the words of a text can mean: the text cut into runs of words, each with all its readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from queries.trie import Reading
from queries.vocabulary import Language
from queries.words import Writing

#: An unknown word costs more than any cut of known ones; a segment costs, a name of several words a little less.
_UNKNOWN_COST: Final = 10_000
_SEGMENT_COST: Final = 10
_NAME_BONUS: Final = 2
#: Words that may stand before a duration and do not change it ("the two weeks", "about an hour").
BEFORE_NUMBERS: Final = frozenset(
    ("the", "these", "those", "another", "about", "around", "roughly", "nearly", "almost")
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words `[start, end)` and its readings; none: the word is unknown. `inner` is the next finer cut."""

    start: int
    end: int
    readings: tuple[Reading, ...]
    inner: tuple[Segment, ...] = ()


def quantities(language: Language, words: Sequence[str], at: int) -> list[tuple[int, Reading]]:
    """A number, or a duration in minutes, that begins at `at`: where it ends and its reading."""
    writing = language.writing
    if words[at] in writing.before_durations and at + 1 < len(words):
        return [found for found in _quantity(writing, words, at, at + 1) if found[1].kind == "duration"]
    return _quantity(writing, words, at, at)


def _quantity(writing: Writing, words: Sequence[str], start: int, at: int) -> list[tuple[int, Reading]]:
    """The number at `at`, and with a unit of time after it the duration that begins at `start` ("about two hours")."""
    word = words[at]
    if word in writing.numbers:
        number = writing.numbers[word]
    elif word[0].isascii() and word[0].isdigit() and _is_number(word):
        number = float(word.replace(",", "."))
    else:
        return []
    out = [] if word in writing.articles else [(at + 1, Reading("number", word, number))]
    unit = at + 1
    while unit < min(len(words), at + 3) and words[unit] in writing.between:
        number = writing.between[words[unit]] or number
        unit += 1
    if unit < len(words) and words[unit] in writing.durations:
        text = " ".join(words[start : unit + 1])
        out.append((unit + 1, Reading("duration", text, number * writing.durations[words[unit]])))
    return out


def _is_number(word: str) -> bool:
    try:
        float(word.replace(",", "."))
    except ValueError:
        return False
    return True


class Cut:
    """Cuts a list of words into segments: as few as possible, so that longer phrases win over their parts."""

    def __init__(self, language: Language, words: Sequence[str]) -> None:
        self._words = words
        self._matches: list[list[tuple[int, tuple[Reading, ...]]]] = []
        self._kept: dict[tuple[int, int], tuple[Segment, ...]] = {}
        for at in range(len(words)):
            found = dict(language.trie.matches(words, at))
            for end, reading in quantities(language, words, at):
                found[end] = (*found.get(end, ()), reading)
            self._matches.append(sorted(found.items()))

    def segments(self, start: int, end: int, whole: bool = True) -> tuple[Segment, ...]:
        """The cut of the words `[start, end)`; with `whole` false, the run as one segment is left out of account."""
        if not whole:
            return self._cut(start, end, whole)
        if (start, end) not in self._kept:
            self._kept[(start, end)] = self._cut(start, end, whole)
        return self._kept[(start, end)]

    def _cut(self, start: int, end: int, whole: bool) -> tuple[Segment, ...]:
        best: list[tuple[int, int, tuple[Reading, ...]]] = [(0, end, ())] * (end - start + 1)
        for at in range(end - 1, start - 1, -1):
            choice: tuple[int, int, tuple[Reading, ...]] = (_UNKNOWN_COST + best[at + 1 - start][0], at + 1, ())
            for stop, readings in self._matches[at]:
                if stop > end or (not whole and at == start and stop == end):
                    continue
                named = stop - at > 1 and any(reading.kind == "thing" for reading in readings)
                cost = _SEGMENT_COST - (_NAME_BONUS if named else 0) + best[stop - start][0]
                if cost < choice[0] or (cost == choice[0] and stop > choice[1]):
                    choice = (cost, stop, readings)
            best[at - start] = choice
        out: list[Segment] = []
        at = start
        while at < end:
            _, stop, readings = best[at - start]
            inner = self.segments(at, stop, whole=False) if stop - at > 1 and readings else ()
            if any(not segment.readings for segment in inner):
                inner = ()
            out.append(Segment(at, stop, readings, inner))
            at = stop
        return tuple(out)
