"""The vocabulary as the pages need it: wording, order and hue of kinds and relations, read from its graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from kg.terms import BASE, KG, local_name
from server.web.graph import ONTOLOGY, GraphReader, number, text

_LAST: Final = 10_000  # order of a term that the ontology does not place
_HUE: Final = re.compile(r"[a-z]{1,20}")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Kind:
    """A class of things or statements; `hue` is a colour family of the style sheet, `grey` where none is given."""

    iri: str
    label: str
    plural: str
    definition: str = ""
    example: str = ""
    hue: str = "grey"
    order: int = _LAST
    parents: tuple[str, ...] = ()
    matches: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The local name, as it stands in addresses."""
        return local_name(self.iri)


@dataclass(frozen=True)
class Relation:
    """A property; `inverse` is its label read from object to subject, `domains` and `ranges` are what it connects."""

    iri: str
    label: str
    inverse: str
    definition: str = ""
    example: str = ""
    order: int = _LAST
    type: str = ""
    domains: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The local name, as it stands in addresses."""
        return local_name(self.iri)

    def read(self, direction: str) -> str:
        """The label in a direction: `out` from subject to object, `in` backwards."""
        return self.label if direction == "out" else self.inverse


@dataclass(frozen=True)
class Vocabulary:
    """Kinds and relations in display order; the ontology's header; the names of its codes' datatypes."""

    kinds: Mapping[str, Kind]
    relations: Mapping[str, Relation]
    header: Mapping[str, str]
    codes: Mapping[str, str]

    def kind(self, iri: str) -> Kind:
        """The kind of that IRI; one that the ontology does not hold is shown by its name."""
        return self.kinds.get(iri) or Kind(iri, words_of(iri), words_of(iri))

    def relation(self, iri: str) -> Relation:
        """The relation of that IRI; one that the ontology does not hold is shown by its name."""
        return self.relations.get(iri) or Relation(iri, words_of(iri), f"is {words_of(iri)} of")

    def closest(self, types: set[str]) -> Kind | None:
        """The most specific of several types: subclasses stand after their superclasses in the display order."""
        known = [self.kinds[iri] for iri in types if iri in self.kinds]
        return max(known, key=lambda kind: kind.order, default=None)

    def is_statement(self, iri: str) -> bool:
        """Whether a kind is one of statements with several parts."""
        return f"{KG}Statement" in self.kind(iri).parents

    @property
    def statements(self) -> tuple[Kind, ...]:
        """The kinds of statements with several parts, in order."""
        return tuple(kind for kind in self.kinds.values() if self.is_statement(kind.iri))

    def between_things(self, relation: Relation) -> bool:
        """Whether a relation is stated of a thing itself, not of a statement, a passage or the vocabulary."""
        things = {iri for iri, kind in self.kinds.items() if f"{KG}Thing" in kind.parents} | {f"{KG}Thing"}
        return bool(things & set(relation.domains)) and relation.name not in ("definedBy", "urgencyRank", "safetyLevel")


def words_of(iri: str) -> str:
    """A local name as words: `hasSideEffect` is "has side effect"."""
    return _HUMP.sub(" ", local_name(iri)).replace("_", " ").lower()


def address(iri: str) -> str:
    """Where the service shows an IRI: the same path for a name of ours, the IRI itself for anybody else's http(s) IRI.

    A passage is shown in its document: `/doc/back-spasms/018` is `/doc/back-spasms/#018`. Anything else gives "#".
    """
    if iri.startswith(KG):
        return f"/ontology#{quote(iri[len(KG) :])}"
    if iri.startswith(BASE):
        path, _, fragment = iri[len(BASE) - 1 :].partition("#")
        document, _, part = path.rpartition("/")
        if path.startswith("/doc/") and part and document.count("/") == 2:
            return f"{quote(document)}/#{quote(part)}"
        return quote(path) + (f"#{quote(fragment)}" if fragment else "")
    return iri if iri.startswith(("https://", "http://")) else "#"


_KINDS: Final = f"""SELECT ?iri ?label ?plural ?definition ?example ?hue ?order ?parent ?match ?target
WHERE {{ GRAPH {ONTOLOGY} {{
  ?iri a owl:Class ; rdfs:label ?label .
  OPTIONAL {{ ?iri kg:pluralLabel ?plural }} OPTIONAL {{ ?iri skos:definition ?definition }}
  OPTIONAL {{ ?iri skos:example ?example }} OPTIONAL {{ ?iri kg:hue ?hue }} OPTIONAL {{ ?iri kg:displayOrder ?order }}
  OPTIONAL {{ ?iri rdfs:subClassOf ?parent }}
  OPTIONAL {{ ?iri ?match ?target VALUES ?match {{ skos:exactMatch skos:closeMatch skos:broadMatch }} }} }} }}"""
_RELATIONS: Final = f"""SELECT ?iri ?type ?label ?inverse ?definition ?example ?order WHERE {{ GRAPH {ONTOLOGY} {{
  VALUES ?type {{ owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty }}
  ?iri a ?type ; rdfs:label ?label .
  OPTIONAL {{ ?iri kg:inverseLabel ?inverse }} OPTIONAL {{ ?iri skos:definition ?definition }}
  OPTIONAL {{ ?iri skos:example ?example }} OPTIONAL {{ ?iri kg:displayOrder ?order }} }} }}"""
_ENDS: Final = f"""SELECT ?iri ?end ?value WHERE {{ GRAPH {ONTOLOGY} {{
  VALUES ?end {{ schema:domainIncludes schema:rangeIncludes kg:negatedBy }} ?iri ?end ?value }} }}"""
_CODES: Final = f"""SELECT ?iri ?label WHERE {{ GRAPH {ONTOLOGY} {{ ?iri a rdfs:Datatype ; rdfs:label ?label }} }}"""
_HEADER: Final = f"""SELECT ?name ?value WHERE {{ GRAPH {ONTOLOGY} {{ ?ontology a owl:Ontology ; ?name ?value }} }}"""


def read_vocabulary(graph: GraphReader) -> Vocabulary:
    """The vocabulary that the graph holds.

    Raises: EngineError.
    """
    ends: dict[tuple[str, str], set[str]] = {}
    for row in graph.rows(_ENDS):
        ends.setdefault((text(row, "iri"), local_name(text(row, "end"))), set()).add(text(row, "value"))
    relations = [_relation({name: text(row, name) for name in row}, ends) for row in graph.rows(_RELATIONS)]
    header = {local_name(text(row, "name")): text(row, "value") for row in graph.rows(_HEADER)}
    return Vocabulary(
        {kind.iri: kind for kind in _kinds(graph)},
        {one.iri: one for one in sorted(relations, key=lambda one: (one.order, one.iri))},
        header,
        {text(row, "iri"): text(row, "label") for row in graph.rows(_CODES)},
    )


def _kinds(graph: GraphReader) -> list[Kind]:
    kinds: dict[str, Kind] = {}
    for row in graph.rows(_KINDS):
        iri = text(row, "iri")
        before = kinds.get(iri)
        parents = {*(before.parents if before else ()), text(row, "parent")} - {""}
        matches = {*(before.matches if before else ()), (text(row, "match"), text(row, "target"))} - {("", "")}
        hue = text(row, "hue")
        kinds[iri] = Kind(
            iri,
            text(row, "label"),
            text(row, "plural") or text(row, "label"),
            text(row, "definition"),
            text(row, "example"),
            hue if _HUE.fullmatch(hue) else "grey",
            number(row, "order", _LAST),
            tuple(sorted(parents)),
            tuple(sorted(matches)),
        )
    return sorted(kinds.values(), key=lambda kind: (kind.order, kind.iri))


def _relation(found: Mapping[str, str], ends: Mapping[tuple[str, str], set[str]]) -> Relation:
    iri = found["iri"]
    order = found.get("order", "")
    return Relation(
        iri,
        found["label"],
        found.get("inverse") or f"is what {words_of(iri)} names",
        found.get("definition", ""),
        found.get("example", ""),
        int(order) if order.isdigit() else _LAST,
        local_name(found["type"]),
        *(tuple(sorted(ends.get((iri, end), ()))) for end in ("domainIncludes", "rangeIncludes", "negatedBy")),
    )
