"""The network view's content: the facts within a set of things, and the shortest ways that connect two things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kg.terms import KG, local_name
from server.web.graph import STATED, GraphReader, iris, text
from server.web.things import Thing, name_things
from server.web.vocabulary import Relation, Vocabulary

STEPS: Final = 6  # the longest connection that is looked for
FRONTIER: Final = 400  # things that one step sets out from
EDGES: Final = 4000  # facts that one step reads
SHOWN: Final = 150  # things that a network shows

_ENDS: Final = 'FILTER(ISIRI(?o) && STRSTARTS(STR(?p), "' + KG + '"))'


@dataclass(frozen=True)
class Edge:
    """A fact between two nodes, drawn once however many passages state it."""

    subject: str
    relation: Relation
    object: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """Nodes and the facts between them; `ends` are the two things to connect, `steps` how far apart they are.

    `complete` is false where there was more than is shown or looked at.
    """

    nodes: Mapping[str, Thing]
    edges: tuple[Edge, ...]
    ends: tuple[str, ...] = ()
    steps: int | None = None
    complete: bool = True

    @property
    def passages(self) -> set[str]:
        """The IRIs of all passages that are cited."""
        return {iri for edge in self.edges for iri in edge.passages}


def around(graph: GraphReader, vocabulary: Vocabulary, focus: str, kinds: tuple[str, ...] = ()) -> Network:
    """A thing and what one fact connects it with."""
    edges = _edges_of(graph, vocabulary, [focus])
    things = _things(graph, vocabulary, {end for edge in edges for end in (edge.subject, edge.object)} | {focus})
    wanted = [iri for iri, one in things.items() if iri == focus or _fits(one, kinds)]
    chosen = set(sorted(wanted, key=lambda iri: (iri != focus, things[iri].order))[:SHOWN])
    return Network(
        {iri: things[iri] for iri in sorted(chosen)},
        tuple(edge for edge in edges if {edge.subject, edge.object} <= chosen),
        complete=len(wanted) <= SHOWN and len(edges) < EDGES,
    )


def _fits(thing: Thing, kinds: tuple[str, ...]) -> bool:
    return thing.kind is not None and (not kinds or thing.kind.name in kinds)


def within(graph: GraphReader, vocabulary: Vocabulary, chosen: Iterable[str]) -> Network:
    """A set of things and the facts between them."""
    members = sorted(set(chosen))[:SHOWN]
    edges = [edge for edge in _edges_of(graph, vocabulary, members) if {edge.subject, edge.object} <= set(members)]
    return Network(_things(graph, vocabulary, members), tuple(edges), complete=len(set(chosen)) <= SHOWN)


def connect(graph: GraphReader, vocabulary: Vocabulary, start: str, goal: str) -> Network:
    """All shortest ways between two things, in whichever direction: a search from both ends, step by step.

    Raises: EngineError.
    """
    ends = (start, goal)
    if start == goal:
        return Network(_things(graph, vocabulary, ends), (), ends, 0)
    sides: tuple[dict[str, int], dict[str, int]] = ({start: 0}, {goal: 0})
    seen: dict[tuple[str, str, str], Edge] = {}
    complete = True
    fronts = [[start], [goal]]
    for step in range(1, STEPS + 1):
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        edges = _edges_of(graph, vocabulary, fronts[side][:FRONTIER])
        complete = complete and len(edges) < EDGES and len(fronts[side]) <= FRONTIER
        seen.update({(edge.subject, edge.relation.iri, edge.object): edge for edge in edges})
        fronts[side] = _advance(sides[side], edges)
        met = set(sides[0]) & set(sides[1])
        if met:
            return _ways(graph, vocabulary, ends, sides, list(seen.values()), complete, step)
        if not fronts[side]:
            break
    return Network(_things(graph, vocabulary, ends), (), ends, None, complete)


def _advance(reached: dict[str, int], edges: Iterable[Edge]) -> list[str]:
    """Mark what the edges reach from a side; gives what is new."""
    fresh: dict[str, int] = {}
    for edge in edges:
        for here, there in ((edge.subject, edge.object), (edge.object, edge.subject)):
            if here in reached and there not in reached:
                fresh[there] = min(fresh.get(there, STEPS + 1), reached[here] + 1)
    reached.update(fresh)
    return sorted(fresh)


def _ways(
    graph: GraphReader,
    vocabulary: Vocabulary,
    ends: tuple[str, str],
    sides: tuple[dict[str, int], dict[str, int]],
    edges: list[Edge],
    complete: bool,
    steps: int,
) -> Network:
    """The edges that lie on a shortest way: those where the distances to both ends add up to the shortest."""
    length = min(sides[0][iri] + sides[1][iri] for iri in set(sides[0]) & set(sides[1]))
    depth = _depths(ends, edges)
    chosen = [
        edge
        for edge in edges
        for a, b in ((edge.subject, edge.object), (edge.object, edge.subject))
        if depth[0].get(a, STEPS) + 1 + depth[1].get(b, STEPS) == length
    ]
    once = {(edge.subject, edge.relation.iri, edge.object): edge for edge in chosen}
    distinct = tuple(sorted(once.values(), key=lambda edge: min(depth[0][edge.subject], depth[0][edge.object])))
    nodes = {end for edge in distinct for end in (edge.subject, edge.object)}
    return Network(_things(graph, vocabulary, nodes), distinct, ends, length, complete)


def _depths(ends: tuple[str, str], edges: list[Edge]) -> tuple[dict[str, int], dict[str, int]]:
    """The distance of every node from each of the two ends, along the edges that were read."""
    near: dict[str, set[str]] = {}
    for edge in edges:
        near.setdefault(edge.subject, set()).add(edge.object)
        near.setdefault(edge.object, set()).add(edge.subject)
    found = []
    for end in ends:
        depth, front = {end: 0}, [end]
        while front:
            front = sorted({there for here in front for there in near.get(here, ()) if there not in depth})
            depth.update(dict.fromkeys(front, max(depth.values()) + 1))
        found.append(depth)
    return found[0], found[1]


def _edges_of(graph: GraphReader, vocabulary: Vocabulary, things: Iterable[str]) -> list[Edge]:
    """The facts that touch one of the things, at most `EDGES` lines of them."""
    values = f"VALUES ?end {{ {iris(things)} }}"
    rows = graph.rows(f"""SELECT ?s ?p ?o ?passage WHERE {{
      {{ {values} GRAPH ?passage {{ ?end ?p ?o }} BIND(?end AS ?s) }}
      UNION {{ {values} GRAPH ?passage {{ ?s ?p ?end }} BIND(?end AS ?o) }} {STATED} {_ENDS} }} LIMIT {EDGES}""")
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        found.setdefault((text(row, "s"), text(row, "p"), text(row, "o")), set()).add(text(row, "passage"))
    edges = [Edge(s, vocabulary.relation(p), o, tuple(sorted(where))) for (s, p, o), where in found.items()]
    return sorted(edges, key=lambda edge: (edge.relation.order, edge.subject, edge.object))


def _things(graph: GraphReader, vocabulary: Vocabulary, wanted: Iterable[str]) -> dict[str, Thing]:
    """The things, and for a statement with several parts a stand-in named by its kind and passage."""
    named = name_things(graph, vocabulary, wanted)
    unnamed = [iri for iri, one in named.items() if one.kind is None]
    if unnamed:
        rows = graph.rows(f"""SELECT ?one ?kind ?passage WHERE {{
          VALUES ?one {{ {iris(unnamed)} }} GRAPH ?passage {{ ?one a ?kind }} {STATED} }}""")
        for row in rows:
            kind = vocabulary.kind(text(row, "kind"))
            label = f"{kind.label} in {local_name(text(row, 'passage'))}"
            named[text(row, "one")] = Thing(text(row, "one"), label, kind)
    return named
