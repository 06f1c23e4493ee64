"""Between our plain values and pyoxigraph's: terms both ways, media types, and the serialisation of a result.

Everything here is a function of its arguments; the evaluator processes use it as the embedded backend does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType
from typing import IO, Any, Final, Protocol, cast
from typing import Literal as Choice

import pyoxigraph as ox

from kg.terms import PREFIXES, XSD, BlankNode, Iri, Literal, Quad, Term, TripleTerm

Kind = Choice["select", "ask", "graph"]
OxTerm = ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple
Solutions = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

#: Media types of SELECT and ASK results (SPARQL 1.1 Query Results JSON, XML, CSV and TSV Formats).
RESULT_FORMATS: Final = MappingProxyType(
    {
        "application/sparql-results+json": ox.QueryResultsFormat.JSON,
        "application/json": ox.QueryResultsFormat.JSON,
        "application/sparql-results+xml": ox.QueryResultsFormat.XML,
        "application/xml": ox.QueryResultsFormat.XML,
        "text/xml": ox.QueryResultsFormat.XML,
        "text/csv": ox.QueryResultsFormat.CSV,
        "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    }
)

#: Media types of graphs and datasets.
RDF_FORMATS: Final = MappingProxyType(
    {
        "text/turtle": ox.RdfFormat.TURTLE,
        "application/trig": ox.RdfFormat.TRIG,
        "application/n-triples": ox.RdfFormat.N_TRIPLES,
        "application/n-quads": ox.RdfFormat.N_QUADS,
        "application/rdf+xml": ox.RdfFormat.RDF_XML,
        "application/ld+json": ox.RdfFormat.JSON_LD,
        "text/n3": ox.RdfFormat.N3,
        "text/plain": ox.RdfFormat.N_TRIPLES,
        "application/xml": ox.RdfFormat.RDF_XML,
        "text/xml": ox.RdfFormat.RDF_XML,
        "application/json": ox.RdfFormat.JSON_LD,
        "application/x-turtle": ox.RdfFormat.TURTLE,
    }
)

_DIR_LANG_STRING: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString"
_STRING: Final = f"{XSD}string"


class ByteSink(Protocol):
    """Where a serialisation is written to."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


def _literal(term: ox.Literal) -> Literal:
    language = term.language
    if language is None:
        return Literal(term.value, term.datatype.value)
    if term.direction is None:
        return Literal(term.value, term.datatype.value, language)
    return Literal(term.value, _DIR_LANG_STRING, f"{language}--{term.direction.value}")


def _triple(term: ox.Triple) -> TripleTerm:
    return TripleTerm(to_term(term.subject), Iri(term.predicate.value), to_term(term.object))


# A dictionary by class: the shortest way for what runs once for every value of every row of /ask.
_TO_TERM: Final[dict[type, Callable[[Any], Term]]] = {
    ox.NamedNode: lambda term: Iri(term.value),
    ox.Literal: _literal,
    ox.BlankNode: lambda term: BlankNode(term.value),
    ox.Triple: _triple,
}


def to_term(term: OxTerm) -> Term:
    """The plain value of a term of pyoxigraph."""
    return _TO_TERM[type(term)](term)


def to_rows(solutions: ox.QuerySolutions) -> tuple[tuple[str, ...], list[dict[str, Term]]]:
    """The variables, and each solution as a dictionary of its bound variables."""
    variables = tuple(variable.value for variable in solutions.variables)
    convert = _TO_TERM
    rows = [
        {name: convert[type(term)](term) for name, term in zip(variables, solution, strict=True) if term is not None}
        for solution in solutions
    ]
    return variables, rows


def from_term(term: Term) -> OxTerm:
    """The term of pyoxigraph for a plain value.

    Raises: ValueError for what RDF does not allow, such as a relative IRI.
    """
    if isinstance(term, Iri | BlankNode):
        return _node(term)
    if isinstance(term, TripleTerm):
        return ox.Triple(_node(term.subject), ox.NamedNode(term.predicate.value), from_term(term.object))
    if term.language is None:
        if term.datatype == _STRING:
            return ox.Literal(term.value)
        return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
    language, _, direction = term.language.partition("--")
    if direction:
        return ox.Literal(term.value, language=language, direction=ox.BaseDirection(direction))
    return ox.Literal(term.value, language=language)


def _node(term: Term) -> ox.NamedNode | ox.BlankNode:
    """A term that may be a subject.

    Raises: ValueError for one that may not.
    """
    if isinstance(term, Iri):
        return ox.NamedNode(term.value)
    if isinstance(term, BlankNode):
        return ox.BlankNode(term.value)
    raise ValueError(f"a subject is an IRI or a blank node; this is neither: {term}")


def from_quad(quad: Quad) -> ox.Quad:
    """The quad of pyoxigraph for a plain one."""
    graph = ox.DefaultGraph() if quad.graph is None else ox.NamedNode(quad.graph.value)
    return ox.Quad(_node(quad.subject), ox.NamedNode(quad.predicate.value), from_term(quad.object), graph)


def from_quads(quads: Iterable[Quad]) -> Iterator[ox.Quad]:
    """The same for many."""
    return map(from_quad, quads)


def to_quad(quad: ox.Quad | ox.Triple) -> Quad:
    """The plain value of a quad, or of a triple (which is then of the default graph)."""
    graph = getattr(quad, "graph_name", None)
    name = Iri(graph.value) if isinstance(graph, ox.NamedNode) else None
    return Quad(to_term(quad.subject), Iri(quad.predicate.value), to_term(quad.object), name)


def kind_of(results: Solutions) -> Kind:
    """Which of the three shapes a query gave."""
    if isinstance(results, ox.QuerySolutions):
        return "select"
    return "ask" if isinstance(results, ox.QueryBoolean) else "graph"


def serialise(results: Solutions, media_type: str, sink: ByteSink) -> None:
    """Write a result in a media type of `RESULT_FORMATS` (SELECT, ASK) or `RDF_FORMATS` (CONSTRUCT, DESCRIBE).

    Raises: KeyError for a media type that does not fit the kind; whatever the evaluation or the sink raises.
    """
    output = cast(IO[bytes], sink)  # pyoxigraph calls nothing but write and flush
    if not isinstance(results, ox.QueryTriples):
        results.serialize(output, RESULT_FORMATS[media_type])
        return
    form = RDF_FORMATS[media_type]
    if form in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS):
        results.serialize(output, form)
    else:  # the result's own method takes no prefixes
        ox.serialize(results, output, form, prefixes=dict(PREFIXES))
