"""What the explorer's pages and its data route show for a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.web.facts import Fact, Statement
from server.web.graph import STATED, iris, text
from server.web.neighbourhood import Neighbourhood
from server.web.network import Network, around, connect, within
from server.web.passages import Passage
from server.web.picture import Picture, network_picture, positions
from server.web.site import Site
from server.web.state import State
from server.web.things import Thing


@dataclass(frozen=True)
class Alarm:
    """An urgent action, and what calls for it: each set of findings that must hold together, with its passages."""

    action: Thing
    level: str
    triggers: tuple[tuple[tuple[Thing, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Between:
    """All that passages state of two things at once."""

    thing: Thing
    facts: tuple[Fact, ...]
    statements: tuple[Statement, ...]
    passages: Mapping[str, Passage]

    @property
    def cited(self) -> list[Passage]:
        """The passages that state it, in the document's order; `passages` has those that introduce them as well."""
        stating = {iri for fact in self.facts for iri in fact.passages} | {whole.passage for whole in self.statements}
        return sorted((self.passages[iri] for iri in stating), key=lambda one: (one.document, one.position))


@dataclass(frozen=True)
class TableRow:
    """One line of the table view."""

    relation: str
    order: int
    thing: Thing
    kind: str
    passages: tuple[str, ...]


def alarms(statements: tuple[Statement, ...]) -> tuple[Alarm, ...]:
    """Warnings by action, the most urgent first; the same findings stated by several passages are one line."""
    found: dict[str, tuple[Thing, str, dict[tuple[str, ...], tuple[tuple[Thing, ...], list[str]]]]] = {}
    for one in statements:
        findings = one.values("hasTrigger")
        for action in one.values("recommendsAction"):
            lines = found.setdefault(action.iri, (action, one.level, {}))[2]
            lines.setdefault(tuple(value.iri for value in findings), (findings, []))[1].append(one.passage)
    return tuple(
        Alarm(action, level, tuple((things, tuple(sorted(where))) for things, where in lines.values()))
        for action, level, lines in found.values()
    )


def table(vocabulary_order: Neighbourhood, sort: str) -> list[TableRow]:
    """The facts of a neighbourhood as rows; `sort` is a column's name, with `-` before it backwards."""
    rows = [
        TableRow(
            group.label, group.relation.order, one.thing, one.thing.kind.label if one.thing.kind else "", one.passages
        )
        for group in vocabulary_order.groups
        for one in group.neighbours
    ]
    rows += [
        TableRow(
            one.kind.label,
            one.kind.order + 1000,
            Thing("", one.sentence.partition(": ")[2]),
            one.kind.label,
            (one.passage,),
        )
        for one in vocabulary_order.statements
    ]
    keys = {
        "relation": lambda row: (row.order, row.relation),
        "thing": lambda row: row.thing.label.lower(),
        "kind": lambda row: (row.kind.lower(), row.thing.label.lower()),
        "passage": lambda row: row.passages,
    }
    key = keys.get(sort.lstrip("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else rows


def between(site: Site, one: Thing, other: Thing) -> Between:
    """What is stated of two things at once, plainly or within a statement with several parts."""
    ends = (iris([one.iri]), iris([other.iri]))
    rows = site.graph.rows(f"""SELECT DISTINCT ?passage WHERE {{
      {{ GRAPH ?passage {{ {ends[0]} ?p {ends[1]} }} }} UNION {{ GRAPH ?passage {{ {ends[1]} ?p {ends[0]} }} }}
      UNION {{ GRAPH ?passage {{ ?whole ?p {ends[0]} ; ?q {ends[1]} }} }}
      {STATED} }}""")
    stated = site.stated({text(row, "passage") for row in rows})
    pair = {one.iri, other.iri}
    facts = tuple(fact for fact in stated.facts if {fact.subject.iri, fact.object.iri} == pair)
    wholes = tuple(
        whole for whole in stated.statements if pair <= {value.iri for part in whole.parts for value in part.values}
    )
    cited = {iri for fact in facts for iri in fact.passages} | {whole.passage for whole in wholes}
    return Between(other, facts, wholes, site.passages(cited))


Ends = tuple[Thing | None, Thing | None]


def network(site: Site, state: State, focus: Thing | None, ends: Ends) -> Network:
    """The network that a state asks for: a connection, a gathered set, or what surrounds the focus."""
    if ends[0] and ends[1]:
        return connect(site.graph, site.vocabulary, ends[0].iri, ends[1].iri)
    if state.set_iris:
        return within(site.graph, site.vocabulary, state.set_iris)
    if focus:
        return around(site.graph, site.vocabulary, focus.iri, state.kinds)
    return Network({}, ())


def network_view(site: Site, state: State, focus: Thing | None, ends: Ends) -> tuple[Network, Picture]:
    """The network of a state, and its drawing."""
    found = network(site, state, focus, ends)
    plain = focus.iri if focus and not state.chosen and not found.ends else None
    return found, network_picture(found, plain)


def neighbourhood_json(site: Site, found: Neighbourhood) -> dict[str, Any]:
    """A neighbourhood as data."""
    return {
        "focus": thing_json(found.focus),
        "statements": [
            {
                "kind": one.kind.label,
                "urgency": one.rank,
                "passage": one.passage,
                "parts": [
                    {"relation": part.relation.label, "things": [thing_json(v) for v in part.values]}
                    for part in one.parts
                ],
            }
            for one in found.statements
        ],
        "groups": [
            {
                "relation": group.relation.iri,
                "label": group.label,
                "direction": group.direction,
                "count": group.count,
                "things": [{**thing_json(one.thing), "passages": list(one.passages)} for one in group.neighbours],
            }
            for group in found.groups
        ],
        "kinds": [{"kind": kind.iri, "label": kind.plural, "count": count} for kind, count in found.kind_counts],
        "cross": [[a, relation.label, b] for a, relation, b in found.cross],
    }


def network_json(found: Network, picture: Picture) -> dict[str, Any]:
    """A network as data, with the place of each node."""
    places = positions(picture)
    return {
        "nodes": [{**thing_json(thing), **places[iri]} for iri, thing in found.nodes.items()],
        "edges": [
            {
                "subject": e.subject,
                "relation": e.relation.iri,
                "label": e.relation.label,
                "object": e.object,
                "passages": list(e.passages),
            }
            for e in found.edges
        ],
        "ends": list(found.ends),
        "steps": found.steps,
        "complete": found.complete,
    }


def thing_json(thing: Thing) -> dict[str, Any]:
    """A thing as data; a literal has no `iri`."""
    return {
        "iri": thing.iri or None,
        "name": thing.name,
        "label": thing.label,
        "kind": thing.kind.label if thing.kind else None,
        "hue": thing.hue,
    }
