"""What the isolated engine answers: kinds, formats, errors with their place, and the dataset of a query."""

from __future__ import annotations

import json
import socket

import pytest

from kg.backends import QuerySyntaxError, QueryTooLarge
from server.evaluator import Accept, IsolatedEngine, KindNotAcceptable, QueryTooLong, ServiceRefused
from server.settings import Settings
from tests.server.evaluator.conftest import EX, Ask, asker, published, soon

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
ONE, TWO = f"{EX}graph/1", f"{EX}graph/2"


def number(body: bytes | None) -> int:
    assert body is not None
    return int(body.split()[1])


@pytest.mark.parametrize(
    ("sparql", "accept", "kind", "part"),
    [
        ("SELECT ?s { ?s ?p '7' }", "application/sparql-results+json", "select", b'"bindings"'),
        ("SELECT ?s { ?s ?p '7' }", "application/sparql-results+xml", "select", b"<uri>http://example.org/7</uri>"),
        ("SELECT ?s { ?s ?p '7' }", "text/csv", "select", b"s\r\nhttp://example.org/7\r\n"),
        ("SELECT ?s { ?s ?p '7' }", "text/tab-separated-values", "select", b"<http://example.org/7>"),
        ("ASK { ?s ?p '7' }", "application/sparql-results+json", "ask", b"true"),
        ("ASK { ?s ?p 'none' }", "application/sparql-results+xml", "ask", b"false"),
        ("CONSTRUCT { ?s ?p '7' } { ?s ?p '7' }", "text/turtle", "graph", b"7"),
        (f"DESCRIBE <{EX}7>", "application/n-triples", "graph", b"<http://example.org/7>"),
        (f"DESCRIBE <{EX}7>", "application/rdf+xml", "graph", b"rdf:Description"),
        (f"DESCRIBE <{EX}7>", "application/ld+json", "graph", b'"@id"'),
        (f"DESCRIBE <{EX}7>", "application/n-quads", "graph", b"<http://example.org/7>"),
        (f"DESCRIBE <{EX}7>", "application/trig", "graph", b"<http://example.org/7>"),
    ],
)
def test_each_kind_comes_in_each_format(ask: Ask, sparql: str, accept: str, kind: str, part: bytes) -> None:
    result = ask(sparql, accept=accept)
    assert (result.kind, result.media_type) == (kind, accept)
    assert result.body is not None
    assert part in result.body


def test_the_media_type_is_chosen_by_the_kind_of_query(ask: Ask) -> None:
    by_kind = Accept("text/csv", "application/sparql-results+json", "application/n-triples")
    assert ask("ASK {}", accept=by_kind).media_type == "application/sparql-results+json"
    assert ask(COUNT, accept=by_kind).media_type == "text/csv"
    assert ask("CONSTRUCT WHERE { ?s ?p ?o }", accept=by_kind).media_type == "application/n-triples"


def test_a_kind_that_is_accepted_in_no_form_is_told_but_a_syntax_error_first(ask: Ask) -> None:
    nothing = Accept(None, None, None)
    with pytest.raises(KindNotAcceptable) as caught:
        ask("ASK {}", accept=nothing)
    assert caught.value.kind == "ask"
    with pytest.raises(QuerySyntaxError):
        ask("ASK {", accept=nothing)


def test_a_syntax_error_has_line_and_column(ask: Ask) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        ask("SELECT * {\n ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 9)
    assert "line 2, column 9" in str(caught.value)


@pytest.mark.parametrize("text", ["", "SELECT", "\x00", "SELECT * { ?s ?p \ud800 }", "DROP ALL", "🙂" * 100])
def test_what_is_no_query_is_a_syntax_error(ask: Ask, text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        ask(text)


def test_unicode_passes_both_ways(ask: Ask) -> None:
    body = ask("SELECT ('Rückenkrämpfe 🙂' AS ?t) {}").body
    assert body is not None
    assert json.loads(body)["results"]["bindings"][0]["t"]["value"] == "Rückenkrämpfe 🙂"


def test_a_query_longer_than_the_limit_is_refused_unread(ask: Ask) -> None:
    with pytest.raises(QueryTooLong):
        ask("#" * (1 << 20) + "\nASK {}")


def test_a_result_larger_than_the_limit_is_refused_whole() -> None:
    engine = IsolatedEngine.in_memory(Settings({"result_max_bytes": 10_000}), published())
    try:
        ask = asker(engine)
        with pytest.raises(QueryTooLarge, match="10000 bytes"):
            ask("SELECT * { ?s ?p ?o }")
        assert ask("ASK {}").kind == "ask"
    finally:
        engine.close()


def test_a_result_of_megabytes_comes_whole(ask: Ask) -> None:
    body = ask("SELECT * { ?a ?p ?o . ?b ?q ?r }", accept="text/csv").body
    assert body is not None
    assert len(body) > 4_000_000
    assert body.endswith(b"\r\n")


def test_a_service_that_slips_past_the_first_look_reaches_nobody(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        where = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        with pytest.raises(ServiceRefused):
            ask(f"SELECT * {{ FILTER(?x<5#>'\n)SERVICE<{where}>{{?a ?b 'c'}} }}")
        with pytest.raises(TimeoutError):
            canary.accept()


@pytest.mark.parametrize("graph", ["nowhere", "", "a b", "<x>"])
def test_a_graph_that_is_no_absolute_iri_is_a_bad_query(ask: Ask, graph: str) -> None:
    with pytest.raises(QuerySyntaxError, match="absolute IRI"):
        ask("ASK {}", default_graphs=(graph,))


def test_the_default_graph_is_the_union_as_a_set(ask: Ask) -> None:
    assert number(ask("SELECT (COUNT(*) AS ?n) { ?s <http://example.org/q> ?o }", accept="text/csv").body) == 1


@pytest.mark.parametrize(
    ("sparql", "default", "named", "expected"),
    [
        (COUNT, [ONE], [], 31),
        (COUNT, [ONE, TWO], [], 61),  # 30 + 30 and the one triple that both hold, once
        (COUNT, [ONE, ONE], [], 31),
        (COUNT, [f"{EX}nothing"], [], 0),
        (COUNT, [], [ONE], 0),
        (COUNT_NAMED, [ONE], [], 0),
        (COUNT_NAMED, [ONE, TWO], [ONE], 31),
        (COUNT_NAMED, [], [ONE, TWO], 62),
        (COUNT.replace("{ ?s", f"FROM <{TWO}> FROM <{EX}graph/3> {{ ?s", 1), [ONE], [], 31),
        (COUNT.replace("{ ?s", f"FROM <{ONE}> FROM <{TWO}> {{ ?s", 1), [], [], 61),
        (COUNT.replace("{ ?s", f"FROM <{ONE}> {{ ?s", 1), [], [], 31),
        (COUNT.replace("{ ?s", f"FROM <{EX}nothing> {{ ?s", 1), [], [], 0),
        (f"PREFIX g: <{EX}graph/> SELECT (COUNT(*) AS ?n) FROM g:1 FROM g:2 WHERE {{ ?s ?p ?o }}", [], [], 61),
        (f"BASE <{EX}graph/> {COUNT_NAMED}".replace("{ G", "FROM <1> FROM <2> FROM NAMED <3> { G"), [], [], 30),
        (COUNT_NAMED.replace("{ GRAPH", f"FROM <{ONE}> FROM <{TWO}> FROM NAMED <{TWO}> {{ GRAPH"), [], [], 31),
    ],
)  # fmt: skip
def test_the_dataset_is_the_parameters_else_the_querys_own(
    ask: Ask, sparql: str, default: list[str], named: list[str], expected: int
) -> None:
    result = ask(sparql, accept="text/csv", default_graphs=default, named_graphs=named)
    assert number(result.body) == expected


def test_a_relative_iri_is_resolved_against_the_given_base(ask: Ask) -> None:
    result = ask("SELECT (COUNT(*) AS ?n) FROM <graph/1> FROM <graph/2> { ?s ?p ?o }", accept="text/csv", base=EX)
    assert number(result.body) == 61


def test_two_evaluators_never_give_the_same_uuid(ask: Ask) -> None:
    given = {ask("SELECT (UUID() AS ?u) {}", accept="text/csv", client=f"c{n}").body for n in range(20)}
    assert len(given) == 20


def test_a_graph_is_dumped_and_a_missing_one_is_told_apart_from_an_empty_one(engine: IsolatedEngine) -> None:
    found = engine.dump(ONE, "application/n-triples", client="reader", deadline=soon())
    assert found is not None
    assert len(found.splitlines()) == 31
    assert engine.dump(f"{EX}nothing", "text/turtle", client="reader", deadline=soon()) is None
    assert engine.dump(None, "application/n-triples", client="reader", deadline=soon()) is not None


def test_ended_queries_are_counted_by_how_they_ended(ask: Ask, engine: IsolatedEngine) -> None:
    before = engine.statistics()
    ask("ASK {}")
    with pytest.raises(QuerySyntaxError):
        ask("ASK")
    after = engine.statistics()
    assert after["ok"] == before["ok"] + 1
    assert after["QuerySyntaxError"] == before["QuerySyntaxError"] + 1
