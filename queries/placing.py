"""Placing: which of the things that a text names fills which slot of a question file already chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.terms import ID, KG
from queries.context import Text
from queries.filling import Fillable, Filling
from queries.lexicon import Lexicon
from queries.reading import Segment
from queries.template import Frame, SlotSpec, Template
from queries.trie import Reading

#: A thing of these classes that a question names and its file has no place for changes what is asked.
MUST_BE_PLACED: Final = frozenset((f"{KG}Drug", f"{KG}DrugClass", f"{KG}Condition"))
#: Ways to fill the slots that are tried.
MOST_WAYS: Final = 6
_FILLS: Final = frozenset(("thing", "duration", "number"))


@dataclass(frozen=True, slots=True)
class _Way:
    """Slots filled so far, and the words taken for them."""

    slots: dict[str, Filling]
    taken: frozenset[tuple[int, int]]

    def has(self, run: Segment) -> bool:
        """Whether some of a run's words are taken."""
        return any(start < run.end and run.start < end for start, end in self.taken)


@dataclass(frozen=True, slots=True)
class Named:
    """The runs of words of a text that ask and that tell."""

    asked: tuple[Segment, ...]
    told: tuple[Segment, ...]


def named(text: Text) -> Named:
    """The runs of words of a text."""
    asking = [s for s in text.sentences if s.asks] or list(text.sentences[-1:])
    asked = [g for s in asking for g in text.segments(s.first, s.last)]
    told = [g for s in text.sentences if s not in asking for g in text.segments(s.first, s.last)]
    return Named(tuple(asked), tuple(told))


class Placing:
    """Fills slots with what a text names. Immutable, safe to share between threads."""

    def __init__(self, lexicon: Lexicon, fillable: Fillable, topic: str | None) -> None:
        self._lexicon = lexicon
        self._fillable = fillable
        self._topic = topic

    def places(self, template: Template, runs: Named) -> list[dict[str, Filling]]:
        """The ways to fill the slots, the likeliest first: in the order of the words that ask, then from what is told,
        the latest first. None when a slot stays empty or a thing that must have a place has none."""
        ways: list[_Way] = [_Way({}, frozenset())]
        for name, slot in template.slots.items():
            if not slot.topic:
                ways = [fuller for way in ways for fuller in self._fuller(way, name, slot, runs, template)][:MOST_WAYS]
        known = {_full(name) for frame in template.frames for name in _things_of(frame)}
        return [slots for way in ways for slots in self._with_topic(template, runs, way, known)]

    def _fuller(self, way: _Way, name: str, slot: SlotSpec, runs: Named, template: Template) -> Iterator[_Way]:
        """The ways on over one slot: with each thing that fits, or without, if there is none and it is optional."""
        fitting = self._fitting(way, slot, runs, template.topic_slot is None)
        yield from (_Way({**way.slots, name: f}, way.taken | {f.words or (0, 0)}) for f in fitting)
        if not fitting and slot.optional:
            yield way

    def _fitting(self, way: _Way, slot: SlotSpec, runs: Named, topic_too: bool) -> list[Filling]:
        """What fits a slot: of what asks, else of what is told, and last the topic, where it has no slot of its own."""
        used = {filling.reading for filling in way.slots.values()}
        for topic in (False, True) if topic_too else (False,):
            for group in (runs.asked, tuple(reversed(runs.told))):
                fitting = [
                    Filling(reading, (run.start, run.end))
                    for run in (*group, *(finer for run in group for finer in run.inner))
                    if not way.has(run)
                    for reading in sorted(run.readings, key=_order)
                    if reading.kind in _FILLS
                    and (reading.name == self._topic) == topic
                    and reading not in used
                    and self._fillable.takes(slot, reading)
                ]
                if fitting:
                    return fitting
        return []

    def _with_topic(self, template: Template, runs: Named, way: _Way, known: set[str]) -> Iterator[dict[str, Filling]]:
        """The slots with the topic in its place, or another thing where the question names that and not the topic."""
        left = [run for run in runs.asked if self._is_left(run, way)]
        name = template.topic_slot
        others: list[tuple[Filling | None, list[Segment]]] = [(None, left)]
        if name is not None and not self.names_topic(runs):
            taking = self._other(template.slots[name], left)
            if taking is not None:
                rest = [run for run in left if (run.start, run.end) != taking.words]
                spoken_of = taking.reading.name in known
                others = [(None, left), (taking, rest)] if spoken_of else [(taking, rest)]
        for other, rest in others:
            slots = dict(way.slots)
            if any(self._must_be_placed(run, known) for run in rest):
                continue
            if name is not None:
                if other is not None:
                    slots[name] = other
                elif self._topic is not None:
                    slots[name] = Filling(Reading("thing", self._topic))
                elif not template.slots[name].optional:
                    continue
            yield slots

    def _other(self, slot: SlotSpec, left: Sequence[Segment]) -> Filling | None:
        """What is left over and takes the topic's place."""
        for run in left:
            for reading in sorted(run.readings, key=_order):
                if reading.kind == "thing" and self._fillable.takes(slot, reading):
                    return Filling(reading, (run.start, run.end))
        return None

    def _is_left(self, run: Segment, way: _Way) -> bool:
        """Whether words name nothing but a thing that no slot has taken, and not the topic."""
        if way.has(run) or not run.readings:
            return False
        things = [reading for reading in run.readings if reading.kind != "topic"]
        return bool(things) and all(r.kind == "thing" and r.name != self._topic for r in things)

    def names_topic(self, runs: Named) -> bool:
        """Whether a text names the topic."""
        return any(reading.name == self._topic for run in (*runs.asked, *runs.told) for reading in run.readings)

    def _must_be_placed(self, run: Segment, known: set[str]) -> bool:
        """Whether words name what must have a place, and the question file's frames do not speak of it."""
        if any(reading.kind == "topic" for reading in run.readings):
            return False
        names = [reading.name for reading in run.readings if reading.name not in known]
        return any(not MUST_BE_PLACED.isdisjoint(self._lexicon.things[name].classes) for name in names)


def _order(reading: Reading) -> tuple[str, str]:
    """The same order of meanings wherever the names of things are kept."""
    return reading.kind, reading.name


def _things_of(frame: Frame) -> Iterator[str]:
    """The things that a frame names, as `id:Name`."""
    for options in (*frame.concepts, frame.allows):
        yield from (name for name in options if ":" in name)


def _full(name: str) -> str:
    return ID + name.removeprefix("id:")
