"""Names of the graph, and plain Python values for RDF terms.

The canonical base is fixed (`https://w3id.org/backstory/`); a service answers every canonical IRI at the same path
under its own host. Terms are small frozen values with datatype and language kept, so that no engine's own classes
cross the backend protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

BASE: Final = "https://w3id.org/backstory/"
KG: Final = f"{BASE}ns#"
ID: Final = f"{BASE}id/"
DOC: Final = f"{BASE}doc/"
ENTITIES_GRAPH: Final = f"{BASE}graph/entities"
ONTOLOGY_GRAPH: Final = f"{BASE}graph/ontology"

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF_LANG_STRING: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"

#: The prefixes that every file, query and serialisation of the project uses.
PREFIXES: Final[dict[str, str]] = {
    "kg": KG,
    "id": ID,
    "doc": DOC,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": XSD,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "https://schema.org/",
    "oa": "http://www.w3.org/ns/oa#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "vann": "http://purl.org/vocab/vann/",
    "sh": "http://www.w3.org/ns/shacl#",
    "obo": "http://purl.obolibrary.org/obo/",
}


@dataclass(frozen=True, slots=True)
class Iri:
    """An absolute IRI (RDF 1.1 Concepts §3.2)."""

    value: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal with its datatype IRI and, for `rdf:langString`, its language tag (RDF 1.1 Concepts §3.3)."""

    value: str
    datatype: str = f"{XSD}string"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class BlankNode:
    """A blank node; its label means nothing outside the one result it came in (RDF 1.1 Concepts §3.4)."""

    value: str


@dataclass(frozen=True, slots=True)
class TripleTerm:
    """A triple used as a term (RDF 1.2 Concepts §3.1); our own data has none, other people's queries may."""

    subject: Term
    predicate: Iri
    object: Term


Term = Iri | Literal | BlankNode | TripleTerm


class Quad(NamedTuple):
    """One statement in one named graph; `graph` None is the default graph."""

    subject: Term
    predicate: Iri
    object: Term
    graph: Iri | None


def document_iri(name: str) -> str:
    """The IRI of a document, with the closing slash that its passages resolve against."""
    return f"{DOC}{name}/"


def local_name(iri: str) -> str:
    """What follows the last `#` or `/` of an IRI."""
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def compact(iri: str) -> str:
    """The IRI as a prefixed name where one of `PREFIXES` fits, else in angle brackets."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :] and "#" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
