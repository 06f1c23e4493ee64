"""Things of the graph and terms of the ontology, as answering needs them.

All that is known of things comes from the graph `…/graph/entities` and the ontology; nothing medical stands in code.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kg.backends import Backend
from kg.terms import ENTITIES_GRAPH, KG, ONTOLOGY_GRAPH, PREFIXES, Iri, Literal, Term, local_name

LOAD_S: Final = 30.0
#: Subjects that one query asks about.
TOGETHER: Final = 200
_RDFS: Final = PREFIXES["rdfs"]
_SKOS: Final = PREFIXES["skos"]
_LABEL: Final = f"{_RDFS}label"
_ALT: Final = f"{_SKOS}altLabel"
_HIDDEN: Final = f"{_SKOS}hiddenLabel"
_TYPE: Final = PREFIXES["rdf"] + "type"
_PATTERN: Final = f"{KG}pattern"
_SUBCLASS: Final = f"{_RDFS}subClassOf"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the graph: its names, its classes with all broader ones, and the things it is narrower than."""

    iri: str
    label: str
    alt_labels: tuple[str, ...]
    hidden_labels: tuple[str, ...]
    patterns: tuple[str, ...]
    kind: str
    classes: frozenset[str]
    broader: tuple[str, ...]
    definition: str | None
    defined_by: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term_:
    """A class or property of the ontology, as far as sentences need it."""

    iri: str
    label: str
    inverse: str
    plural: str
    superclasses: tuple[str, ...]
    order: int = 0


@dataclass(frozen=True, slots=True)
class Warning_:
    """A warning of a document: the findings that must all hold, the action, its rank and level, and the passage."""

    iri: str
    passage: str
    triggers: frozenset[str]
    action: str
    rank: int
    level: str


class Triggers(Protocol):
    """The warnings by each of the findings that trigger them."""

    def get(self, finding: str, /) -> Sequence[Warning_] | None: ...


Facts = Mapping[str, Mapping[str, list[Term]]]


def facts(backend: Backend, graph: str) -> Facts:
    """All triples of one graph, by subject and property.

    Raises: EngineError.
    """
    query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    found: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in backend.query(query, deadline=time.monotonic() + LOAD_S).rows:
        subject, predicate = row["s"], row["p"]
        if isinstance(subject, Iri) and isinstance(predicate, Iri):
            found[subject.value][predicate.value].append(row["o"])
    return found


def facts_of(backend: Backend, subjects: Sequence[str]) -> Facts:
    """What the entities graph says of some subjects, by subject and property.

    Raises: EngineError.
    """
    found: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(subjects), TOGETHER):
        names = " ".join(f"<{subject}>" for subject in subjects[start : start + TOGETHER])
        query = f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {names} }} GRAPH <{ENTITIES_GRAPH}> {{ ?s ?p ?o }} }}"
        for row in backend.query(query, deadline=time.monotonic() + LOAD_S).rows:
            subject, predicate = row["s"], row["p"]
            if isinstance(subject, Iri) and isinstance(predicate, Iri):
                found[subject.value][predicate.value].append(row["o"])
    return found


def _texts(values: list[Term], pattern: bool | None = None) -> tuple[str, ...]:
    """The texts of literals, sorted; with `pattern`, only those that are (or are not) patterns."""
    chosen = (v for v in values if isinstance(v, Literal) and (pattern is None or (v.datatype == _PATTERN) == pattern))
    return tuple(sorted({v.value for v in chosen}))


def _iris(values: list[Term]) -> tuple[str, ...]:
    return tuple(sorted({v.value for v in values if isinstance(v, Iri)}))


def read_ontology(backend: Backend) -> dict[str, Term_]:
    """The classes and properties of the ontology by IRI.

    Raises: EngineError.
    """
    out = {}
    for iri, about in facts(backend, ONTOLOGY_GRAPH).items():
        label = next(iter(_texts(about.get(_LABEL, []))), local_name(iri))
        inverse = next(iter(_texts(about.get(f"{KG}inverseLabel", []))), "")
        plural = next(iter(_texts(about.get(f"{KG}pluralLabel", []))), label)
        order = int(next(iter(_texts(about.get(f"{KG}displayOrder", []))), "0"))
        out[iri] = Term_(iri, label, inverse, plural, _iris(about.get(_SUBCLASS, [])), order)
    return out


def read_things(backend: Backend, ontology: Mapping[str, Term_]) -> dict[str, Thing]:
    """The things of the entities graph by IRI.

    Raises: EngineError.
    """
    found = ((iri, thing_of(iri, about, ontology)) for iri, about in facts(backend, ENTITIES_GRAPH).items())
    return {iri: thing for iri, thing in found if thing is not None}


def thing_of(iri: str, about: Mapping[str, list[Term]], ontology: Mapping[str, Term_]) -> Thing | None:
    """The thing that the entities graph says this about; None for what has no label."""
    labels = _texts(about.get(_LABEL, []))
    if not labels:
        return None
    kinds = _iris(about.get(_TYPE, []))
    return Thing(
        iri=iri,
        label=labels[0],
        alt_labels=_texts(about.get(_ALT, [])),
        hidden_labels=_texts(about.get(_HIDDEN, []), pattern=False),
        patterns=_texts(about.get(_HIDDEN, []), pattern=True),
        kind=kinds[0] if kinds else f"{KG}Thing",
        classes=frozenset(superclass for kind in kinds for superclass in ancestors(kind, ontology)),
        broader=_iris(about.get(f"{_SKOS}broader", [])),
        definition=next(iter(_texts(about.get(f"{_SKOS}definition", []))), None),
        defined_by=_iris(about.get(f"{KG}definedBy", [])),
        kinds=kinds,
    )


def ancestors(kind: str, ontology: Mapping[str, Term_]) -> set[str]:
    """A class and all broader ones."""
    seen: set[str] = set()
    todo = [kind]
    while todo:
        iri = todo.pop()
        if iri not in seen:
            seen.add(iri)
            todo.extend(ontology[iri].superclasses if iri in ontology else ())
    return seen
