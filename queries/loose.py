"""Phrasings read loosely: fillers may be left out or put in, and a word may stand for another of its concept.

Where the grammar wants the sentence word for word, this wants its content in the same order and nothing else
besides: a run of words that is neither a filler nor of the content is never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from threading import Lock
from typing import Final, NamedTuple

from queries.automaton import Automaton, Edge, States
from queries.filling import Fillable, Filling
from queries.phrases import Choice, Lattice, Node, Slot, Text
from queries.phrases import Sequence as Parts
from queries.reading import Segment
from queries.template import Phrasing, Template
from queries.trie import EMPTY, Reading
from queries.vocabulary import Language

#: Ways followed at the same time through the phrasings; a text that needs more is too vague to be one of them.
MOST_WAYS: Final = 64
#: How many words of a phrasing may make up one concept.
LONGEST: Final = 5
_CONCEPT: Final = "\0"


class Loose(NamedTuple):
    """A phrasing that a text comes down to, and how much of its content the text has (concepts, words and slots)."""

    template: Template
    phrasing: Phrasing
    slots: dict[str, Filling]
    content: int
    literal: int


class _Way(NamedTuple):
    states: States
    slots: tuple[tuple[Edge, Filling], ...]
    content: int
    literal: int


class LooseGrammar:
    """All phrasings, compiled for loose reading. Safe to share between threads."""

    def __init__(
        self,
        trees: Sequence[tuple[Template, Phrasing, Node]],
        language: Language,
        fillable: Fillable,
        topic: str | None,
    ) -> None:
        self._trees = trees
        self._templates = {template.id: template for template, _, _ in trees}
        self._language = language
        self._fillable = fillable
        self._topic = topic
        self._built: Automaton[tuple[str, Phrasing]] | None = None
        self._building = Lock()
        self._origin = self

    def about(self, topic: str) -> LooseGrammar:
        """The same phrasings for questions that are about another condition; they are compiled once for all."""
        other = copy(self)
        other._topic = topic
        return other

    @property
    def _automaton(self) -> Automaton[tuple[str, Phrasing]]:
        """The automaton, compiled when first needed: most questions never come here, and the start must be quick."""
        if self is not self._origin:
            return self._origin._automaton
        if self._built is None:
            with self._building:
                if self._built is None:
                    automaton: Automaton[tuple[str, Phrasing]] = Automaton()
                    for template, phrasing, node in self._trees:
                        automaton.add(self._loosened(node, template), (template.id, phrasing), template.id)
                    self._built = automaton
        return self._built

    def _loosened(self, node: Node, template: Template) -> Node:
        """The phrase with fillers optional and each run of words also given as its concepts."""
        if isinstance(node, Choice):
            return Choice(tuple(self._loosened(option, template) for option in node.options))
        if isinstance(node, Slot):
            topic = template.slots[node.name].topic
            return Choice((node, Parts(()))) if topic else node
        if isinstance(node, Text):
            return self._run([node.word])
        out: list[Node] = []
        run: list[str] = []
        for part in (*node.parts, None) if isinstance(node, Parts) else ():
            if isinstance(part, Text):
                run.append(part.word)
                continue
            if run:
                out.append(self._run(run))
                run = []
            if part is not None:
                out.append(self._loosened(part, template))
        return Parts(tuple(out))

    def _run(self, words: Sequence[str]) -> Lattice:
        """A run of plain words, each stretch of it also as its concepts, or absent where it is a filler."""
        arcs: list[tuple[int, int, str | None]] = []
        for start, word in enumerate(words):
            arcs.append((start, start + 1, word))
            for end, readings in self._language.trie.matches(words[: start + LONGEST], start):
                arcs.extend((start, end, _CONCEPT + r.name) for r in readings if r.kind == "concept")
                if any(r.kind in EMPTY for r in readings) and not any(r.kind == "concept" for r in readings):
                    arcs.append((start, end, None))
        return Lattice(len(words), tuple(arcs))

    def matches(self, segments: Sequence[Segment], texts: Sequence[str]) -> list[Loose]:
        """The phrasings that the segments come down to, those with most content first."""
        automaton = self._automaton
        ways = [_Way(automaton.start, (), 0, 0)]
        for segment in segments:
            after: dict[tuple[States, tuple[tuple[Edge, Filling], ...]], _Way] = {}
            for way in ways:
                for following in self._follow(way, segment, texts):
                    key = (following.states, following.slots)
                    if key not in after or after[key][2:] < following[2:]:
                        after[key] = following
            ways = sorted(after.values(), key=lambda way: way[2:], reverse=True)[:MOST_WAYS]
        found = []
        for way in ways:
            for id, phrasing in automaton.accepted(way.states):
                slots = {name: filling for (owner, name), filling in way.slots if owner == id}
                if len(slots) == len(way.slots):
                    found.append(Loose(self._templates[id], phrasing, slots, way.content, way.literal))
        return sorted(found, key=lambda match: (match.content, match.literal), reverse=True)

    def _follow(self, way: _Way, segment: Segment, texts: Sequence[str]) -> Iterable[_Way]:
        """The ways on over one segment."""
        for reading in segment.readings:
            if reading.kind in EMPTY:
                yield way
            elif reading.kind == "concept":
                states = self._automaton.step(way.states, _CONCEPT + reading.name)
                if states:
                    yield _Way(states, way.slots, way.content + 1, way.literal)
            else:
                if reading.name == self._topic:
                    yield way
                yield from self._fill(way, segment, reading)
        states = way.states
        for word in texts[segment.start : segment.end]:
            states = self._automaton.step(states, word)
        if states:
            says = 1 if _says(segment) else 0
            yield _Way(states, way.slots, way.content + says, way.literal + says)

    def _fill(self, way: _Way, segment: Segment, reading: Reading) -> Iterable[_Way]:
        takes = self._fillable.slots(reading)
        for slot, states in self._automaton.open(way.states):
            if slot in takes:
                filling = Filling(reading, (segment.start, segment.end))
                yield _Way(states, (*way.slots, (slot, filling)), way.content + 1, way.literal)


def _says(segment: Segment) -> bool:
    """Whether a segment is no mere filler."""
    return not any(reading.kind in EMPTY for reading in segment.readings)
