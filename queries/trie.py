"""Known phrases and their readings: which of them begin at a place of a text, found in one walk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from queries.automaton import Automaton
from queries.phrases import Node, expand, parse, size
from queries.phrases import Speller as Spell

#: A phrase that writes out into more sequences than this goes into the automaton instead.
WRITTEN_OUT: Final = 64
_PLAIN: Final = frozenset("[](){}|")


class Reading(NamedTuple):
    """What a run of words can mean: `concept`, `filler`, `thing`, or `duration` and `number` with a value."""

    kind: str
    name: str
    value: float = 0.0


#: Kinds of readings that say nothing: fillers, words that say again what the topic is, and scenery ("in the kitchen"),
#: which is a filler only where the topic or another thing is named.
EMPTY: Final = ("filler", "topic", "scene")

Found = list[tuple[int, tuple[Reading, ...]]]


@dataclass(slots=True)
class _Node:
    after: dict[str, _Node] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()


class Phrases(Protocol):
    """Phrases and their readings that are kept somewhere else. Safe to share between threads."""

    @property
    def words(self) -> set[str]: ...

    def matches(self, words: Sequence[str], start: int) -> Found: ...

    def made_of(self, words: Collection[str]) -> Iterator[tuple[str, ...]]: ...


class Trie:
    """Phrases and their readings. Filled while loading, then only read: safe to share between threads.

    `bases` are others whose phrases are found as well, before its own.
    """

    def __init__(self, *bases: Phrases) -> None:
        self._bases = bases
        self._root = _Node()
        self._patterns: Automaton[Reading] = Automaton()
        self._with_pattern = False
        self._words: set[str] = set()

    @property
    def words(self) -> set[str]:
        """All words of the phrases."""
        own = self._words | self._patterns.words
        return own.union(*(base.words for base in self._bases))

    def add(self, words: Sequence[str], reading: Reading) -> None:
        """Enter one run of words."""
        node = self._root
        for word in words:
            found = node.after.get(word)
            if found is None:
                found = node.after[word] = _Node()
            node = found
        if reading not in node.readings:
            node.readings = (*node.readings, reading)
        self._words.update(words)

    def add_phrase(self, phrase: str, reading: Reading, spell: Spell) -> None:
        """Enter a phrase in the sentence syntax.

        Raises: PhraseError.
        """
        if _PLAIN.isdisjoint(phrase):  # Nine in ten; a tree for each would double the start.
            words = [word for piece in phrase.split() for word in spell(piece)]
            if words:
                self.add(words, reading)
            return
        self.add_node(parse(phrase, spell), reading)

    def add_node(self, node: Node, reading: Reading) -> None:
        """Enter a parsed phrase: written out when that is little, else as part of the automaton."""
        if size(node) > WRITTEN_OUT:
            self._patterns.add(node, reading)
            self._with_pattern = True
            return
        for words in expand(node):
            if words:
                self.add(words, reading)

    def matches(self, words: Sequence[str], start: int) -> Found:
        """The phrases that begin at `start`: where each ends, and its readings, shortest first."""
        out: Found = []
        node = self._root
        for at in range(start, len(words)):
            after = node.after.get(words[at])
            if after is None:
                break
            node = after
            if node.readings:
                out.append((at + 1, node.readings))
        if self._with_pattern:
            out = self._with_patterns(out, words, start)
        for base in reversed(self._bases):
            out = _merged(base.matches(words, start), out)
        return out

    def _with_patterns(self, found: Found, words: Sequence[str], start: int) -> Found:
        states = self._patterns.start
        more: dict[int, tuple[Reading, ...]] = {}
        for at in range(start, len(words)):
            states = self._patterns.step(states, words[at])
            if not states:
                break
            accepted = self._patterns.accepted(states)
            if accepted:
                more[at + 1] = accepted
        return _merged(found, list(more.items()))

    def made_of(self, words: Collection[str]) -> Iterator[tuple[str, ...]]:
        """The plain phrases that have no other words than these; none twice."""
        found = {tuple(run) for run in _runs(self._root, words, [])}
        return iter(found.union(*(base.made_of(words) for base in self._bases)))

    def readings(self, words: Sequence[str]) -> tuple[Reading, ...]:
        """The readings of exactly these words."""
        return next((readings for end, readings in self.matches(words, 0) if end == len(words)), ())


def _runs(node: _Node, words: Collection[str], before: list[str]) -> Iterator[list[str]]:
    """The phrases below a node whose words are all of these."""
    for word in words:
        after = node.after.get(word)
        if after is not None:
            run = [*before, word]
            if after.readings:
                yield run
            yield from _runs(after, words, run)


def _merged(found: Found, more: Found) -> Found:
    """What two collections have found at one place, by where it ends."""
    if not more or not found:
        return found or more
    ends = dict(found)
    for end, readings in more:
        ends[end] = tuple(dict.fromkeys((*ends.get(end, ()), *readings)))
    return sorted(ends.items())
