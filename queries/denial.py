"""Denial: whether a sentence says that a finding is absent.

Two kinds, for they reach differently. "no numbness, weakness or tingling" denies a list; "not" denies
what it touches ("is not numb"), and "can not sleep, my leg is numb" denies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from queries.cues import Cue
from queries.sentences import Sentence

#: How many words a denial reaches forwards, and how near behind a finding a bare "no" or "none" must stand.
REACH: Final = 6
BEHIND: Final = 2

Found = Mapping[str, Sequence[Cue]]


class Denials:
    """The denials of one sentence. Made once a sentence; each question to it costs a few words' look."""

    def __init__(
        self, texts: Sequence[str], sentence: Sentence, found: Found, candidates: Sequence[Sequence[Cue]]
    ) -> None:
        self._sentence = sentence
        self._no = _starts(found, "denial.no")
        self._not = _starts(found, "denial.not")
        self._after = _starts(found, "denial.after")
        self._reset = _starts(found, "denial.reset")
        self._subject = _starts(found, "denial.subject")
        self._light = _words(found, ["denial.transparent"])
        # What reports a finding denies none ("no feeling"), and is what a denied list is made of.
        self._said = {n for parts in candidates for part in parts for n in range(part.start, part.end)}
        self._said |= _words(found, sorted({part.name for parts in candidates for part in parts}))
        self._covered = self._said | _words(found, ["denial.no_denial", "denial.can_not"])
        self._clauses = {first for first, _ in sentence.clauses} | {
            at for at in range(sentence.first, sentence.last) if texts[at] == "and"
        }

    def deny(self, parts: Sequence[Cue]) -> bool:
        """Whether a denial reaches the finding that these cues report."""
        starts = sorted(part.start for part in parts)
        end = max(part.end for part in parts)
        for at in range(max(self._sentence.first, starts[0] - REACH), starts[-1]):
            if at in self._covered:
                continue
            target = next(start for start in starts if start > at)
            if at in self._no and self._list_goes_on(at, target, end):
                return True
            if at in self._not and all(n in self._light or n in self._said for n in range(at + 1, target)):
                return True
        return self._denied_behind(end)

    def _list_goes_on(self, at: int, target: int, end: int) -> bool:
        """Whether "no" at a place still holds at the finding: nothing turns it, and no new statement has begun."""
        if target - at > REACH or any(n in self._reset for n in range(at + 1, target)):
            return False
        borders = [n for n in range(at + 1, target + 1) if n in self._clauses]
        if not borders:
            return True
        if any(n in self._subject for n in range(borders[-1], end)):
            return False
        return any(n in self._said for n in range(at + 1, borders[0]))

    def _denied_behind(self, end: int) -> bool:
        """Whether "no" or "none" stands right behind the finding and ends the sentence or its clause."""
        for at in range(end, min(end + BEHIND, self._sentence.last)):
            if at in self._after and at not in self._covered:
                stop = self._after[at]
                return stop == self._sentence.last or stop in self._clauses
        return False


def _starts(found: Found, name: str) -> dict[int, int]:
    """Where the phrases of a list begin, and where the longest of each ends."""
    return {cue.start: cue.end for cue in found.get(name, ())}


def _words(found: Found, names: Sequence[str]) -> set[int]:
    return {n for name in names for cue in found.get(name, ()) for n in range(cue.start, cue.end)}
