"""Many phrases as one automaton over words, with edges for slots.

The phrases become a non-deterministic automaton; sets of its states are made deterministic as texts need them and kept,
so that after the first questions a step is one look-up. (hassil walks every sentence for every text.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from queries.phrases import Choice, Lattice, Node, Sequence, Slot, Text

Accepted = TypeVar("Accepted")
States = frozenset[int]
#: A slot edge: who owns the slot, and its name.
Edge = tuple[str, str]
#: Steps kept; beyond, the memory is emptied and filled anew.
KEPT = 200_000


@dataclass(slots=True)
class _State(Generic[Accepted]):
    words: dict[str, list[int]] = field(default_factory=dict)
    slots: dict[Edge, list[int]] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    accepts: list[Accepted] = field(default_factory=list)


class Automaton(Generic[Accepted]):
    """Phrases, each with what it is accepted as. Filled while loading; then safe to share between threads, since its
    memory of sets only ever gains entries that are equal however often they are found."""

    def __init__(self) -> None:
        self._states: list[_State[Accepted]] = [_State()]
        self._steps: dict[tuple[States, str], States] = {}
        self._slots: dict[States, tuple[tuple[Edge, States], ...]] = {}
        self._found: dict[States, tuple[Accepted, ...]] = {}
        self.words: set[str] = set()
        self._first: States | None = None

    def add(self, node: Node, accepted: Accepted, owner: str = "") -> None:
        """Enter one phrase."""
        start, end = self._new(), self._new()
        self._states[0].empty.append(start)
        self._link(node, start, end, owner)
        self._states[end].accepts.append(accepted)
        self._first = None

    @property
    def start(self) -> States:
        """The states before the first word."""
        if self._first is None:
            self._first = self._close([0])
        return self._first

    def step(self, states: States, word: str) -> States:
        """The states after one more word; empty when no phrase goes on so."""
        key = (states, word)
        known = self._steps.get(key)
        if known is None:
            if word not in self.words:
                return frozenset()
            known = self._close(after for state in states for after in self._states[state].words.get(word, ()))
            if len(self._steps) > KEPT:
                self._steps.clear()
            self._steps[key] = known
        return known

    def open(self, states: States) -> tuple[tuple[Edge, States], ...]:
        """The slots that may begin in these states, and the states after each."""
        known = self._slots.get(states)
        if known is None:
            after: dict[Edge, list[int]] = {}
            for state in sorted(states):
                for slot, ends in self._states[state].slots.items():
                    after.setdefault(slot, []).extend(ends)
            known = self._slots[states] = tuple((slot, self._close(ends)) for slot, ends in after.items())
        return known

    def accepted(self, states: States) -> tuple[Accepted, ...]:
        """What the phrases that end in these states are accepted as, in the order they were entered."""
        known = self._found.get(states)
        if known is None:
            known = self._found[states] = tuple(one for state in sorted(states) for one in self._states[state].accepts)
        return known

    def _new(self) -> int:
        self._states.append(_State())
        return len(self._states) - 1

    def _link(self, node: Node, start: int, end: int, owner: str) -> None:
        if isinstance(node, Text):
            self._states[start].words.setdefault(node.word, []).append(end)
            self.words.add(node.word)
        elif isinstance(node, Slot):
            self._states[start].slots.setdefault((owner, node.name), []).append(end)
        elif isinstance(node, Lattice):
            places = [start, *(self._new() for _ in range(node.last - 1)), end]
            for before, after, word in node.arcs:
                if word is None:
                    self._states[places[before]].empty.append(places[after])
                else:
                    self._states[places[before]].words.setdefault(word, []).append(places[after])
                    self.words.add(word)
        elif isinstance(node, Choice):
            for option in node.options:
                self._link(option, start, end, owner)
        elif isinstance(node, Sequence):
            at = start
            for part in node.parts:
                after = self._new()
                self._link(part, at, after, owner)
                at = after
            self._states[at].empty.append(end)

    def _close(self, states: Iterable[int]) -> States:
        todo = list(states)
        seen: set[int] = set()
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo.extend(self._states[state].empty)
        return frozenset(seen)
