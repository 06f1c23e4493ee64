"""Known phrases and their readings: which of them begin at a place of a text, found in one walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

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


class Trie:
    """Phrases and their readings. Filled while loading, then only read: safe to share between threads."""

    def __init__(self) -> None:
        self._root = _Node()
        self._patterns: Automaton[Reading] = Automaton()
        self._with_pattern = False
        self._words: set[str] = set()

    @property
    def words(self) -> set[str]:
        """All words of the phrases."""
        return self._words | self._patterns.words

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
        return self._with_patterns(out, words, start) if self._with_pattern else out

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
        if not more:
            return found
        for end, readings in found:
            more[end] = tuple(dict.fromkeys((*readings, *more.get(end, ()))))
        return sorted(more.items())

    def readings(self, words: Sequence[str]) -> tuple[Reading, ...]:
        """The readings of exactly these words."""
        return next((readings for end, readings in self.matches(words, 0) if end == len(words)), ())
