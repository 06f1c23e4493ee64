"""rdflib as the reference: the same answers as the embedded engine, terms kept as they are written."""

from __future__ import annotations

import json
import time

import pytest

from kg.backends import Backend, DeadlineExceeded, EngineFailed, QuerySyntaxError, open_backend
from kg.backends.reference import ReferenceBackend, from_rdflib, to_rdflib
from kg.dataset import Dataset
from kg.terms import RDF_LANG_STRING, XSD, BlankNode, Iri, Literal, Quad, TripleTerm
from tests.conftest import PROLOGUE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def soon() -> float:
    return time.monotonic() + 30


@pytest.fixture(scope="module")
def reference(dataset: Dataset) -> Backend:
    return open_backend("rdflib:", dataset)


@pytest.mark.parametrize(
    "term",
    [
        Iri("https://w3id.org/backstory/id/Ice"),
        BlankNode("b1"),
        Literal("plain"),
        Literal("eis", RDF_LANG_STRING, "de"),
        Literal("072", f"{XSD}integer"),
        Literal("+1.50", f"{XSD}decimal"),
        Literal("M62.830", "https://w3id.org/backstory/ns#icd10cm"),
        Literal("not a number", f"{XSD}integer"),
    ],
)
def test_a_term_comes_back_as_it_was_written(term: Iri | BlankNode | Literal) -> None:
    assert from_rdflib(to_rdflib(term)) == term


def test_a_triple_term_is_refused() -> None:
    with pytest.raises(ValueError, match="triple terms"):
        to_rdflib(TripleTerm(Iri("urn:a"), Iri("urn:b"), Iri("urn:c")))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?g ?o { GRAPH ?g { id:BackSpasm kg:hasCause ?o } } ORDER BY ?g ?o",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?label { GRAPH graph:entities { id:BackSpasm rdfs:label ?label } }",
        "SELECT ?m { GRAPH ?g { ?q kg:minutes ?m } } ORDER BY ?m",
        "ASK { GRAPH ?g { id:BackSpasm kg:notSignOf id:Labor } }",
        "ASK { GRAPH ?g { id:BackSpasm kg:hasTreatment id:BedRest } }",
    ],
)
def test_rdflib_and_oxigraph_give_the_same(query: str, reference: Backend, backend: Backend) -> None:
    text = f"{PROLOGUE}\nPREFIX graph: <https://w3id.org/backstory/graph/>\n{query}"
    one, other = reference.query(text, deadline=soon()), backend.query(text, deadline=soon())
    assert (one.variables, one.rows, one.boolean) == (other.variables, other.rows, other.boolean)


def test_rdflib_and_oxigraph_construct_the_same(reference: Backend, backend: Backend) -> None:
    text = f"{PROLOGUE}\nCONSTRUCT {{ ?s kg:hasCause ?o }} WHERE {{ GRAPH ?g {{ ?s kg:hasCause ?o }} }}"
    one, other = reference.query(text, deadline=soon()).triples, backend.query(text, deadline=soon()).triples
    assert set(one) == set(other) != set()


def test_both_count_the_same_digest(reference: Backend, backend: Backend, dataset: Dataset) -> None:
    assert reference.digest() == backend.digest() == dataset.digest


def test_a_syntax_error_carries_its_line(reference: Backend) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        reference.query("SELECT *\nWHERE { ?s", deadline=soon())
    assert raised.value.line is not None


def test_results_are_serialised_in_the_asked_media_type(reference: Backend) -> None:
    result = reference.query("ASK { ?s ?p ?o }", deadline=soon(), accept="application/sparql-results+json")
    assert json.loads(result.body or b"")["boolean"] is True
    with pytest.raises(EngineFailed):
        reference.query("ASK { ?s ?p ?o }", deadline=soon(), accept="text/turtle")


def test_a_deadline_that_has_passed_is_seen_before_the_query(reference: Backend) -> None:
    with pytest.raises(DeadlineExceeded):
        reference.query("ASK { ?s ?p ?o }", deadline=time.monotonic() - 1)


def test_replacing_a_document_leaves_the_rest_and_renews_the_union() -> None:
    document = "https://w3id.org/backstory/doc/x/"
    fact, other = (Iri("urn:a"), Iri("urn:b"), Iri("urn:c")), (Iri("urn:a"), Iri("urn:b"), Iri("urn:d"))
    engine = ReferenceBackend(
        [Quad(*fact, Iri(f"{document}1")), Quad(*fact, Iri("urn:g")), Quad(*other, Iri(f"{document}2"))]
    )
    before = engine.digest()
    engine.replace(document, [])
    rows = engine.query("SELECT ?o { <urn:a> <urn:b> ?o }", deadline=soon()).rows
    assert [row["o"] for row in rows] == [Iri("urn:c")]
    assert engine.digest() != before
    engine.close()
    assert not engine.query("ASK { ?s ?p ?o }", deadline=soon()).boolean
