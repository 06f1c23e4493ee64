"""Slots given by name, as in an address: local name, full IRI or label of a thing, or a number."""

from __future__ import annotations

from typing import Final

from kg.terms import local_name
from queries.lexicon import Lexicon
from queries.template import SlotSpec
from queries.trie import Reading

#: Things that are listed as what a slot takes.
MOST: Final = 500


class UnknownSlotValue(LookupError):
    """A slot was given a value that it does not take; `choices` are the local names that it does."""

    def __init__(self, slot: str, value: str, choices: tuple[str, ...]) -> None:
        super().__init__(f"{slot}: {value!r} is not known here")
        self.slot, self.value, self.choices = slot, value, choices


def choices_of(spec: SlotSpec, lexicon: Lexicon) -> tuple[str, ...]:
    """The local names of the things that a slot takes, the first `MOST` by label: a graph may have 100,000."""
    return tuple(local_name(thing.iri) for thing in lexicon.in_classes(spec.classes, MOST))


def value_of(spec: SlotSpec, text: str, lexicon: Lexicon) -> Reading:
    """What a slot's text names.

    Raises: UnknownSlotValue.
    """
    if spec.type is not None:
        try:
            return Reading(spec.type, text, float(text))
        except ValueError:
            raise UnknownSlotValue(spec.name, text, ()) from None
    thing = lexicon.find(text, spec.classes)
    if thing is not None:
        return Reading("thing", thing.iri)
    raise UnknownSlotValue(spec.name, text, choices_of(spec, lexicon))
