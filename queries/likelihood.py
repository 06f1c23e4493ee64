"""Likelihood: whether a text reports a finding, learned from texts that do and texts that only sound like it.

Cues that stand together (`queries.reports`) find what was foreseen; people say it in more ways than anybody foresees.
The table (`language/en.reports.tsv`, in the form of `queries.evidence`) was learned from reports, each with its
finding, and from harmless, denied, past, figurative and ordinary texts. It adds to what cues find and, where nobody
asks anything, takes back what it is sure was not meant.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

from kg.terms import ID
from queries.evidence import NONE, Evidence

#: The share of all findings together from which on a text reports one.
LIKELY: Final = 0.6
#: Beside the likeliest finding, those that have so much of its share.
ALSO: Final = 0.5
#: The share below which cues that stand together meant something else.
UNLIKELY: Final = 0.05
#: The length of every vector of features; words longer than BEGINNING also count by their beginning.
LENGTH: Final = 6.0
BEGINNING: Final = 4


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely a text reports any finding, between 0 and 1, and the findings that it is likely to report."""

    share: float
    findings: tuple[str, ...]


class Likelihood:
    """Judges texts. Immutable, safe to share between threads."""

    def __init__(self, evidence: Evidence, findings: Container[str]) -> None:
        self._evidence = evidence
        self._findings = findings
        self.learned = frozenset(ID + name for name in evidence.classes if name != NONE)

    def of(self, words: Sequence[str]) -> Likely:
        """What a text is likely to report."""
        shares = self._evidence.shares(features(words))
        share = 1.0 - shares.pop(NONE, 0.0)
        if share < LIKELY:
            return Likely(share, ())
        named = {ID + name: part for name, part in shares.items() if ID + name in self._findings}
        most = max(named.values(), default=0.0)
        found = sorted((part, name) for name, part in named.items() if part >= ALSO * most)
        return Likely(share, tuple(name for _, name in reversed(found)))


def features(words: Sequence[str]) -> dict[str, float]:
    """The features of a text: its words, their beginnings, and two and three words side by side or apart."""
    names = dict.fromkeys(_names(words))
    weight = LENGTH / sqrt(len(names)) if names else 0.0
    return dict.fromkeys(names, weight)


def _names(words: Sequence[str]) -> Iterator[str]:
    within = ["^", *words, "$"]
    for word in words:
        yield f"w:{word}"
        if len(word) > BEGINNING:
            yield f"s:{word[:BEGINNING]}"
    yield from (f"b:{one}_{two}" for one, two in pairwise(within))
    yield from (f"d:{one}_{two}" for one, two in zip(words, words[2:], strict=False))
    yield from (f"t:{one}_{two}_{three}" for one, two, three in zip(within, within[1:], within[2:], strict=False))
