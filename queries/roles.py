"""Roles: which part of a question fills which slot of a frame, and which meets which of its required concepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from queries.compiled import CompiledFrame
from queries.filling import Fillable, Filling
from queries.reading import Segment
from queries.trie import EMPTY, Reading

#: Steps after which the search for one frame's explanation gives up; a question of 60 words needs a few hundred.
MAX_STEPS: Final = 4000

#: A question's parts, each with the readings that a frame admits.
Parts = Sequence[tuple[Segment, list[Reading]]]


class Roles:
    """The search for the roles of one question's parts in one frame. It belongs to that question."""

    def __init__(
        self,
        frame: CompiledFrame,
        bits: Mapping[str, int],
        fillable: Fillable,
        topic: str | None,
        topic_named: bool,
    ) -> None:
        self._frame = frame
        self._bits = bits
        self._fillable = fillable
        self._topic = topic
        self._topic_named = topic_named
        self._steps = 0

    def find(self, parts: Parts) -> dict[str, Filling] | None:
        """What fills the slots when every part has a role and every required concept is met; else None."""
        slots: dict[str, Filling] = {}
        return slots if self._place(parts, 0, slots, list(self._frame.required)) else None

    def _place(
        self,
        parts: Parts,
        at: int,
        slots: dict[str, Filling],
        open_required: list[int],
    ) -> bool:
        """Give each part from `at` on a role, so that slots fill in order and every required concept is met."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            return False
        if at == len(parts):
            return not open_required
        options = parts[at][1]
        for reading in sorted(options, key=_preference) if len(options) > 1 else options:
            if reading.kind == "concept":
                bit = self._bits[reading.name]
                hit = next((mask for mask in open_required if mask & bit), None)
                rest = open_required
                if hit is not None:
                    rest = list(open_required)
                    rest.remove(hit)
                if self._place(parts, at + 1, slots, rest):
                    return True
            elif reading.kind in EMPTY:
                if self._place(parts, at + 1, slots, open_required):
                    return True
            elif self._place_thing(parts, at, slots, open_required, reading):
                return True
        return False

    def _place_thing(
        self,
        parts: Parts,
        at: int,
        slots: dict[str, Filling],
        open_required: list[int],
        reading: Reading,
    ) -> bool:
        frame = self._frame
        segment = parts[at][0]
        if any(filling.reading == reading for filling in slots.values()):
            return self._place(parts, at + 1, slots, open_required)
        is_topic = reading.name == self._topic
        for name in self._slot_order(is_topic):
            if name not in slots and self._fillable.takes(frame.template.slots[name], reading):
                slots[name] = Filling(reading, (segment.start, segment.end))
                if self._place(parts, at + 1, slots, open_required):
                    return True
                del slots[name]
        if is_topic or reading.name in frame.things:
            return self._place(parts, at + 1, slots, open_required)
        return False

    def _slot_order(self, is_topic: bool) -> list[str]:
        """The topic's own slot and no other for the topic; for anything else it is the last, or none with it named."""
        frame = self._frame
        topic = frame.template.topic_slot
        names = [name for name in frame.open_slots if name != topic]
        if topic is None:
            return names
        if is_topic:
            return [topic]
        return names if self._topic_named else [*names, topic]


def _preference(reading: Reading) -> int:
    return {"thing": 0, "duration": 0, "number": 1, "concept": 2}.get(reading.kind, 3)


def says(reading: Reading) -> bool:
    """Whether a reading says something: a run of words that has a meaning is never taken for mere fillers."""
    return reading.kind not in EMPTY


def concepts_in(segments: Sequence[Segment]) -> set[str]:
    """The names of all concepts that segments may mean, finer cuts included."""
    found = {reading.name for segment in segments for reading in segment.readings if reading.kind == "concept"}
    for segment in segments:
        if segment.inner:
            found |= concepts_in(segment.inner)
    return found
