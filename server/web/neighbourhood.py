"""The neighbourhood of a thing, over SPARQL: its relations in both directions with counts, and a page of each.

What is asked for grows with what is shown and not with the graph: a relation of more than a page of things is counted
by the engine and fetched page by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.terms import Iri, Literal
from server.web.facts import Statement, read_stated
from server.web.graph import ENTITIES, RANKED, STATED, GraphReader, iris, number, text, value_of
from server.web.things import Thing, name_things
from server.web.vocabulary import Kind, Relation, Vocabulary

PAGE: Final = 50  # things of a relation that are shown before "show all"
ALL: Final = 10_000  # the most that "show all" shows


@dataclass(frozen=True)
class Neighbour:
    """A thing (or literal) at the other end of a fact, and the passages that state it."""

    thing: Thing
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The things on the other side of one relation in one direction; `count` is of all, `neighbours` a page of them."""

    relation: Relation
    direction: str
    count: int
    neighbours: tuple[Neighbour, ...]

    @property
    def label(self) -> str:
        """The relation as it is read from the thing in focus."""
        return self.relation.read(self.direction)

    @property
    def key(self) -> str:
        """A name of the group that is unique in its neighbourhood."""
        return f"{self.direction}-{self.relation.name}"

    @property
    def kinds(self) -> tuple[tuple[Kind | None, tuple[Neighbour, ...]], ...]:
        """The neighbours boxed by kind, in the order of the ontology."""
        boxes: dict[str, tuple[Kind | None, list[Neighbour]]] = {}
        for one in self.neighbours:
            kind = one.thing.kind
            boxes.setdefault(kind.iri if kind else "", (kind, []))[1].append(one)
        return tuple((kind, tuple(ones)) for kind, ones in boxes.values())


@dataclass(frozen=True)
class Filter:
    """What of a neighbourhood is shown: kinds and relations by name, empty for all; `limit` of each from `offset`."""

    kinds: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    limit: int = PAGE
    offset: int = 0


@dataclass(frozen=True)
class Neighbourhood:
    """All around one thing: statements first, then the groups in display order."""

    focus: Thing
    statements: tuple[Statement, ...]
    statement_counts: Mapping[str, int]
    groups: tuple[Group, ...]
    kind_counts: tuple[tuple[Kind, int], ...]
    relation_counts: tuple[tuple[Relation, int], ...]
    cross: tuple[tuple[str, Relation, str], ...] = field(default=())

    @property
    def passages(self) -> set[str]:
        """The IRIs of all passages that are cited."""
        cited = {iri for group in self.groups for one in group.neighbours for iri in one.passages}
        return cited | {one.passage for one in self.statements}

    @property
    def warnings(self) -> tuple[Statement, ...]:
        """The statements that recommend an urgent action, the most urgent first."""
        return tuple(one for one in self.statements if one.rank)

    @property
    def others(self) -> tuple[Statement, ...]:
        """The statements without an urgent action."""
        return tuple(one for one in self.statements if not one.rank)


def read_neighbourhood(
    graph: GraphReader, vocabulary: Vocabulary, focus: Thing, shown: Filter = Filter()
) -> Neighbourhood:
    """The neighbourhood of a thing.

    Raises: EngineError.
    """
    node = iris([focus.iri])
    totals = _totals(graph, vocabulary, node, shown.kinds)
    chosen = {key: count for key, count in totals.items() if not shown.relations or key[1].name in shown.relations}
    found = _neighbours(graph, vocabulary, node, chosen, shown)
    statements, counts = _statements(graph, vocabulary, node, shown)
    groups = tuple(
        Group(relation, direction, count, found.get((direction, relation.iri), ()))
        for (direction, relation), count in sorted(chosen.items(), key=lambda item: (item[0][1].order, item[0][0]))
    )
    return Neighbourhood(
        focus,
        statements,
        counts,
        groups,
        _kind_counts(graph, vocabulary, node),
        _sum(_totals(graph, vocabulary, node, ()) if shown.kinds else totals),
        _cross(graph, vocabulary, focus, groups),
    )


def _sum(totals: Mapping[tuple[str, Relation], int]) -> tuple[tuple[Relation, int], ...]:
    counts: dict[str, tuple[Relation, int]] = {}
    for (_, relation), count in totals.items():
        counts[relation.iri] = (relation, count + counts.get(relation.iri, (relation, 0))[1])
    return tuple(sorted(counts.values(), key=lambda item: item[0].order))


def _both(node: str, middle: str = "") -> str:
    """Facts of a thing in both directions, `?p` and `?o`, in `?passage`."""
    return f"""{{ {middle} GRAPH ?passage {{ {node} ?p ?o }} BIND("out" AS ?way) }}
      UNION {{ {middle} GRAPH ?passage {{ ?o ?p {node} }} BIND("in" AS ?way) }} {STATED}"""


def _of_kinds(kinds: Iterable[str]) -> str:
    names = " ".join(f"kg:{name}" for name in kinds if name.isalnum())
    return f"VALUES ?kind {{ {names} }} GRAPH {ENTITIES} {{ ?o a ?kind }}" if names else ""


def _totals(
    graph: GraphReader, vocabulary: Vocabulary, node: str, kinds: tuple[str, ...]
) -> dict[tuple[str, Relation], int]:
    rows = graph.rows(
        f"SELECT ?way ?p (COUNT(DISTINCT ?o) AS ?n) WHERE {{ {_both(node)} {_of_kinds(kinds)} }} GROUP BY ?way ?p"
    )
    totals = {(text(row, "way"), vocabulary.relation(text(row, "p"))): number(row, "n") for row in rows}
    return {key: count for key, count in totals.items() if not _of_statement(vocabulary, key[1])}


def _of_statement(vocabulary: Vocabulary, relation: Relation) -> bool:
    return relation.name == "type" or (
        any(iri.endswith("Statement") or vocabulary.is_statement(iri) for iri in relation.domains)
        and not vocabulary.between_things(relation)
    )


def _neighbours(
    graph: GraphReader, vocabulary: Vocabulary, node: str, chosen: Mapping[tuple[str, Relation], int], shown: Filter
) -> dict[tuple[str, str], tuple[Neighbour, ...]]:
    small = sorted(
        {relation.iri for (_, relation), count in chosen.items() if count <= shown.limit and not shown.offset}
    )
    large = [key for key, count in chosen.items() if key[1].iri not in small]
    rows = []
    if small:
        middle = f"VALUES ?p {{ {iris(small)} }}"
        rows += graph.rows(f"SELECT ?way ?p ?o ?passage WHERE {{ {_both(node, middle)} {_of_kinds(shown.kinds)} }}")
    for way, relation in large:
        rows += graph.rows(_page(node, way, relation.iri, shown))
    ends: dict[tuple[str, str], dict[str, tuple[str, set[str]]]] = {}
    for row in rows:
        term = row["o"]
        iri = term.value if isinstance(term, Iri) else ""
        key = (text(row, "way"), text(row, "p"))
        if isinstance(term, Iri | Literal):
            ends.setdefault(key, {}).setdefault(iri + "\n" + value_of(term), (iri, set()))[1].add(text(row, "passage"))
    named = name_things(graph, vocabulary, {iri for group in ends.values() for iri, _ in group.values() if iri})
    return {
        key: tuple(
            sorted(
                (
                    Neighbour(named[iri] if iri else Thing("", both.partition("\n")[2]), tuple(sorted(where)))
                    for both, (iri, where) in group.items()
                ),
                key=lambda one: one.thing.order,
            )
        )
        for key, group in ends.items()
    }


def _page(node: str, way: str, relation: str, shown: Filter) -> str:
    fact = f"{node} <{relation}> ?o" if way == "out" else f"?o <{relation}> {node}"
    limit = min(shown.limit, ALL)
    return f"""SELECT ("{way}" AS ?way) (<{relation}> AS ?p) ?o ?passage WHERE {{
      {{ SELECT DISTINCT ?o ?label WHERE {{
          GRAPH ?passage {{ {fact} }} {STATED} {_of_kinds(shown.kinds)}
          OPTIONAL {{ GRAPH {ENTITIES} {{ ?o rdfs:label ?label }} }} }}
        ORDER BY ?label ?o LIMIT {limit} OFFSET {max(shown.offset, 0)} }}
      GRAPH ?passage {{ {fact} }} {STATED} }}"""


def _statements(
    graph: GraphReader, vocabulary: Vocabulary, node: str, shown: Filter
) -> tuple[tuple[Statement, ...], dict[str, int]]:
    kinds = [kind for kind in vocabulary.statements if not shown.kinds or kind.name in shown.kinds]
    if not kinds or shown.offset:
        return (), {}
    listed = ", ".join(iris([kind.iri]) for kind in kinds)
    within = f"GRAPH ?passage {{ ?one ?role {node} ; a ?kind }} FILTER (?kind IN ({listed})) {STATED}"
    counted = graph.rows(f"SELECT ?kind (COUNT(DISTINCT ?one) AS ?n) WHERE {{ {within} }} GROUP BY ?kind")
    counts = {text(row, "kind"): number(row, "n") for row in counted if text(row, "kind")}
    if not counts:
        return (), {}
    rows = graph.rows(f"""SELECT DISTINCT ?one ?passage ?rank WHERE {{ {within}
      OPTIONAL {{ GRAPH ?passage {{ ?one kg:recommendsAction ?action }}
        {RANKED} }} }}
      ORDER BY DESC(?rank) ?one LIMIT {min(shown.limit, ALL) * 2}""")
    wanted = {text(row, "one") for row in rows}
    stated = read_stated(graph, vocabulary, {text(row, "passage") for row in rows})
    return tuple(one for one in stated.statements if one.iri in wanted), counts


def _kind_counts(graph: GraphReader, vocabulary: Vocabulary, node: str) -> tuple[tuple[Kind, int], ...]:
    rows = graph.rows(f"""SELECT ?kind (COUNT(DISTINCT ?o) AS ?n) WHERE {{ {_both(node)}
      GRAPH {ENTITIES} {{ ?o a ?kind }} }} GROUP BY ?kind""")
    counts = [(vocabulary.kind(text(row, "kind")), number(row, "n")) for row in rows if text(row, "kind")]
    return tuple(sorted(counts, key=lambda item: item[0].order))


def _cross(
    graph: GraphReader, vocabulary: Vocabulary, focus: Thing, groups: tuple[Group, ...]
) -> tuple[tuple[str, Relation, str], ...]:
    """Facts between two of the neighbours: what lights up together on hover and focus."""
    shown = sorted({one.thing.iri for group in groups for one in group.neighbours if one.thing.iri})[:400]
    if not shown:
        return ()
    rows = graph.rows(f"""SELECT DISTINCT ?a ?p ?b WHERE {{ VALUES ?a {{ {iris(shown)} }}
      GRAPH ?passage {{ ?a ?p ?b }} {STATED}
      FILTER (?b IN ({", ".join(iris([one]) for one in shown)})) }} LIMIT 5000""")
    both = set(shown) - {focus.iri}
    found = {(text(row, "a"), vocabulary.relation(text(row, "p")), text(row, "b")) for row in rows}
    return tuple(
        sorted(
            (one for one in found if one[0] in both and one[2] in both), key=lambda one: (one[0], one[1].order, one[2])
        )
    )
