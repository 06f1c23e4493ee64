"""What a document is checked beside: the vocabulary, and of the things those that its checks can come to.

A graph of 2,500 documents has half a million statements about things, of which one document's checks need some hundred:
the things that it names, all that is broader than they are, whatever has a label that it gives, and the passages that
define them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import pyoxigraph as ox

from kg.backends import Backend
from kg.backends.oxigraph import to_quad
from kg.terms import DOC, ENTITIES_GRAPH, ID, ONTOLOGY_GRAPH, PREFIXES, Iri, Literal, Quad, document_iri

_LABEL: Final = f"{PREFIXES['rdfs']}label"
_BROADER: Final = f"{PREFIXES['skos']}broader"
_DEFINED_BY: Final = "https://w3id.org/backstory/ns#definedBy"
_TYPE: Final = f"{PREFIXES['rdf']}type"
#: Subjects that one query asks about.
TOGETHER: Final = 500


def surroundings(backend: Backend, text: str, name: str, deadline: float) -> list[Quad]:
    """The statements that a document given as TriG is checked beside; what does not parse has the vocabulary only.

    `deadline` in seconds on `time.monotonic()`'s clock. Raises: EngineError.
    """
    vocabulary = _graph(backend, f"GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }}", ONTOLOGY_GRAPH, deadline)
    try:
        quads = [to_quad(quad) for quad in ox.parse(text, ox.RdfFormat.TRIG, base_iri=document_iri(name))]
    except (SyntaxError, ValueError):
        return vocabulary  # the check says what is wrong
    found: dict[str, list[Quad]] = {}
    todo = {term.value for quad in quads for term in (quad.subject, quad.object) if isinstance(term, Iri)}
    todo = {iri for iri in todo if iri.startswith(ID)} | _of_one_name(backend, quads, deadline)
    while todo:
        about = _about(backend, ENTITIES_GRAPH, todo, deadline)
        for quad in about:
            found.setdefault(str(quad.subject), []).append(quad)
        asked, todo = (
            todo,
            {
                quad.object.value
                for quad in about
                if quad.predicate.value == _BROADER and isinstance(quad.object, Iri) and quad.object.value not in found
            },
        )
        todo -= asked
    things = [quad for quads in found.values() for quad in quads]
    return [*vocabulary, *things, *_defining(backend, things, name, deadline)]


def _of_one_name(backend: Backend, quads: Iterable[Quad], deadline: float) -> set[str]:
    """The things whose label is one that a document gives, in its case or in lower case."""
    given = {quad.object.value for quad in quads if quad.predicate.value == _LABEL and isinstance(quad.object, Literal)}
    written = sorted({form for label in given for form in (label, label.lower(), label.capitalize())})
    found: set[str] = set()
    for start in range(0, len(written), TOGETHER):
        values = " ".join(str(ox.Literal(label, language="en")) for label in written[start : start + TOGETHER])
        pattern = f"VALUES ?o {{ {values} }} GRAPH <{ENTITIES_GRAPH}> {{ ?s <{_LABEL}> ?o }}"
        rows = backend.query(f"SELECT ?s WHERE {{ {pattern} }}", deadline=deadline).rows
        found |= {row["s"].value for row in rows if isinstance(row["s"], Iri)}
    return found


def _defining(backend: Backend, things: Iterable[Quad], name: str, deadline: float) -> list[Quad]:
    """That the passages of other documents which define these things are there."""
    own = document_iri(name)
    passages = {q.object.value for q in things if q.predicate.value == _DEFINED_BY and isinstance(q.object, Iri)}
    others = sorted(iri for iri in passages if iri.startswith(DOC) and not iri.startswith(own))
    found: list[Quad] = []
    for document in sorted({iri.rpartition("/")[0] + "/" for iri in others}):
        about = _about(backend, document, [iri for iri in others if iri.startswith(document)], deadline)
        found += [quad for quad in about if quad.predicate.value == _TYPE]
    return found


def _about(backend: Backend, graph: str, subjects: Collection[str], deadline: float) -> list[Quad]:
    listed = sorted(subjects)
    found: list[Quad] = []
    for start in range(0, len(listed), TOGETHER):
        values = " ".join(f"<{subject}>" for subject in listed[start : start + TOGETHER])
        found += _graph(backend, f"VALUES ?s {{ {values} }} GRAPH <{graph}> {{ ?s ?p ?o }}", graph, deadline)
    return found


def _graph(backend: Backend, pattern: str, graph: str, deadline: float) -> list[Quad]:
    rows = backend.query(f"SELECT ?s ?p ?o WHERE {{ {pattern} }}", deadline=deadline).rows
    name = Iri(graph)
    return [Quad(row["s"], row["p"], row["o"], name) for row in rows if isinstance(row["p"], Iri)]
