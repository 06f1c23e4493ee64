"""How the classes connect: counts of things by kind and of facts between kinds, drawn as one picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from server.web.graph import ENTITIES, STATED, GraphReader, number, text
from server.web.vocabulary import Kind, Relation, Vocabulary

_COUNTS: Final = (
    f"SELECT ?kind (COUNT(DISTINCT ?one) AS ?n) WHERE {{ GRAPH {ENTITIES} {{ ?one a ?kind }} }} GROUP BY ?kind"
)
#: Statements with several parts have their type in the passage's graph, where it is.
_WHOLES: Final = f"""SELECT ?from (COUNT(DISTINCT ?whole) AS ?n) WHERE {{ GRAPH ?passage {{ ?whole a ?from }}
  {STATED} }} GROUP BY ?from"""
#: How many facts are looked at: the picture shows what is usual, and must not cost more as the graph grows.
_FACTS: Final = 50_000
_ALL: Final = f"{STATED} GRAPH ?passage {{ ?s ?p ?o }}"
_PARTS: Final = f"""SELECT ?from ?p ?to (COUNT(*) AS ?n) WHERE {{
  {{ SELECT ?from ?p ?o WHERE {{
      {STATED} GRAPH ?passage {{ ?whole a ?from ; ?p ?o }} }} LIMIT {_FACTS} }}
  GRAPH {ENTITIES} {{ ?o a ?to }} }} GROUP BY ?from ?p ?to"""
_LINKS: Final = f"""SELECT ?from ?p ?to (COUNT(*) AS ?n) WHERE {{
  {{ SELECT DISTINCT ?s ?p ?o WHERE {{
      {_ALL} }} LIMIT {_FACTS} }}
  GRAPH {ENTITIES} {{ ?s a ?from }} GRAPH {ENTITIES} {{ ?o a ?to }} }} GROUP BY ?from ?p ?to"""


@dataclass(frozen=True)
class Link:
    """Facts from things of one kind to things of another, by one relation."""

    source: Kind
    relation: Relation
    target: Kind
    count: int


@dataclass(frozen=True)
class ClassMap:
    """The kinds that have things, and the facts between them; `limit` is how many facts were looked at, where there are
    more, and None where the picture is of all."""

    counts: tuple[tuple[Kind, int], ...]
    links: tuple[Link, ...]
    limit: int | None = None

    @property
    def pairs(self) -> Mapping[tuple[str, str], tuple[Link, ...]]:
        """The links between each two kinds."""
        found: dict[tuple[str, str], list[Link]] = {}
        for link in self.links:
            found.setdefault((link.source.iri, link.target.iri), []).append(link)
        return {pair: tuple(links) for pair, links in found.items()}


def read_class_map(graph: GraphReader, vocabulary: Vocabulary) -> ClassMap:
    """How the kinds of things connect in the graph as it is.

    Raises: EngineError.
    """
    counts = [
        (vocabulary.kind(text(row, "kind")), number(row, "n")) for row in graph.rows(_COUNTS) if text(row, "kind")
    ]
    wholes = [
        (vocabulary.kind(text(row, "from")), number(row, "n")) for row in graph.rows(_WHOLES) if text(row, "from")
    ]
    counts += [(kind, count) for kind, count in wholes if vocabulary.is_statement(kind.iri)]
    rows = [*graph.rows(_LINKS), *(row for row in graph.rows(_PARTS) if vocabulary.is_statement(text(row, "from")))]
    links = [
        Link(
            vocabulary.kind(text(row, "from")),
            vocabulary.relation(text(row, "p")),
            vocabulary.kind(text(row, "to")),
            number(row, "n"),
        )
        for row in rows
        if text(row, "p")
    ]
    more = graph.rows(f"SELECT ?s WHERE {{ {_ALL} }} LIMIT 1 OFFSET {_FACTS}")
    return ClassMap(
        tuple(sorted(counts, key=lambda item: item[0].order)),
        tuple(sorted(links, key=lambda link: (link.source.order, link.relation.order, link.target.order))),
        _FACTS if more else None,
    )
