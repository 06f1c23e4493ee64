"""Frames compiled for the search: concepts as bits of a number, so that many frames are looked at quickly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.terms import ID
from queries.template import Frame, QuestionFileError, Template


@dataclass(frozen=True, slots=True)
class CompiledFrame:
    """A frame of a question file: what it requires and allows (as bits), and the slots it leaves open."""

    template: Template
    frame: Frame
    order: int
    required: tuple[int, ...]
    allowed: int
    things: frozenset[str]
    needed_things: tuple[frozenset[str], ...]
    open_slots: tuple[str, ...]
    edges: frozenset[tuple[str, str]]


class Concepts:
    """The concepts of a language, each a bit of a number."""

    def __init__(self, names: Iterable[str]) -> None:
        self.bits = {name: 1 << place for place, name in enumerate(sorted(names))}

    def compile(self, template: Template, frame: Frame, order: int) -> CompiledFrame:
        """A frame with its concepts as bits.

        Raises: QuestionFileError for a concept that no language file has.
        """
        required = []
        needed = []
        for options in frame.concepts:
            things = frozenset(_full(name) for name in options if ":" in name)
            if things:
                needed.append(things)
            else:
                required.append(self._mask(options, template))
        allowed = self._mask((name for name in frame.allows if ":" not in name), template)
        for mask in required:
            allowed |= mask
        things = frozenset(_full(name) for name in frame.allows if ":" in name).union(*needed)
        topic = template.topic_slot
        open_slots = frame.slots if topic is None or topic in frame.slots else (*frame.slots, topic)
        edges = frozenset((template.id, name) for name in open_slots)
        return CompiledFrame(template, frame, order, tuple(required), allowed, things, tuple(needed), open_slots, edges)

    def _mask(self, names: Iterable[str], template: Template) -> int:
        mask = 0
        for name in names:
            if name not in self.bits:
                raise QuestionFileError(f"{template.id}.rq", 1, "frame", f"no language file has the concept {name!r}")
            mask |= self.bits[name]
        return mask


def _full(name: str) -> str:
    """The IRI of a thing that a frame writes as `id:Name`."""
    return ID + name.removeprefix("id:")
