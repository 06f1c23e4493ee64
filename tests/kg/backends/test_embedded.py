"""The embedded backend: values, serialisations, replacement of a document with its share of the union, the digest."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kg.backends import DeadlineExceeded, EngineFailed, NotWritable, QuerySyntaxError
from kg.backends.embedded import EmbeddedBackend
from kg.terms import XSD, Iri, Literal, Quad

DOC = "http://example.org/doc/one/"
OTHER = "http://example.org/doc/two/"
A, B, P = Iri("http://example.org/a"), Iri("http://example.org/b"), Iri("http://example.org/p")


def quad(graph: str, subject: Iri = A, obj: Iri | Literal = B) -> Quad:
    return Quad(subject, P, obj, Iri(graph))


def soon() -> float:
    return time.monotonic() + 10


def count(backend: EmbeddedBackend, pattern: str) -> int:
    row = backend.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", deadline=soon()).rows[0]
    assert isinstance(row["n"], Literal)
    return int(row["n"].value)


def test_rows_keep_datatype_and_language_and_leave_out_the_unbound() -> None:
    backend = EmbeddedBackend.in_memory(
        [
            quad(DOC, obj=Literal("dog", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "en")),
            quad(DOC, obj=Literal("3", f"{XSD}integer")),
        ]
    )
    result = backend.query("SELECT ?o ?nothing { GRAPH ?g { ?s ?p ?o } } ORDER BY ?o", deadline=soon())
    assert result.kind == "select"
    assert result.variables == ("o", "nothing")
    assert {"o": Literal("3", f"{XSD}integer")} in result.rows
    assert all("nothing" not in row for row in result.rows)
    assert result.rows[0]["o"].language == "en" or result.rows[1]["o"].language == "en"  # type: ignore[union-attr]


def test_ask_gives_a_boolean_and_construct_gives_triples() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC)])
    assert backend.query("ASK { ?s ?p ?o }", deadline=soon()).boolean is True
    assert backend.query("CONSTRUCT WHERE { ?s ?p ?o }", deadline=soon()).triples == [Quad(A, P, B, None)]


@pytest.mark.parametrize(
    ("sparql", "accept", "part"),
    [
        ("SELECT * { ?s ?p ?o }", "application/sparql-results+json", b'"bindings"'),
        ("SELECT * { ?s ?p ?o }", "application/sparql-results+xml", b"<sparql"),
        ("SELECT ?s { ?s ?p ?o }", "text/csv", b"s\r\nhttp://example.org/a\r\n"),
        ("SELECT ?s { ?s ?p ?o }", "text/tab-separated-values", b"?s\n<http://example.org/a>"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/turtle", b"<http://example.org/a>"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/trig", b"<http://example.org/a>"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples", b"<http://example.org/b> .\n"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-quads", b"<http://example.org/b> .\n"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/rdf+xml", b"rdf:RDF"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/ld+json", b'"@id"'),
    ],
)
def test_every_format_is_written(sparql: str, accept: str, part: bytes) -> None:
    result = EmbeddedBackend.in_memory([quad(DOC)]).query(sparql, deadline=soon(), accept=accept)
    assert result.media_type == accept
    assert result.body is not None
    assert part in result.body


def test_a_format_that_does_not_fit_the_kind_is_no_answer() -> None:
    with pytest.raises(EngineFailed, match="cannot be written as text/turtle"):
        EmbeddedBackend.in_memory().query("ASK {}", deadline=soon(), accept="text/turtle")


def test_a_syntax_error_says_where() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        EmbeddedBackend.in_memory().query("SELECT * {\n ?s ?p }", deadline=soon())
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_a_passed_deadline_is_refused_before_work() -> None:
    with pytest.raises(DeadlineExceeded):
        EmbeddedBackend.in_memory().query("ASK {}", deadline=time.monotonic() - 1)


def test_the_union_counts_a_fact_that_two_graphs_state_once() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC + "1"), quad(DOC + "2"), quad(OTHER)])
    assert count(backend, "?s ?p ?o") == 1
    assert count(backend, "GRAPH ?g { ?s ?p ?o }") == 3


def test_replacing_a_document_keeps_in_the_union_what_another_document_states() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC + "1"), quad(OTHER), quad(DOC + "2", subject=B)])
    backend.replace(DOC, [])
    assert count(backend, "?s ?p ?o") == 1
    backend.replace(OTHER, [])
    assert count(backend, "?s ?p ?o") == 0
    assert count(backend, "GRAPH ?g { ?s ?p ?o }") == 0


def test_a_document_whose_name_begins_like_another_is_left_alone() -> None:
    backend = EmbeddedBackend.in_memory([quad("http://example.org/doc/one-more/1")])
    backend.replace(DOC, [quad(DOC + "1", subject=B)])
    assert count(backend, "GRAPH ?g { ?s ?p ?o }") == 2


def test_the_digest_depends_on_what_the_graphs_hold_and_on_nothing_else() -> None:
    one, two = quad(DOC + "1"), quad(OTHER + "1")
    first, second = EmbeddedBackend.in_memory([one, two]), EmbeddedBackend.in_memory([two, one, one])
    assert first.digest() == second.digest()
    before = first.digest()
    first.replace(DOC, [quad(DOC + "1", subject=B)])
    assert first.digest() != before
    first.replace(DOC, [one, one])
    assert first.digest() == before


def test_a_replacement_with_a_blank_node_or_without_a_graph_changes_nothing() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC + "1")])
    before = backend.digest()
    with pytest.raises(ValueError, match="named graph"):
        backend.replace(DOC, [Quad(A, P, B, None)])
    assert backend.digest() == before
    assert count(backend, "?s ?p ?o") == 1


def test_a_successor_changes_nothing_until_it_is_adopted() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC + "1")])
    successor = backend.successor(DOC, [])
    assert count(backend, "?s ?p ?o") == 1
    backend.adopt(successor)
    assert count(backend, "?s ?p ?o") == 0


def test_a_data_directory_is_found_again_with_its_digest(tmp_path: Path) -> None:
    backend = EmbeddedBackend.on_disk(tmp_path, [quad(DOC + "1"), quad(OTHER)])
    backend.replace(OTHER, [quad(OTHER, subject=B)])
    digest = backend.digest()
    backend.close()
    again = EmbeddedBackend.on_disk(tmp_path)
    assert again.digest() == digest
    assert count(again, "?s ?p ?o") == 2
    again.close()
    (tmp_path / "digest").unlink()  # as a crash in the middle of a write leaves it
    assert EmbeddedBackend.on_disk(tmp_path).digest() == digest


def test_a_snapshot_takes_no_write(tmp_path: Path) -> None:
    backend = EmbeddedBackend.on_disk(tmp_path, [quad(DOC + "1")])
    backend.close()
    snapshot = EmbeddedBackend.snapshot(tmp_path / "data", "sha256:0")
    assert count(snapshot, "?s ?p ?o") == 1
    with pytest.raises(NotWritable):
        snapshot.replace(DOC, [])


def test_nquads_and_back_is_the_same_store() -> None:
    backend = EmbeddedBackend.in_memory([quad(DOC + "1", obj=Literal('a "quoted"\n line')), quad(OTHER)])
    again = EmbeddedBackend.from_nquads(backend.nquads())
    assert again.digest() == backend.digest()
    assert again.trig() == backend.trig()
