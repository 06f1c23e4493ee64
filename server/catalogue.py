"""The catalogue as data: each question with its phrasings and slots, and what each slot takes, from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.terms import PREFIXES, local_name
from queries.answering import Answering
from queries.slot_values import MOST
from queries.template import SlotSpec, Template


def listed(answering: Answering) -> list[dict[str, Any]]:
    """All questions, in the order of their names."""
    return [
        {
            "id": template.id,
            "summary": template.summary,
            "tags": list(template.tags),
            "form": template.form,
            "url": f"/questions/{template.id}",
            "slots": {name: _slot(answering, spec) for name, spec in template.slots.items()},
            "phrasings": phrasings(template),
            "examples": [example["ask"] for example in template.examples if "ask" in example],
        }
        for template in answering.templates
    ]


def phrasings(template: Template) -> dict[str, list[str]]:
    """The phrasings by the form of the answer that they ask for."""
    found: dict[str, list[str]] = {}
    for phrasing in template.phrasings:
        found.setdefault(phrasing.form, []).append(phrasing.text)
    return found


def options(answering: Answering, spec: SlotSpec) -> list[dict[str, str]]:
    """The things that a slot takes, the first `MOST` by label: the name to send, the label to show, the IRI."""
    things = answering.lexicon.in_classes(spec.classes, MOST)
    return [{"name": local_name(thing.iri), "label": thing.label, "iri": thing.iri} for thing in things]


def example_value(spec: SlotSpec) -> str:
    """The example of a slot as it is sent: a local name, or a number."""
    prefix, _, name = spec.example.partition(":")
    return name if prefix in PREFIXES and name else local_name(spec.example)


def _slot(answering: Answering, spec: SlotSpec) -> Mapping[str, Any]:
    return {
        "type": spec.type or "thing",
        "classes": list(spec.classes),
        "optional": spec.optional or spec.topic,
        "topic": spec.topic,
        "example": example_value(spec),
        "options": options(answering, spec) if spec.type is None else [],
    }
