"""What the pages offer to ask: first questions, questions about one thing, and the choices of a question's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from kg.terms import ID, local_name
from server.web.graph import ENTITIES, iris, text
from server.web.site import Site
from server.web.things import Thing

#: By slot: the name that stands in the address, and the label that is shown
Choices = Mapping[str, list[tuple[str, str]]]

_STARTERS = 6
_FIRST = "first-"
_MOST = 400  # choices of one slot


def starters(site: Site) -> list[str]:
    """A few questions to begin with: those that the catalogue marks as first (the tags `first-1`, `first-2`, …); where
    it marks none, of each subject the one with the most wordings."""
    if not site.answering:
        return []
    asked = [(template, _answered_example(template)) for template in site.answering.templates]
    marked = [(int(tag.removeprefix(_FIRST)), e) for t, e in asked for tag in t.tags if tag.startswith(_FIRST)]
    if marked:
        return [capitalised(example) for _, example in sorted(marked)[:_STARTERS] if example]
    best: dict[str, tuple[int, str]] = {}
    for template, example in asked:
        subject = template.tags[0] if template.tags else ""
        wordings = len(template.phrasings) + 2 * len(template.frames)
        if example and not template.is_boolean and wordings > best.get(subject, (0, ""))[0]:
            best[subject] = (wordings, example)
    chosen = sorted(best.values(), key=lambda one: (-one[0], one[1]))[:_STARTERS]
    return [capitalised(example) for _, example in chosen]


def _answered_example(template: Any) -> str:
    """A question file's first example that is answered."""
    return next((str(one["ask"]) for one in template.examples if one.get("ask") and not one.get("status")), "")


def capitalised(question: str) -> str:
    """A question with a capital and its mark, as a person would write it."""
    shown = question[:1].upper() + question[1:]
    return shown if shown.endswith(("?", ".", "!")) else f"{shown}?"


def ask_about(site: Site, thing: Thing, limit: int = 5) -> list[str]:
    """Whole questions that name a thing."""
    if not site.answering:
        return []
    found = [one for one in site.answering.suggest(thing.label, limit=limit * 3) if thing.label.lower() in one.lower()]
    return [str(one) for one in found[:limit]]


def slot_choices(site: Site, template: Any) -> dict[str, list[tuple[str, str]]]:
    """For each slot that things fill, the things that fit, by name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, slot in template.slots.items():
        if slot.classes:
            rows = site.graph.rows(f"""SELECT DISTINCT ?iri ?label WHERE {{ VALUES ?kind {{ {iris(slot.classes)} }}
              GRAPH {ENTITIES} {{ ?iri a ?kind ; rdfs:label ?label }} }} ORDER BY ?label LIMIT {_MOST}""")
            found[name] = [(text(row, "iri").removeprefix(ID), text(row, "label")) for row in rows]
    return found


def question_links(site: Site, answer: Mapping[str, Any], document: str | None = None) -> dict[str, str]:
    """Where else an answer can be seen: in the graph, as SPARQL, as JSON; `document` is the one that was asked."""
    links: dict[str, str] = {}
    reading = answer.get("interpretation") or {}
    slots = [slot for slot in (reading.get("slots") or {}).values() if isinstance(slot, Mapping)]
    things = [str(slot["iri"]) for slot in slots if slot.get("iri")]
    shown = [str(item["iri"]) for item in answer.get("items") or () if item.get("iri")]
    if things or shown:
        names = [iri.removeprefix(ID) for iri in dict.fromkeys(things + shown)][:40]
        if things:
            links["explore"] = "/explore?" + urlencode({"focus": things[-1].removeprefix(ID)})
        links["network"] = "/explore?" + urlencode({"view": "network", "set": ",".join(names)})
    if reading.get("sparql"):
        links["sparql"] = "/sparql?" + urlencode({"edit": str(reading["sparql"])})
    if answer.get("question"):
        asked = {"q": answer["question"]} | ({"document": local_name(document.rstrip("/"))} if document else {})
        links["json"] = "/ask?" + urlencode(asked | {"format": "json"})
        links["permanent"] = "/ask?" + urlencode(asked)
    elif reading.get("url"):
        links["permanent"] = str(reading["url"])
    return links
