"""Graphs as bytes: the media types offered, and one serialisation that gives the same bytes for the same statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from kg.backends.oxigraph import RDF_FORMATS, from_quads
from kg.terms import PREFIXES, Quad

#: The media types of one graph, the first where the client has no preference.
GRAPH_TYPES: Final = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
#: Those of several named graphs.
DATASET_TYPES: Final = ("application/trig", "application/n-quads", "application/ld+json")
SUFFIXES: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}


def graph_bytes(quads: Iterable[Quad], media_type: str) -> bytes:
    """The statements as one graph, whatever graphs they come from, each once and in a fixed order."""
    triples = {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in from_quads(quads)}
    ordered = sorted(triples, key=str)
    return ox.serialize(ordered, format=RDF_FORMATS[media_type], prefixes=dict(PREFIXES)) or b""


def dataset_bytes(quads: Iterable[Quad], media_type: str) -> bytes:
    """The statements in their named graphs, in a fixed order."""
    ordered = sorted(from_quads(quads), key=lambda quad: (str(quad.graph_name), str(quad)))
    form = RDF_FORMATS[media_type]
    if form == ox.RdfFormat.N_QUADS:
        return "".join(f"{quad} .\n" for quad in ordered).encode()
    return ox.serialize(ordered, format=form, prefixes=dict(PREFIXES)) or b""
