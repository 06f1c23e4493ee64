"""Frames: free wordings in which every word is explained.

A frame fits when each segment of the question is a filler, a concept that the frame requires or allows, or a thing (or
value) that fills one of its slots or is the topic; when all required concepts and slots are there; and when nothing is
left over. Of all frames that fit, the most specific one answers; a tie between two questions is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.terms import KG
from queries.compiled import CompiledFrame, Concepts
from queries.filling import Fillable, Filling
from queries.lexicon import Lexicon
from queries.reading import Segment
from queries.roles import Parts, Roles, concepts_in, says
from queries.template import Frame, SlotSpec, Template
from queries.trie import EMPTY, Reading

#: The kinds of things that a text can be about; a question that follows one without naming the topic is about that one.
SUBJECTS: Final = frozenset({f"{KG}Condition", f"{KG}Treatment"})


@dataclass(frozen=True, slots=True)
class Fit:
    """A frame that explains a question, what fills its slots, and how specific it is."""

    template: Template
    frame: Frame
    slots: Mapping[str, Filling]
    score: tuple[int, ...]
    from_context: bool = False


class _Prepared(NamedTuple):
    """A segment for the quick look: its concepts, the slots it can fill, the things it names, and the reading that says
    nothing, if it has one; `anywhere`: it names the topic, or can be taken apart."""

    segment: Segment
    bits: int
    takes: set[tuple[str, str]]
    things: set[str]
    empty: Reading | None
    anywhere: bool
    may_stay: bool
    inner: tuple[_Prepared, ...]

    def says(self, frame: CompiledFrame) -> bool:
        """Whether the frame admits one of its meanings."""
        if self.bits & frame.allowed:
            return True
        return not (frame.edges.isdisjoint(self.takes) and frame.things.isdisjoint(self.things))


class Frames:
    """All frames of a catalogue, compiled once. Immutable, safe to share."""

    def __init__(
        self,
        templates: Iterable[Template],
        concepts: Iterable[str],
        lexicon: Lexicon,
        fillable: Fillable,
        topic: str | None,
        neutral: frozenset[str] = frozenset(),
    ) -> None:
        compiler = Concepts(concepts)
        self._bits = compiler.bits
        self._lexicon = lexicon
        self._fillable = fillable
        self._topic = topic
        self._frames = [
            compiler.compile(template, frame, order)
            for order, (template, frame) in enumerate((t, f) for t in templates for f in t.frames)
        ]
        self._by_bit: dict[int, list[CompiledFrame]] = {}
        self._neutral = neutral
        self._always = [frame for frame in self._frames if not frame.required]
        for compiled in self._frames:
            first = compiled.required[0] if compiled.required else 0
            for bit in self._bits.values():
                if bit & first:
                    self._by_bit.setdefault(bit, []).append(compiled)

    @property
    def topic(self) -> str | None:
        """The IRI of the one condition that all documents are about, if there is one."""
        return self._topic

    def about(self, topic: str) -> Frames:
        """The same frames for questions that are about another condition."""
        other = copy(self)
        other._topic = topic
        return other

    def with_topic(
        self, template: Template, slots: Mapping[str, Filling], instead: Sequence[Filling] = ()
    ) -> dict[str, Filling] | None:
        """The slots with the topic filled in where the question names none; None when a slot stays empty. Where the
        context is about something else (`instead`), that is the topic if the slot takes it, and nothing is if not."""
        filled = dict(slots)
        topic = template.topic_slot
        if topic is not None and topic not in filled and self._topic is not None:
            used = {filling.reading for filling in slots.values()}
            others = [filling.reading for filling in instead if filling.reading not in used]
            fitting = [reading for reading in others if self._fillable.takes(template.slots[topic], reading)]
            if not fitting and any(self._is_subject(reading) for reading in others):
                return None
            filled[topic] = Filling(fitting[-1] if fitting else Reading("thing", self._topic))
        if any(name not in filled and not slot.optional for name, slot in template.slots.items()):
            return None
        return filled

    def fits(self, segments: Sequence[Segment], given: Sequence[Filling] = (), spare: int = 0) -> list[Fit]:
        """The frames that explain these segments, the most specific first. `given` may fill slots that stay empty;
        `spare` segments that are nothing but concepts may stay unexplained."""
        bits = {self._bits[name] for name in concepts_in(segments)}
        found = sum(bits)
        candidates = {frame.order: frame for bit in bits for frame in self._by_bit.get(bit, ())}
        prepared = [self._prepare(segment) for segment in segments]
        out = []
        for frame in (*self._always, *candidates.values()):
            if all(mask & found for mask in frame.required) and self._may_fit(frame, prepared, spare):
                fit = self._fit(frame, prepared, given, spare)
                if fit is not None:
                    out.append((fit.score, -frame.order, fit))
        return [fit for _, _, fit in sorted(out, key=lambda entry: entry[:2], reverse=True)]

    def _prepare(self, segment: Segment) -> _Prepared:
        """What a segment may be, worked out once for all frames."""
        bits = 0
        takes: set[tuple[str, str]] = set()
        things: set[str] = set()
        empty: Reading | None = None
        for reading in segment.readings:
            if reading.kind in EMPTY:
                empty = empty or reading
            elif reading.kind == "concept":
                bits |= self._bits[reading.name]
            else:
                takes |= self._fillable.slots(reading)
                things.add(reading.name)
        anywhere = self._topic in things or bool(segment.inner)
        inner = tuple(self._prepare(finer) for finer in segment.inner)
        return _Prepared(segment, bits, takes, things, empty, anywhere, self._may_stay(segment), inner)

    def _may_fit(self, frame: CompiledFrame, prepared: Sequence[_Prepared], spare: int) -> bool:
        """A quick look whether a frame can explain all segments; most frames fail it."""
        for part in prepared:
            if part.empty is None and not part.anywhere and not part.says(frame):
                if not (spare and part.may_stay):
                    return False
                spare -= 1
        return True

    def _fit(
        self, frame: CompiledFrame, prepared: Sequence[_Prepared], given: Sequence[Filling], spare: int
    ) -> Fit | None:
        left: list[Segment] = []
        parts = self._parts(frame, prepared, left if spare else None)
        if parts is None or len(left) > spare:
            return None
        roles = Roles(frame, self._bits, self._fillable, self._topic, self._topic_named(parts))
        slots = roles.find(parts)
        if slots is None or not self._things_named(frame, parts):
            return None
        filled = len(slots)
        for name in frame.frame.slots:
            if name not in slots:
                filling = self._from_context(frame.template.slots[name], given, slots) if frame.required else None
                if filling is None:
                    return None
                slots[name] = filling
        completed = self.with_topic(frame.template, slots, self._topic_of(parts, given))
        if completed is None:
            return None
        if not self._anchored(frame, parts, slots, given):
            return None
        covered = sum(1 for segment, options in parts if any(r.kind == "thing" for r in options))
        needed = len(frame.required) + len(frame.needed_things)
        # A run of words that was taken apart to fit counts against the frame: another one may take it whole.
        score = (needed + len(slots) - len(left) - _broken(prepared, parts), needed, covered)
        return Fit(frame.template, frame.frame, completed, score, len(slots) > filled)

    def instead(self, segments: Sequence[Segment], given: Sequence[Filling]) -> list[Filling]:
        """What the context may have made the topic of a question that does not name the topic."""
        return self._topic_of([(segment, list(segment.readings)) for segment in segments], given)

    def _topic_of(self, parts: Parts, given: Sequence[Filling]) -> list[Filling]:
        """What the context may have made the topic: its things, where neither it nor the question names the topic."""
        topic = Reading("thing", self._topic or "")
        if any(filling.reading == topic for filling in given) or any(topic in readings for _, readings in parts):
            return []
        return [filling for filling in given if filling.reading.kind == "thing"]

    def _is_subject(self, reading: Reading) -> bool:
        """Whether a thing is something that people ask about, so that a question after it is about it."""
        thing = self._lexicon.things.get(reading.name)
        return thing is not None and not SUBJECTS.isdisjoint(thing.classes)

    def _anchored(
        self,
        frame: CompiledFrame,
        parts: Parts,
        slots: Mapping[str, Filling],
        given: Sequence[Filling],
    ) -> bool:
        """Whether the words are really about this: the topic is named, or two things are, or a required concept stands
        in a word that means nothing else ("do" and "have" also mean "can" and "get", and prove nothing)."""
        topic = Reading("thing", self._topic or "")
        if any(filling.reading == topic for filling in given) or len(slots) > 1:
            return True
        for segment, readings in parts:
            if topic in readings:
                return True
            if all(map(says, segment.readings)) and any(
                reading.kind == "concept" and self._bits[reading.name] & mask
                for reading in readings
                for mask in frame.required
            ):
                return True
        return bool(frame.needed_things)

    def _parts(
        self, frame: CompiledFrame, prepared: Sequence[_Prepared], left: list[Segment] | None
    ) -> list[tuple[Segment, list[Reading]]] | None:
        """The segments with the readings that this frame admits, finer cuts taken where a whole run has none; where
        `left` is given, what is only a concept may be left over there."""
        out: list[tuple[Segment, list[Reading]]] = []
        for part in prepared:
            segment = part.segment
            if part.empty is not None and not part.says(frame) and self._topic not in part.things:
                out.append((segment, [part.empty]))
                continue
            options = [reading for reading in segment.readings if self._admits(frame, reading)]
            if options:
                out.append((segment, options))
                continue
            finer = self._parts(frame, part.inner, None) if part.inner else None
            if finer is not None and any(says(reading) for _, readings in finer for reading in readings):
                out.extend(finer)
            elif left is not None and part.may_stay:
                left.append(segment)
            else:
                return None
        return out

    def _may_stay(self, segment: Segment) -> bool:
        """Whether a segment may be left over: it is nothing but concepts, and none of those that change a question."""
        readings = segment.readings
        return all(r.kind == "concept" for r in readings) and any(r.name in self._neutral for r in readings)

    def _admits(self, frame: CompiledFrame, reading: Reading) -> bool:
        if reading.kind in EMPTY:
            return True
        if reading.kind == "concept":
            return bool(self._bits[reading.name] & frame.allowed)
        if reading.kind == "thing" and (reading.name == self._topic or reading.name in frame.things):
            return True
        return not frame.edges.isdisjoint(self._fillable.slots(reading))

    def _topic_named(self, parts: Parts) -> bool:
        """Whether the question names the document's topic."""
        return any(
            reading.name == self._topic for _, readings in parts for reading in readings if reading.kind == "thing"
        )

    def _things_named(self, frame: CompiledFrame, parts: Parts) -> bool:
        """Whether the things that the frame requires by name are there. A frame names the condition of its slot's
        example where it means the topic, whichever that is."""
        there = {reading.name for _, options in parts for reading in options if reading.kind == "thing"}
        if self._topic in there and frame.template.topic_slot is not None:
            there.add(frame.template.slots[frame.template.topic_slot].example)
        return all(options & there for options in frame.needed_things)

    def _from_context(self, slot: SlotSpec, given: Sequence[Filling], slots: Mapping[str, Filling]) -> Filling | None:
        """The one thing of the context that fits an empty slot; None when there is none or a choice."""
        used = {filling.reading for filling in slots.values()}
        fresh = (f for f in given if f.reading not in used and (slot.topic or f.reading.name != self._topic))
        fitting = {filling.reading: filling for filling in fresh if self._fillable.takes(slot, filling.reading)}
        return next(iter(fitting.values())) if len(fitting) == 1 else None


def _broken(prepared: Sequence[_Prepared], parts: Parts) -> int:
    """How much was taken apart: a run of words counts one, the name of a thing two."""
    apart = [part for part in prepared if part.segment.inner]
    if not apart:
        return 0
    whole = {(segment.start, segment.end) for segment, _ in parts}
    taken = [part for part in apart if (part.segment.start, part.segment.end) not in whole]
    return sum(2 if part.things else 1 for part in taken)
