"""What each document brought into the entities graph, so that it can be taken out again with the document.

A document may reopen the entities graph for its new things. Its own graphs are told by their names; a statement about a
thing is not: it may be ours, or another document's too. So it is noted which statements a document brought that nobody
else had made. A note may outlive its statement, when a write fails between the two; none is ever missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import pyoxigraph as ox

from kg.backends.directory import write_synced
from kg.backends.oxigraph import from_quads, to_quad
from kg.terms import ENTITIES_GRAPH, PREFIXES, Iri, Quad

_ENTITIES: Final = Iri(ENTITIES_GRAPH)
_LABEL: Final = Iri(f"{PREFIXES['rdfs']}label")


class Stated(Protocol):
    """Where the statements are looked up."""

    def holds(self, quad: Quad) -> bool: ...

    def speaking_of(self, thing: Iri) -> Iterator[Quad]: ...


@dataclass(frozen=True)
class Brought:
    """By document (its IRI) the statements of the entities graph that only documents have made, it among them."""

    by_document: Mapping[str, frozenset[Quad]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of_files(cls, files: Mapping[str, Iterable[Quad]]) -> Brought:
        """Of files that are loaded together: those of documents by the document's IRI, the others by their graph."""
        things = {iri: frozenset(q for q in quads if q.graph == _ENTITIES) for iri, quads in files.items()}
        ours = things.pop(ENTITIES_GRAPH, frozenset())
        return cls(MappingProxyType({iri: quads - ours for iri, quads in things.items() if quads - ours}))

    @classmethod
    def read(cls, path: Path) -> Brought:
        """As it was written; empty where nothing was.

        Raises: OSError, SyntaxError for a file that is broken.
        """
        found: dict[str, set[Quad]] = {}
        if path.is_file():
            for quad in map(to_quad, ox.parse(path=path, format=ox.RdfFormat.N_QUADS)):
                if quad.graph is not None:
                    found.setdefault(quad.graph.value, set()).add(quad._replace(graph=_ENTITIES))
        return cls(MappingProxyType({iri: frozenset(quads) for iri, quads in found.items()}))

    def write(self, path: Path) -> None:
        """Write it down, synced: N-Quads in which the graph is the document.

        Raises: OSError.
        """
        noted = (q._replace(graph=Iri(iri)) for iri, quads in self.by_document.items() for q in quads)
        lines = sorted(f"{quad} .\n" for quad in from_quads(noted))
        write_synced(path, "".join(_escaped(lines)))

    def after(self, document: str, quads: Iterable[Quad], stated: Stated) -> tuple[Brought, frozenset[Quad]]:
        """The notes when a document has been replaced by these quads, and what leaves the entities graph then.

        What another document brought stays, and what is said of a thing that somebody else speaks of and nobody names.
        """
        before = self.by_document.get(document, frozenset())
        others = frozenset(q for iri, found in self.by_document.items() if iri != document for q in found)
        coming = frozenset(q for q in quads if q.graph == _ENTITIES)
        mine = frozenset(q for q in coming if q in before or q in others or not stated.holds(q))
        noted = {**self.by_document, document: mine}
        leaving = _unneeded(before - coming - others, document, stated)
        return Brought(MappingProxyType({iri: found for iri, found in noted.items() if found})), leaving

    def with_all_of(self, other: Brought) -> Brought:
        """What either of the two has noted."""
        every = {*self.by_document, *other.by_document}
        return Brought(
            MappingProxyType(
                {iri: self.by_document.get(iri, frozenset()) | other.by_document.get(iri, frozenset()) for iri in every}
            )
        )


def _unneeded(leaving: frozenset[Quad], document: str, stated: Stated) -> frozenset[Quad]:
    """Of what may leave, all but the statements about things that somebody speaks of and that would lose their name."""
    while True:
        things = {quad.subject for quad in leaving if isinstance(quad.subject, Iri)}
        needed = {thing for thing in things if _is_needed(thing, document, leaving, stated)}
        if not needed:
            return leaving
        leaving = frozenset(quad for quad in leaving if quad.subject not in needed)


def _is_needed(thing: Iri, document: str, leaving: frozenset[Quad], stated: Stated) -> bool:
    staying = [
        quad
        for quad in stated.speaking_of(thing)
        if quad not in leaving and quad.graph is not None and not quad.graph.value.startswith(document)
    ]
    of_itself = [quad for quad in staying if quad.graph == _ENTITIES and quad.subject == thing]
    return len(staying) > len(of_itself) and not any(quad.predicate == _LABEL for quad in of_itself)


def _escaped(lines: Iterable[str]) -> Iterator[str]:
    """Lines in ASCII, as N-Quads escapes the rest (RDF 1.1 N-Quads §4)."""
    for line in lines:
        yield "".join(character if character.isascii() else f"\\U{ord(character):08X}" for character in line)
