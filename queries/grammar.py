"""The grammar: all phrasings of the catalogue as one automaton over words, with edges for slots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from queries.automaton import Automaton, Edge, States
from queries.filling import Fillable, Filling
from queries.phrases import Node, PhraseError, parse, slots_of
from queries.reading import quantities
from queries.template import Phrasing, QuestionFileError, Template
from queries.trie import Reading
from queries.vocabulary import Language
from queries.words import Writing


class Match(NamedTuple):
    """A sentence of the catalogue that a text is, word for word."""

    template: Template
    phrasing: Phrasing
    slots: Mapping[str, Filling]


class _Run(NamedTuple):
    states: States
    slots: tuple[tuple[Edge, Filling], ...]


class Phrasings:
    """All phrasings of a catalogue, compiled; they name no thing, and so are the same over every graph."""

    def __init__(self, templates: Iterable[Template], writing: Writing) -> None:
        self.templates = {template.id: template for template in templates}
        self.automaton: Automaton[tuple[str, Phrasing]] = Automaton()
        #: Every phrasing with its tree, for other ways to read them.
        self.trees: list[tuple[Template, Phrasing, Node]] = []
        for template in self.templates.values():
            for phrasing in template.phrasings:
                self._add(template, phrasing, writing)

    def _add(self, template: Template, phrasing: Phrasing, writing: Writing) -> None:
        file = f"{template.id}.rq"
        try:
            node = parse(phrasing.text, writing.texts)
        except PhraseError as error:
            raise QuestionFileError(file, 1, "phrasings", str(error)) from error
        for name in slots_of(node):
            if name not in template.slots:
                raise QuestionFileError(file, 1, "phrasings", f"{{{name}}} is no slot, in {phrasing.text!r}")
        self.automaton.add(node, (template.id, phrasing), template.id)
        self.trees.append((template, phrasing, node))


class Grammar:
    """The phrasings, read with the names of a graph. Safe to share between threads."""

    def __init__(self, phrasings: Phrasings, language: Language, fillable: Fillable) -> None:
        self._templates = phrasings.templates
        self._language = language
        self._fillable = fillable
        self._automaton = phrasings.automaton

    def matches(self, words: Sequence[str]) -> list[Match]:
        """The catalogue's sentences that these words are, in the catalogue's order."""
        automaton = self._automaton
        runs: list[list[_Run]] = [[] for _ in range(len(words) + 1)]
        runs[0].append(_Run(automaton.start, ()))
        for at, word in enumerate(words):
            readings: list[tuple[int, Reading]] | None = None
            for run in runs[at]:
                states = automaton.step(run.states, word)
                if states:
                    runs[at + 1].append(_Run(states, run.slots))
                opened = automaton.open(run.states)
                if opened and readings is None:
                    readings = self._readings(words, at)
                for slot, after in opened:
                    for end, reading in readings or ():
                        if slot in self._fillable.slots(reading):
                            runs[end].append(_Run(after, (*run.slots, (slot, Filling(reading, (at, end))))))
        return list(self._accepted(runs[-1]))

    def _readings(self, words: Sequence[str], at: int) -> list[tuple[int, Reading]]:
        found = [
            (end, r) for end, readings in self._language.trie.matches(words, at) for r in readings if r.kind == "thing"
        ]
        return [*found, *quantities(self._language, words, at)]

    def _accepted(self, runs: Iterable[_Run]) -> Iterator[Match]:
        for run in runs:
            for template, phrasing in self._automaton.accepted(run.states):
                slots = {name: filling for (owner, name), filling in run.slots if owner == template}
                if len(slots) == len(run.slots):
                    yield Match(self._templates[template], phrasing, slots)
