"""What fills slots, and what may fill which slot of which question file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from queries.automaton import Edge
from queries.lexicon import Lexicon
from queries.template import SlotSpec, Template
from queries.trie import Reading

_NOTHING: frozenset[Edge] = frozenset()


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a slot: a thing's IRI or a value, and the words `[start, end)` it was read from (None: the topic)."""

    reading: Reading
    words: tuple[int, int] | None = None


class Fillable:
    """For each thing or kind of value, the slots that take it. Safe to share: entries are equal however often found."""

    def __init__(self, templates: Iterable[Template], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._by_class: dict[str, set[Edge]] = {}
        self._by_type: dict[str, frozenset[Edge]] = {}
        types: dict[str, set[Edge]] = {}
        for template in templates:
            for name, slot in template.slots.items():
                for kind in slot.classes:
                    self._by_class.setdefault(kind, set()).add((template.id, name))
                if slot.type is not None:
                    types.setdefault(slot.type, set()).add((template.id, name))
        self._by_type = {kind: frozenset(edges) for kind, edges in types.items()}
        self._by_thing: dict[str, frozenset[Edge]] = {}

    def slots(self, reading: Reading) -> frozenset[Edge]:
        """The slots that take a reading."""
        if reading.kind != "thing":
            return self._by_type.get(reading.kind, _NOTHING)
        known = self._by_thing.get(reading.name)
        if known is None:
            thing = self._lexicon.things.get(reading.name)
            classes = thing.classes if thing is not None else ()
            known = frozenset(edge for kind in classes for edge in self._by_class.get(kind, ()))
            self._by_thing[reading.name] = known
        return known

    def takes(self, slot: SlotSpec, reading: Reading) -> bool:
        """Whether a slot takes a reading."""
        if slot.type is not None or reading.kind != "thing":
            return slot.type == reading.kind
        return not self._lexicon.things[reading.name].classes.isdisjoint(slot.classes)
