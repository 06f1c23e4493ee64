"""Passages as citations show them: where they stand, what leads into them, how sure their reading is, and, where a copy
of the document is at hand, their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from kg.terms import BASE, local_name
from server.web.graph import GraphReader, iris, number, text
from server.web.vocabulary import address

#: (document, start, end, sha256) → the words, or None without a copy or where the digest differs
Quote = Callable[[str, int, int, str], str | None]

_BATCH: Final = 400
_PARTS: Final = """?passage a kg:Passage ; oa:hasSource ?document ; kg:position ?position .
  OPTIONAL { ?passage kg:inSection ?section } OPTIONAL { ?passage kg:answers ?heading }
  OPTIONAL { ?passage kg:itemNumber ?item } OPTIONAL { ?passage kg:leadIn ?lead }
  OPTIONAL { ?passage kg:readingConfidence ?confidence } OPTIONAL { ?passage kg:readingNote ?note }
  OPTIONAL { ?passage kg:statesNothing ?silent } OPTIONAL { ?passage kg:sha256 ?sha256 }
  OPTIONAL { ?passage oa:hasSelector ?span . ?span oa:start ?start ; oa:end ?end }"""
_NAMES: Final = (
    "?passage ?document ?position ?section ?heading ?item ?lead ?confidence ?note ?silent ?sha256 ?start ?end"
)
_SECTIONS: Final = """SELECT ?section ?label ?level ?position ?parent ?question WHERE { GRAPH <%s> {
  ?section kg:headingLevel ?level ; kg:position ?position ; rdfs:label ?label .
  OPTIONAL { ?section dcterms:isPartOf ?parent }
  OPTIONAL { ?section a ?question FILTER(?question = kg:Question) } } }"""


@dataclass(frozen=True)
class Section:
    """A heading of a document; `level` is 1 for its main sections."""

    iri: str
    label: str
    level: int
    position: int
    parent: str
    question: bool

    @property
    def number(self) -> str:
        """The last part of its IRI."""
        return local_name(self.iri)


@dataclass(frozen=True)
class Passage:
    """One sentence of a document: its place, and `quote` where the words are at hand."""

    iri: str
    document: str
    position: int
    path: tuple[str, ...]
    heading: str
    section: str
    item: int
    lead_in: str
    start: int
    end: int
    sha256: str
    confidence: str
    note: str
    silent: str
    quote: str | None = None

    @property
    def number(self) -> str:
        """The last part of its IRI, which is how the page names it."""
        return local_name(self.iri)

    @property
    def url(self) -> str:
        """Its anchor in the document's page."""
        return address(self.iri)

    @property
    def place(self) -> str:
        """Where it stands, in one line."""
        return " › ".join(self.path) + (f", item {self.item}" if self.item else "")


def no_quote(document: str, start: int, end: int, sha256: str) -> str | None:
    """The quotation where no copy of a document is at hand: none."""
    return None


def sections_of(graph: GraphReader, document: str) -> dict[str, Section]:
    """The headings of a document by IRI, in document order."""
    found = [
        Section(
            text(row, "section"),
            text(row, "label"),
            number(row, "level", 1),
            number(row, "position"),
            text(row, "parent"),
            bool(text(row, "question")),
        )
        for row in graph.rows(_SECTIONS % iris([document])[1:-1])
    ]
    return {one.iri: one for one in sorted(found, key=lambda one: one.position)}


def passages_of(graph: GraphReader, document: str, quote: Quote = no_quote) -> dict[str, Passage]:
    """The passages of a document by IRI, in document order."""
    rows = graph.rows(f"SELECT {_NAMES} WHERE {{ GRAPH {iris([document])} {{ {_PARTS} }} }}")
    sections = {document: sections_of(graph, document)}
    found = [_passage({name: text(row, name) for name in row}, sections, quote) for row in rows]
    return {one.iri: one for one in sorted(found, key=lambda one: one.position)}


def find_passages(graph: GraphReader, wanted: Iterable[str], quote: Quote = no_quote) -> dict[str, Passage]:
    """The passages of some IRIs; an IRI that is no passage is left out.

    Raises: EngineError.
    """
    rest = sorted(set(wanted))
    found: dict[str, Passage] = {}
    sections: dict[str, dict[str, Section]] = {}
    for start in range(0, len(rest), _BATCH):
        block = iris(rest[start : start + _BATCH])
        for row in graph.rows(
            f"SELECT {_NAMES} WHERE {{ VALUES ?passage {{ {block} }} GRAPH ?document {{ {_PARTS} }} }}"
        ):
            names = {name: text(row, name) for name in row}
            if names["document"] not in sections:
                sections[names["document"]] = sections_of(graph, names["document"])
            found[names["passage"]] = _passage(names, sections, quote)
    return found


def with_lead_ins(graph: GraphReader, found: Mapping[str, Passage], quote: Quote = no_quote) -> dict[str, Passage]:
    """The passages that introduce the given ones, by IRI."""
    missing = {one.lead_in for one in found.values() if one.lead_in} - set(found)
    return {**find_passages(graph, missing, quote), **found}


def _passage(row: Mapping[str, str], sections: Mapping[str, Mapping[str, Section]], quote: Quote) -> Passage:
    known = sections[row["document"]]
    start, end = (int(row[name]) if row.get(name, "").isdigit() else 0 for name in ("start", "end"))
    heading = known.get(row.get("heading", ""))
    one = Passage(
        row["passage"],
        row["document"],
        int(row["position"]),
        _path(known, row.get("section", "")),
        heading.label if heading else "",
        row.get("section", ""),
        int(row["item"]) if row.get("item", "").isdigit() else 0,
        row.get("lead", ""),
        start,
        end,
        row.get("sha256", ""),
        row.get("confidence", ""),
        row.get("note", ""),
        row.get("silent", ""),
    )
    return replace(one, quote=quote(one.document, start, end, one.sha256)) if end else one


def _path(sections: Mapping[str, Section], iri: str) -> tuple[str, ...]:
    path: list[str] = []
    while iri in sections and len(path) < 6:
        path.insert(0, sections[iri].label)
        iri = sections[iri].parent
    return tuple(path)


def documents_of(graph: GraphReader) -> list[dict[str, str]]:
    """The documents with title, publisher, description and the number of their passages."""
    rows = graph.rows("""SELECT ?document ?title ?publisher ?description ?topic
        (COUNT(DISTINCT ?passage) AS ?passages) WHERE {
      GRAPH ?document { ?document a kg:Document ; dcterms:title ?title .
        OPTIONAL { ?document dcterms:publisher ?publisher }
        OPTIONAL { ?document dcterms:description ?description } OPTIONAL { ?document kg:aboutTopic ?topic }
        OPTIONAL { ?passage a kg:Passage } } }
      GROUP BY ?document ?title ?publisher ?description ?topic ORDER BY ?title""")
    return [{**{name: text(row, name) for name in row}, "url": address(text(row, "document"))} for row in rows]


def document_name(iri: str) -> str:
    """The name of a document in addresses and file names."""
    return iri.removeprefix(BASE).removeprefix("doc/").rstrip("/")
