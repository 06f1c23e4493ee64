"""Names of things: every label of the graph's entities, ready to be found in a text.

All that is known of things comes from the graph `…/graph/entities` and the ontology; nothing medical stands in code.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend
from kg.terms import ENTITIES_GRAPH, KG, ONTOLOGY_GRAPH, PREFIXES, Iri, Literal, Term, local_name
from queries.phrases import PhraseError
from queries.template import QuestionFileError
from queries.trie import Reading, Trie
from queries.words import Writing

LOAD_S: Final = 30.0
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


@dataclass(frozen=True, slots=True)
class Term_:
    """A class or property of the ontology, as far as sentences need it."""

    iri: str
    label: str
    inverse: str
    plural: str
    superclasses: tuple[str, ...]
    order: int = 0


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
    out = {}
    for iri, about in facts(backend, ENTITIES_GRAPH).items():
        labels = _texts(about.get(_LABEL, []))
        if not labels:
            continue
        kinds = _iris(about.get(_TYPE, []))
        out[iri] = Thing(
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
        )
    return out


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


def number_forms(word: str) -> Iterator[str]:
    """The word, and its other number by the regular rules of English spelling ("disc" and "discs")."""
    yield word
    if len(word) < 3 or not word.isalpha():
        return
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    elif word.endswith(("ches", "shes", "xes", "sses")):
        yield word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    elif word.endswith(("ch", "sh", "x", "ss")):
        yield word + "es"
    elif not word.endswith("s"):
        yield word + "s"


class Lexicon:
    """Things by IRI, and their names in a trie. Immutable once built."""

    def __init__(self, things: Mapping[str, Thing], ontology: Mapping[str, Term_], writing: Writing) -> None:
        self.things = things
        self.ontology = ontology
        self.by_class: dict[str, list[Thing]] = defaultdict(list)
        self.names = Trie()
        self.entries: list[tuple[tuple[str, ...], Reading]] = []
        self.patterns: list[tuple[str, Reading]] = []
        for thing in things.values():
            for kind in sorted(thing.classes):
                self.by_class[kind].append(thing)
            self._enter(thing, writing)

    def _enter(self, thing: Thing, writing: Writing) -> None:
        reading = Reading("thing", thing.iri)
        for name in (thing.label, *thing.alt_labels, *thing.hidden_labels):
            words = writing.texts(name)
            if words:
                for last in number_forms(words[-1]):
                    entry = (*words[:-1], last)
                    self.names.add(entry, reading)
                    self.entries.append((entry, reading))
        for pattern in thing.patterns:
            try:
                self.names.add_phrase(pattern, reading, writing.texts)
                self.patterns.append((pattern, reading))
            except PhraseError as error:
                raise QuestionFileError("entities", 1, "kg:pattern", f"{thing.iri}: {error}") from error

    def class_label(self, iri: str) -> str:
        """What a class is called."""
        return self.ontology[iri].label if iri in self.ontology else local_name(iri)

    def in_classes(self, classes: tuple[str, ...]) -> list[Thing]:
        """The things of any of these classes, by label."""
        found = {thing.iri: thing for kind in classes for thing in self.by_class.get(kind, [])}
        return sorted(found.values(), key=lambda thing: (thing.label.lower(), thing.iri))
