"""What passages state, in words: plain facts, and statements with several parts (a warning, an instruction)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.terms import KG, PREFIXES, Iri, Term, local_name
from queries.quantities import worded
from server.web.graph import ENTITIES, RANKED, GraphReader, iris, number, text, value_of
from server.web.things import Thing, name_things
from server.web.vocabulary import Kind, Relation, Vocabulary

_BATCH: Final = 400
_TYPE: Final = f"{PREFIXES['rdf']}type"
_QUANTITY: Final = f"{PREFIXES['schema']}QuantitativeValue"


@dataclass(frozen=True)
class Fact:
    """A stated triple: `object` is a thing, or the text of a literal; `passages` are the IRIs of all that state it."""

    subject: Thing
    relation: Relation
    object: Thing
    passages: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The fact as a line of text."""
        return f"{self.subject.label} – {self.relation.label} – {self.object.label}"


@dataclass(frozen=True)
class Part:
    """One line of a statement: a relation and its values."""

    relation: Relation
    values: tuple[Thing, ...]


@dataclass(frozen=True)
class Statement:
    """A statement with several parts, in one passage; `rank` is the urgency of its action, 0 without one."""

    iri: str
    kind: Kind
    parts: tuple[Part, ...]
    passage: str
    rank: int = 0
    level: str = ""

    @property
    def sentence(self) -> str:
        """The statement as a line of text."""
        lines = (f"{part.relation.label} {' or '.join(value.label for value in part.values)}" for part in self.parts)
        return f"{self.kind.label}: {'; '.join(lines)}"

    def values(self, name: str) -> tuple[Thing, ...]:
        """The values of the part of that local name."""
        return next((part.values for part in self.parts if part.relation.name == name), ())

    def but(self, *names: str) -> tuple[Part, ...]:
        """The parts whose local name is none of these."""
        return tuple(part for part in self.parts if part.relation.name not in names)


@dataclass(frozen=True)
class Stated:
    """What some passages state."""

    facts: tuple[Fact, ...]
    statements: tuple[Statement, ...]

    def of(self, passage: str) -> Stated:
        """What one of the passages states."""
        return Stated(
            tuple(fact for fact in self.facts if passage in fact.passages),
            tuple(one for one in self.statements if one.passage == passage),
        )


Line = tuple[str, str, str, Term]  # passage, subject, predicate, object


def read_stated(graph: GraphReader, vocabulary: Vocabulary, passages: Iterable[str]) -> Stated:
    """What the given passages state.

    Raises: EngineError.
    """
    rest = sorted(set(passages))
    lines: list[Line] = []
    for start in range(0, len(rest), _BATCH):
        block = iris(rest[start : start + _BATCH])
        rows = graph.rows(f"SELECT ?g ?s ?p ?o WHERE {{ VALUES ?g {{ {block} }} GRAPH ?g {{ ?s ?p ?o }} }}")
        lines += [(text(row, "g"), text(row, "s"), text(row, "p"), row["o"]) for row in rows]
    return assemble(graph, vocabulary, lines)


def assemble(graph: GraphReader, vocabulary: Vocabulary, lines: Iterable[Line]) -> Stated:
    """Statements and plain facts from the triples of passages."""
    lines = list(lines)
    types = {(g, s): value_of(o) for g, s, p, o in lines if p == _TYPE}
    nodes = {key: iri for key, iri in types.items() if vocabulary.is_statement(iri)}
    quantities = _quantities(lines, types)
    wanted = {value for g, s, p, o in lines for value in (s, o.value if isinstance(o, Iri) else "") if value} - set(
        quantities
    )
    named = name_things(graph, vocabulary, wanted)
    parts: dict[tuple[str, str], dict[str, list[Thing]]] = {key: {} for key in nodes}
    facts: dict[tuple[str, str, str], tuple[Thing, list[str]]] = {}
    for g, s, p, o in lines:
        if p == _TYPE or ((g, s) not in nodes and s in quantities):
            continue
        value = _value(o, named, quantities)
        if (g, s) in nodes:
            parts[(g, s)].setdefault(p, []).append(value)
        else:
            facts.setdefault((s, p, value.iri + value.label), (value, []))[1].append(g)
    ranks = _ranks(graph, parts)
    return Stated(
        tuple(
            sorted(
                (
                    Fact(named[s], vocabulary.relation(p), value, tuple(sorted(set(where))))
                    for (s, p, _), (value, where) in facts.items()
                ),
                key=lambda fact: (fact.relation.order, fact.subject.order, fact.object.order),
            )
        ),
        tuple(
            sorted(
                (_statement(vocabulary, key, nodes[key], found, ranks) for key, found in parts.items()),
                key=lambda one: (one.kind.order, -one.rank, one.iri),
            )
        ),
    )


def _quantities(lines: Sequence[Line], types: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The quantities among the subjects of triples, each in words."""
    return {
        s: worded({local_name(p): value_of(o) for _, s2, p, o in lines if s2 == s})
        for (_, s), iri in types.items()
        if iri == _QUANTITY
    }


def _value(term: Term, named: Mapping[str, Thing], quantities: Mapping[str, str]) -> Thing:
    if isinstance(term, Iri):
        return Thing("", quantities[term.value]) if term.value in quantities else named[term.value]
    return Thing("", value_of(term))


def _ranks(
    graph: GraphReader, parts: Mapping[tuple[str, str], Mapping[str, list[Thing]]]
) -> dict[str, tuple[int, str]]:
    actions = {value.iri for found in parts.values() for value in found.get(f"{KG}recommendsAction", ())}
    if not actions:
        return {}
    rows = graph.rows(f"""SELECT ?action ?rank ?level WHERE {{ VALUES ?action {{ {iris(sorted(actions))} }}
      {RANKED} OPTIONAL {{ GRAPH {ENTITIES} {{ ?action kg:safetyLevel ?level }} }} }}""")
    return {text(row, "action"): (number(row, "rank"), text(row, "level")) for row in rows}


def _statement(
    vocabulary: Vocabulary,
    key: tuple[str, str],
    kind: str,
    found: Mapping[str, list[Thing]],
    ranks: Mapping[str, tuple[int, str]],
) -> Statement:
    lines = [
        Part(vocabulary.relation(p), tuple(sorted(values, key=lambda one: one.order))) for p, values in found.items()
    ]
    rank = max((ranks.get(value.iri, (0, "")) for value in found.get(f"{KG}recommendsAction", ())), default=(0, ""))
    ordered = tuple(sorted(lines, key=lambda part: part.relation.order))
    return Statement(key[1], vocabulary.kind(kind), ordered, key[0], *rank)
