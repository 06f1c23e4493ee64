"""The explorer's exports: CSV, Turtle and stand-alone SVG of what is shown."""

from __future__ import annotations

import csv
import io
import re
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kg.terms import PREFIXES
from server.web.graph import ENTITIES, STATED, GraphReader, iris
from server.web.layout import LINE
from server.web.neighbourhood import Neighbourhood
from server.web.network import Network
from server.web.site import STATIC
from server.web.view import alarms
from server.web.vocabulary import Vocabulary

#: A cell that begins like this would be a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_TOKEN: Final = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")
_COLUMN: Final = 300  # px, of the map's drawing
_COLUMNS: Final = 4
_CHARACTERS: Final = 40  # of a line in a card, at 13 px


def neighbourhood_csv(found: Neighbourhood) -> str:
    """The facts around a thing, one a line."""
    lines = [
        (
            found.focus.label,
            group.label,
            one.thing.label,
            one.thing.kind.label if one.thing.kind else "",
            one.thing.iri,
            one.passages,
        )
        for group in found.groups
        for one in group.neighbours
    ]
    lines += [
        (found.focus.label, whole.kind.label, whole.sentence.partition(": ")[2], "", whole.iri, (whole.passage,))
        for whole in found.statements
    ]
    return _csv(("thing", "relation", "other thing", "kind", "iri", "passages"), lines)


def network_csv(found: Network) -> str:
    """The facts of a network, one a line."""
    lines = [
        (
            found.nodes[edge.subject].label,
            edge.relation.label,
            found.nodes[edge.object].label,
            edge.subject,
            edge.object,
            edge.passages,
        )
        for edge in found.edges
    ]
    return _csv(("subject", "relation", "object", "subject iri", "object iri", "passages"), lines)


def _csv(header: tuple[str, ...], lines: Sequence[tuple[str | tuple[str, ...], ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)  # RFC 4180: CRLF
    writer.writerow(header)
    for line in lines:
        cells = [" ".join(cell) if isinstance(cell, tuple) else cell for cell in line]
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def neighbourhood_turtle(graph: GraphReader, vocabulary: Vocabulary, found: Neighbourhood) -> bytes:
    """The facts around a thing with the labels of what they name, in Turtle."""
    node = iris([found.focus.iri])
    kinds = iris(kind.iri for kind in vocabulary.statements)
    return _turtle(
        graph,
        f"""{{ GRAPH ?passage {{ {node} ?p ?o }} BIND({node} AS ?s) }}
        UNION {{ GRAPH ?passage {{ ?s ?p {node} }} BIND({node} AS ?o) }}
        UNION {{ VALUES ?kind {{ {kinds} }} GRAPH ?passage {{ ?s ?role {node} ; a ?kind ; ?p ?o }} }}
        {STATED}""",
    )


def network_turtle(graph: GraphReader, found: Network) -> bytes:
    """The facts of a network with the labels of what they name, in Turtle."""
    lines = " ".join(f"(<{edge.subject}> <{edge.relation.iri}> <{edge.object}>)" for edge in found.edges)
    return _turtle(graph, f"VALUES (?s ?p ?o) {{ {lines} }} GRAPH ?passage {{ ?s ?p ?o }}")


def _turtle(graph: GraphReader, facts: str) -> bytes:
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    query = f"""{prologue}CONSTRUCT {{ ?s ?p ?o . ?s rdfs:label ?from . ?o rdfs:label ?to }} WHERE {{ {facts}
      OPTIONAL {{ GRAPH {ENTITIES} {{ ?s rdfs:label ?from }} }}
      OPTIONAL {{ GRAPH {ENTITIES} {{ ?o rdfs:label ?to }} }} }}"""
    result = graph.backend.query(query, deadline=time.monotonic() + graph.deadline_s, accept="text/turtle")
    return result.body or b""


@dataclass(frozen=True)
class Line:
    """A line of a card: its words, its baseline and its colour family; `heading` for a bold one."""

    text: str
    y: float
    hue: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Card:
    """A box of the map's drawing with its lines."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]
    alarm: bool = False


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """The light theme's colours, read from the style sheet, for a drawing that must stand alone."""
    sheet = (STATIC / "css" / "base.css").read_text("utf-8")
    light = sheet.partition(':root[data-theme="light"] {')[2].partition("}")[0]
    return dict(_TOKEN.findall(light))


def map_cards(found: Neighbourhood) -> tuple[tuple[Card, ...], float, float]:
    """The map as cards in columns, warnings first, with the width and height of the whole."""
    blocks: list[tuple[bool, list[tuple[str, str, bool]]]] = []
    for alarm in alarms(found.warnings):
        lines = [(alarm.action.label, alarm.action.hue, True)]
        lines += [
            (" and ".join(one.label for one in things), things[0].hue if things else "", False)
            for things, _ in alarm.triggers
        ]
        blocks.append((True, lines))
    for group in found.groups:
        named = [(one.thing.label, one.thing.hue, False) for one in group.neighbours]
        more = group.count - len(group.neighbours)
        blocks.append(
            (False, [(group.label, "", True), *named, *([(f"and {more} more", "", False)] if more > 0 else [])])
        )
    for whole in found.others:
        parts = [
            (f"{part.relation.label} {' or '.join(v.label for v in part.values)}", "", False) for part in whole.parts
        ]
        blocks.append((False, [(whole.kind.label, whole.kind.hue, True), *parts]))
    bottoms = [70.0] * _COLUMNS
    cards: list[Card] = []
    for alarm_block, lines in blocks:
        column = bottoms.index(min(bottoms))
        card = _card(20 + column * (_COLUMN + 16), bottoms[column], lines, alarm_block)
        bottoms[column] += card.height + 16
        cards.append(card)
    return tuple(cards), 40 + _COLUMNS * (_COLUMN + 16) - 16, max(bottoms) + 10


def _card(x: float, y: float, lines: list[tuple[str, str, bool]], alarm: bool) -> Card:
    shown: list[Line] = []
    below = y + 8
    for words, hue, heading in lines:
        for index, part in enumerate(textwrap.wrap(words, _CHARACTERS) or [""]):
            below += LINE
            shown.append(Line(part, below, hue if index == 0 else "", heading))
        below += 4
    return Card(x, y, _COLUMN, below - y + 10, tuple(shown), alarm)
