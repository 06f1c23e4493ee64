"""The grammar: all phrasings of the catalogue as one automaton over words, with edges for slots.

The phrasings become one non-deterministic automaton; sets of its states are made deterministic as texts need them and
kept, so that after the first questions a step is one look-up. (hassil walks every sentence for every text; 400 phrasings
took it milliseconds.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from queries.frames import Filling
from queries.lexicon import Lexicon
from queries.phrases import Choice, Node, PhraseError, Text, parse, slots_of
from queries.phrases import Sequence as Parts
from queries.phrases import Slot as SlotNode
from queries.template import Phrasing, QuestionFileError, SlotSpec, Template
from queries.trie import Reading
from queries.vocabulary import Language
from queries.reading import quantities


@dataclass(slots=True)
class _State:
    """A state of the non-deterministic automaton."""

    words: dict[str, list[int]] = field(default_factory=dict)
    slots: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    accepts: tuple[str, Phrasing] | None = None


class Match(NamedTuple):
    """A sentence of the catalogue that a text is, word for word."""

    template: Template
    phrasing: Phrasing
    slots: Mapping[str, Filling]


class _Run(NamedTuple):
    states: frozenset[int]
    slots: tuple[tuple[tuple[str, str], Filling], ...]


class Grammar:
    """All phrasings, compiled. Safe to share between threads: its memory of sets only ever gains equal entries."""

    def __init__(self, templates: Iterable[Template], language: Language, lexicon: Lexicon) -> None:
        self._templates = {template.id: template for template in templates}
        self._language = language
        self._lexicon = lexicon
        self._states = [_State()]
        for template in self._templates.values():
            for phrasing in template.phrasings:
                self._add(template, phrasing)
        self._start = self._close([0])
        self.words = frozenset(word for state in self._states for word in state.words)
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._slots: dict[frozenset[int], tuple[tuple[tuple[str, str], frozenset[int]], ...]] = {}

    def _add(self, template: Template, phrasing: Phrasing) -> None:
        try:
            node = parse(phrasing.text, self._language.writing.texts)
        except PhraseError as error:
            raise QuestionFileError(f"{template.id}.rq", 1, "phrasings", str(error)) from error
        for name in slots_of(node):
            if name not in template.slots:
                raise QuestionFileError(f"{template.id}.rq", 1, "phrasings", f"{{{name}}} is no slot, in {phrasing.text!r}")
        start, end = self._new(), self._new()
        self._states[0].empty.append(start)
        self._link(node, start, end, template.id)
        self._states[end].accepts = (template.id, phrasing)

    def _new(self) -> int:
        self._states.append(_State())
        return len(self._states) - 1

    def _link(self, node: Node, start: int, end: int, template: str) -> None:
        if isinstance(node, Text):
            self._states[start].words.setdefault(node.word, []).append(end)
        elif isinstance(node, SlotNode):
            self._states[start].slots.setdefault((template, node.name), []).append(end)
        elif isinstance(node, Choice):
            for option in node.options:
                self._link(option, start, end, template)
        elif isinstance(node, Parts):
            at = start
            for part in node.parts:
                after = self._new()
                self._link(part, at, after, template)
                at = after
            self._states[at].empty.append(end)

    def _close(self, states: Iterable[int]) -> frozenset[int]:
        todo = list(states)
        seen: set[int] = set()
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo.extend(self._states[state].empty)
        return frozenset(seen)

    def _step(self, states: frozenset[int], word: str) -> frozenset[int]:
        known = self._steps.get((states, word))
        if known is None:
            known = self._close(n for s in states for n in self._states[s].words.get(word, ()))
            if known:
                self._steps[(states, word)] = known
        return known

    def _open(self, states: frozenset[int]) -> tuple[tuple[tuple[str, str], frozenset[int]], ...]:
        """The slots that may begin in these states, and the states after each."""
        known = self._slots.get(states)
        if known is None:
            after: dict[tuple[str, str], list[int]] = {}
            for state in sorted(states):
                for slot, ends in self._states[state].slots.items():
                    after.setdefault(slot, []).extend(ends)
            known = self._slots[states] = tuple((slot, self._close(ends)) for slot, ends in after.items())
        return known

    def matches(self, words: Sequence[str]) -> list[Match]:
        """The catalogue's sentences that these words are, in the catalogue's order."""
        runs: list[list[_Run]] = [[] for _ in range(len(words) + 1)]
        runs[0].append(_Run(self._start, ()))
        for at, word in enumerate(words):
            readings: list[tuple[int, Reading]] | None = None
            for run in runs[at]:
                states = self._step(run.states, word)
                if states:
                    runs[at + 1].append(_Run(states, run.slots))
                opened = self._open(run.states)
                if opened and readings is None:
                    readings = self._readings(words, at)
                for slot, after in opened:
                    for end, reading in readings or ():
                        if self._takes(slot, reading):
                            filled = (*run.slots, (slot, Filling(reading, (at, end))))
                            runs[end].append(_Run(after, filled))
        return list(self._accepted(runs[-1]))

    def _readings(self, words: Sequence[str], at: int) -> list[tuple[int, Reading]]:
        found = [(end, r) for end, readings in self._language.trie.matches(words, at) for r in readings if r.kind == "thing"]
        return [*found, *quantities(self._language, words, at)]

    def _takes(self, slot: tuple[str, str], reading: Reading) -> bool:
        spec: SlotSpec = self._templates[slot[0]].slots[slot[1]]
        if reading.kind != "thing":
            return spec.type == reading.kind
        return any(kind in self._lexicon.things[reading.name].classes for kind in spec.classes)

    def _accepted(self, runs: Iterable[_Run]) -> Iterator[Match]:
        for run in runs:
            for state in sorted(run.states):
                accepts = self._states[state].accepts
                if accepts is not None:
                    template, phrasing = accepts
                    slots = {name: filling for (owner, name), filling in run.slots if owner == template}
                    if len(slots) == len(run.slots):
                        yield Match(self._templates[template], phrasing, slots)
