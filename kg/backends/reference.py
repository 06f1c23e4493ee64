"""rdflib's own store: the slow reference that other engines are compared with; never on a request's path.

Traps of rdflib 7 that are kept out here: a literal's lexical form is normalised unless told otherwise ("072" becomes
72); a plain literal and an `xsd:string` are two different terms to it, so strings carry no datatype inside; a dataset
with `default_union` counts a fact that two passages state twice, so the union is a real default graph here too.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Lock
from types import MappingProxyType
from typing import Final

import rdflib
from rdflib.query import Result as RdflibResult
from rdflib.term import Node

from kg.backends import DeadlineExceeded, EngineFailed, QuerySyntaxError, Result
from kg.backends.oxigraph import from_quads
from kg.backends.union import digest
from kg.terms import RDF_LANG_STRING, XSD, BlankNode, Iri, Literal, Quad, Term

_STRING: Final = f"{XSD}string"
_RESULT_FORMATS: Final = MappingProxyType(
    {
        "application/sparql-results+json": "json",
        "application/sparql-results+xml": "xml",
        "text/csv": "csv",
    }
)
_GRAPH_FORMATS: Final = MappingProxyType(
    {
        "text/turtle": "turtle",
        "application/n-triples": "nt",
        "application/rdf+xml": "xml",
        "application/ld+json": "json-ld",
    }
)


def to_rdflib(term: Term) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    """The term of rdflib, its lexical form untouched.

    Raises: ValueError for a triple term, which rdflib 7 has not.
    """
    if isinstance(term, Iri):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language is not None:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = None if term.datatype == _STRING else rdflib.URIRef(term.datatype)
        return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise ValueError("rdflib has no triple terms")


def from_rdflib(term: Node) -> Term:
    """The plain value of a term of rdflib.

    Raises: EngineFailed for what is no RDF term.
    """
    if isinstance(term, rdflib.URIRef):
        return Iri(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language is not None:
            return Literal(str(term), RDF_LANG_STRING, term.language)
        return Literal(str(term), str(term.datatype) if term.datatype is not None else _STRING)
    raise EngineFailed(f"rdflib answered something that is no RDF term: {term!r}")


class ReferenceBackend:
    """rdflib as a `kg.backends.Backend`; one query at a time, its deadline is looked at before and after only."""

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        self._quads = list(dict.fromkeys(quads))
        self._lock = Lock()
        self._build()

    def _build(self) -> None:
        self._dataset = rdflib.Dataset(default_union=False)
        self._dataset.default_graph.addN(self._in(self._dataset.default_graph, self._quads))
        graphs: dict[str, list[Quad]] = {}
        for quad in self._quads:
            if quad.graph is not None:
                graphs.setdefault(quad.graph.value, []).append(quad)
        for name, quads in graphs.items():
            graph = self._dataset.graph(rdflib.URIRef(name))
            graph.addN(self._in(graph, quads))
        self._digest = digest(from_quads(self._quads))

    @staticmethod
    def _in(graph: rdflib.Graph, quads: Iterable[Quad]) -> list[tuple[Node, Node, Node, rdflib.Graph]]:
        return [(to_rdflib(q.subject), to_rdflib(q.predicate), to_rdflib(q.object), graph) for q in quads]

    def query(self, sparql: str, *, deadline: float, accept: str | None = None) -> Result:
        """Evaluate a trusted query; see `Backend.query`.

        Raises: QuerySyntaxError, DeadlineExceeded, EngineFailed.
        """
        if time.monotonic() >= deadline:
            raise DeadlineExceeded("the deadline had passed before the query began")
        from pyparsing import ParseBaseException

        with self._lock:
            try:
                result = self._dataset.query(sparql)
                answer = _serialised(result, accept) if accept else _values(result)
            except ParseBaseException as error:
                raise QuerySyntaxError(str(error), error.lineno, error.column) from error
            except (
                ValueError,
                TypeError,
                KeyError,
                AttributeError,
            ) as error:  # what rdflib's evaluator is known to raise
                raise EngineFailed(f"rdflib: {error}") from error
        if time.monotonic() >= deadline:
            raise DeadlineExceeded("the query ended after its deadline")
        return answer

    def replace(self, document: str, quads: Iterable[Quad]) -> None:
        """Replace all graphs of one document, and derive the union anew."""
        with self._lock:
            kept = [q for q in self._quads if q.graph is None or not q.graph.value.startswith(document)]
            self._quads = list(dict.fromkeys([*kept, *quads]))
            self._build()

    def digest(self) -> str:
        """The digest of the named graphs, the same as the embedded engine's."""
        return self._digest

    def close(self) -> None:
        """Let go of the graph."""
        self._quads = []
        self._build()


def _values(result: RdflibResult) -> Result:
    if result.type == "SELECT":
        variables = tuple(str(variable) for variable in result.vars or ())
        rows = [{str(name): from_rdflib(term) for name, term in row.items()} for row in result.bindings]
        return Result("select", variables, rows)
    if result.type == "ASK":
        return Result("ask", boolean=bool(result.askAnswer))
    triples = [Quad(from_rdflib(s), Iri(str(p)), from_rdflib(o), None) for s, p, o in result.graph or ()]
    return Result("graph", triples=triples)


def _serialised(result: RdflibResult, accept: str) -> Result:
    kind: Final = {"SELECT": "select", "ASK": "ask"}.get(result.type, "graph")
    name = (_GRAPH_FORMATS if kind == "graph" else _RESULT_FORMATS).get(accept)
    if name is None:
        raise EngineFailed(f"the reference engine does not write a {kind} result as {accept}")
    body = result.serialize(format=name) or b""
    if kind == "select":
        return Result("select", body=body, media_type=accept)
    return Result("ask" if kind == "ask" else "graph", body=body, media_type=accept)
