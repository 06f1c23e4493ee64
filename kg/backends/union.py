"""The union of the named graphs in the default graph, and the digest of the named graphs, in step with each write.

The default graph of the published store is the union of its named graphs, as a set: a fact that two passages state is
there once, and stays as long as one of them states it (a "union default graph" switch counts it twice, measured).

The digest is a multiset hash (Bellare and Micciancio 1997, AdHash): the sum modulo 2**256 of the SHA-256 of each
canonical N-Quads line. It does not depend on the order, so a write costs what it changes and no sort of the whole; two
stores with the same named graphs have the same digest, whatever engine or history they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

_MODULUS: Final = 1 << 256
EMPTY_DIGEST: Final = f"sha256:{0:064x}"


def _sum(quads: Iterable[ox.Quad]) -> int:
    return sum(int.from_bytes(sha256(str(quad).encode()).digest(), "big") for quad in quads)


def named(store: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads of all named graphs, of a store or of any other collection."""
    return (quad for quad in store if not isinstance(quad.graph_name, ox.DefaultGraph))


def digest(store: Iterable[ox.Quad]) -> str:
    """The digest of all named graphs, of a store or of distinct quads: reads the whole."""
    return f"sha256:{_sum(named(store)) % _MODULUS:064x}"


def with_union(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Each quad, and its triple in the default graph."""
    for quad in quads:
        yield quad
        yield ox.Quad(quad.subject, quad.predicate, quad.object)


def graphs_of(store: ox.Store, document: str, coming: Iterable[ox.Quad] = ()) -> list[ox.NamedNode]:
    """The named graphs that belong to a document: those whose IRI begins with its own, which ends with a slash.

    A document describes its graphs in its own, so they are looked up there, or, for a new one, among what is coming:
    to look through all graphs takes a second where there are 300,000. What describes nothing is looked for so.
    """
    own = ox.NamedNode(document)
    if store.contains_named_graph(own):
        described = _described(store.quads_for_pattern(None, None, None, own), document)
    else:
        described = _described((quad for quad in coming if quad.graph_name == own), document)
    if described:
        return [graph for graph in described if store.contains_named_graph(graph)]
    return [
        graph for graph in store.named_graphs() if isinstance(graph, ox.NamedNode) and graph.value.startswith(document)
    ]


def _described(quads: Iterable[ox.Quad], document: str) -> list[ox.NamedNode]:
    """The document itself and what it speaks of below its own IRI, sorted; none where it says nothing of itself."""
    subjects = {quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    if ox.NamedNode(document) not in subjects:
        return []
    return sorted((node for node in subjects if node.value.startswith(document)), key=str)


def _triple(quad: ox.Quad) -> str:
    return f"{quad.subject} {quad.predicate} {quad.object} ."


def _elsewhere(store: ox.Store, quad: ox.Quad, leaving: set[ox.NamedNode], gone: set[ox.Quad]) -> bool:
    stated = named(store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None))
    return any(q.graph_name not in leaving and q not in gone for q in stated)


def _blocks(quads: Iterable[ox.Quad]) -> str:
    graphs: dict[str, list[str]] = {}
    for quad in quads:
        graphs.setdefault(str(quad.graph_name), []).append(_triple(quad))
    return " ".join(f"GRAPH {graph} {{ {' '.join(triples)} }}" for graph, triples in graphs.items())


def checked(document: str, quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """The quads, each in a named graph and without blank nodes.

    Raises: ValueError naming what is not: such a statement could be neither cited, diffed nor dereferenced.
    """
    if not document.endswith("/"):
        raise ValueError(f"a document's IRI ends with a slash; {document!r} does not")
    listed = list(quads)
    for quad in listed:
        if not isinstance(quad.graph_name, ox.NamedNode):
            raise ValueError(f"a statement of a document stands in a named graph; this one does not: {quad}")
        if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
            raise ValueError(f"the graph holds no blank nodes; this statement has one: {quad}")
    own = ox.NamedNode(document)
    described = set(_described((quad for quad in listed if quad.graph_name == own), document))
    for graph in {quad.graph_name for quad in listed if isinstance(quad.graph_name, ox.NamedNode)} if described else ():
        if graph.value.startswith(document) and graph not in described:
            raise ValueError(f"the document describes its graphs in its own; it says nothing of {graph}")
    return listed


def replace_document(
    store: ox.Store, document: str, quads: Iterable[ox.Quad], before: str, beyond: Iterable[ox.Quad] = ()
) -> str:
    """Replace all graphs of a document in one transaction, its share of the union included; gives the new digest.

    Quads in graphs beyond the document's own (a document may reopen the entities graph) are added; those of `beyond`
    leave with what the document was (`kg.brought` knows them).

    Raises: ValueError for quads that a document cannot hold; OSError from the store.
    """
    coming = checked(document, quads)
    leaving = graphs_of(store, document, coming)
    gone = [quad for graph in leaving for quad in store.quads_for_pattern(None, None, None, graph)]
    names = set(leaving)
    taken = [quad for quad in dict.fromkeys(beyond) if quad in store and quad.graph_name not in names]
    gone += taken
    added = [quad for quad in dict.fromkeys(coming) if quad.graph_name in names or quad not in store]
    lost = dict.fromkeys(_triple(quad) for quad in gone if not _elsewhere(store, quad, names, set(taken)))
    steps = [f"DROP SILENT GRAPH {graph}" for graph in leaving]
    if lost:
        steps.append(f"DELETE DATA {{ {_blocks(taken)} {' '.join(lost)} }}")
    elif taken:
        steps.append(f"DELETE DATA {{ {_blocks(taken)} }}")
    if coming:
        union = " ".join(dict.fromkeys(map(_triple, coming)))
        steps.append(f"INSERT DATA {{ {_blocks(coming)} {union} }}")
    if steps:
        store.update(" ;\n".join(steps))  # one request is one transaction
    total = int(before.removeprefix("sha256:"), 16) - _sum(gone) + _sum(added)
    return f"sha256:{total % _MODULUS:064x}"
