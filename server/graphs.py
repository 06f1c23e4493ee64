"""Graphs as bytes: the media types offered, and serialisations that give the same bytes for the same statements."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from kg.dataset import Dataset
from kg.export import FORMATS, export
from kg.terms import Quad

#: The media types of one graph, the first where the client has no preference.
GRAPH_TYPES: Final = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
#: Those of several named graphs.
DATASET_TYPES: Final = ("application/trig", "application/n-quads", "application/ld+json")
#: File endings that choose a media type.
SUFFIXES: Final = MappingProxyType({form.extension: form.media_type for form in FORMATS.values()})
_NAMES: Final = MappingProxyType({form.media_type: name for name, form in FORMATS.items()})


def graph_bytes(quads: Iterable[Quad], media_type: str) -> bytes:
    """The statements as one graph, whatever graphs they come from, each once and in a fixed order."""
    return dataset_bytes((quad._replace(graph=None) for quad in quads), media_type)


def dataset_bytes(quads: Iterable[Quad], media_type: str) -> bytes:
    """The statements in their named graphs, each once and in a fixed order."""
    return export(Dataset(list(dict.fromkeys(quads)), (), ""), _NAMES[media_type])
