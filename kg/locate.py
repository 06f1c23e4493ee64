"""From a statement back to the line of the file that holds it.

The parser that loads the graph in milliseconds keeps no positions, so a line is looked for only when something is
wrong: first the block of the graph, in it the subject, after it the predicate and the object. A file that is written
unusually gives a line that is near, never a wrong file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.terms import PREFIXES, Iri, Literal, Quad, Term


def spellings(iri: str, base: str | None) -> tuple[str, ...]:
    """The ways a file may write an IRI: in brackets, relative to its base, with one of the project's prefixes."""
    ways = [f"<{iri}>"]
    if base is not None and iri.startswith(base):
        ways.insert(0, f"<{iri[len(base) :]}>")
    ways += [f"{prefix}:{iri[len(space) :]}" for prefix, space in PREFIXES.items() if iri.startswith(space)]
    return tuple(ways)


def _position(text: str, term: Term, base: str | None, start: int, end: int) -> int | None:
    """Where a term stands in `text[start:end]`, or None."""
    if isinstance(term, Iri):
        ways = [re.escape(way) + r"(?![\w-])" for way in spellings(term.value, base)]
    elif isinstance(term, Literal):
        ways = [re.escape(term.value)]
    else:
        ways = [r"_:|\["]
    found = re.compile("|".join(ways)).search(text, start, end)
    return found.start() if found else None


def _blocks(text: str, graph: str, base: str | None) -> list[tuple[int, int]]:
    """The spans of the blocks `<graph> { … }` of a TriG file; a block ends with a brace that begins a line."""
    heads = "|".join(map(re.escape, spellings(graph, base)))
    opening = re.compile(rf"^\s*(?:GRAPH\s+)?(?:{heads})\s*\{{", re.MULTILINE)
    spans = []
    for head in opening.finditer(text):
        close = text.find("\n}", head.end())
        spans.append((head.start(), len(text) if close < 0 else close))
    return spans


def line_of(text: str, quad: Quad, base: str | None = None) -> int:
    """The line, from 1, on which `text` states the quad, as near as it can be told."""
    blocks = _blocks(text, quad.graph.value, base) if quad.graph else []
    best, depth = 0, 0
    for start, end in [*blocks, (0, len(text))]:
        reached, place = _follow(text, (quad.subject, quad.predicate, quad.object), base, start, end)
        if reached == 3:
            return text.count("\n", 0, place) + 1
        if reached > depth:
            best, depth = place, reached
    if depth < 2 and (alone := line_of_term(text, quad.object, base)):
        return alone
    return text.count("\n", 0, best) + 1


def _follow(text: str, terms: Sequence[Term], base: str | None, start: int, end: int) -> tuple[int, int]:
    """How many of the terms stand one after the other in the span, and where the last of them is."""
    place = start
    for reached, term in enumerate(terms):
        found = _position(text, term, base, place, end)
        if found is None and reached == 1 and isinstance(term, Iri) and term.value.endswith("#type"):
            found = place  # written as `a`
        if found is None:
            return reached, place
        place = found
    return len(terms), place


def line_of_term(text: str, term: Term, base: str | None = None) -> int | None:
    """The first line on which a term stands, or None."""
    place = _position(text, term, base, 0, len(text))
    return None if place is None else text.count("\n", 0, place) + 1
