"""The dataset of one query: the protocol's parameters win over FROM and FROM NAMED (SPARQL 1.1 Protocol §2.1.4).

Several default graphs are one graph, their RDF merge (SPARQL 1.1 Query §13.2). Oxigraph 0.5 looks through them one
after the other, so a triple that two of them hold is found twice; then the merge is copied into a store of its own.
"""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox

from server.evaluator.tokenizer import Scan

_NOTHING: Final = ox.Store()


def choose(
    store: ox.Store, text: str, found: Scan, default: list[str] | None, named: list[str] | None, base: str | None
) -> tuple[ox.Store, dict[str, Any]]:
    """The store to ask, and the dataset arguments of `Store.query`.

    `default` and `named` are the protocol's parameters, both None where the request has none; where it has some, the
    list that is missing is empty. A graph that is not here is empty, and nothing is fetched.

    Raises: ValueError for a parameter that is no absolute IRI.
    """
    if default is None and named is None:
        default, named = _in_text(text, found, base)
        if len(default) < 2:
            return store, {}
    first = [ox.NamedNode(iri) for iri in dict.fromkeys(default or ())]
    others = [ox.NamedNode(iri) for iri in dict.fromkeys(named or ())]
    if len(first) < 2:
        return store, {"default_graph": first, "named_graphs": others}
    return _merge(store, first, others), {"default_graph": [ox.DefaultGraph()], "named_graphs": others}


def _in_text(text: str, found: Scan, base: str | None) -> tuple[list[str], list[str]]:
    """The IRIs of FROM and FROM NAMED; the engine resolves prefixes and BASE, in a query of the same prologue."""
    if sum(not clause.named for clause in found.clauses) < 2:
        return [], []
    names = [f"?g{number}" for number in range(len(found.clauses))]
    iris = " ".join(clause.iri for clause in found.clauses)
    question = f"{text[: found.prologue_end]}\nSELECT * {{ VALUES ({' '.join(names)}) {{ ({iris}) }} }}"
    try:
        answers = _NOTHING.query(question, base_iri=base)
        assert isinstance(answers, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
        row = next(iter(answers))
    except SyntaxError:
        return [], []  # the query itself has the same error, and reports it where it stands
    values = [row[name[1:]].value for name in names]
    pairs = list(zip(found.clauses, values, strict=True))
    return [iri for clause, iri in pairs if not clause.named], [iri for clause, iri in pairs if clause.named]


def _merge(store: ox.Store, first: list[ox.NamedNode], others: list[ox.NamedNode]) -> ox.Store:
    merged = ox.Store()
    for graph in first:
        merged.extend(
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in others:
        if store.contains_named_graph(graph):
            merged.add_graph(graph)
            merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged
