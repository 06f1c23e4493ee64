"""The look at a query before it is parsed: what it refuses, and above all what it must not refuse."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kg.backends import QueryTooDeep
from server.evaluator.errors import ServiceRefused, TooManyTokens
from server.evaluator.tokenizer import Scan, scan


def look(text: str, *, update: bool = False) -> Scan:
    return scan(text, max_tokens=16_384, max_depth=64, update=update)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://h/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://h/> {} }",
        "SELECT * { SERVICE ?where {} }",
        "PREFIX x: <http://h/> SELECT * { SERVICE x:y {} }",
        "PREFIX : <http://h/> SELECT * { SERVICE:y{} }",
        "PREFIX : <http://h/> SELECT * { SERVICESILENT:y{} }",
        "PREFIX : <http://h/> SELECT * { ?s ?p trueSERVICE:y{} }",
        "PREFIX : <http://h/> SELECT * { ?s ?p true.SERVICE:y # comment\n {} }",
        "SELECT * { ?s ?p 1.SERVICE<http://h/>{} }",
        "SELECT * { FILTER(?a<?b)SERVICE<http://h/>{} }",
        "SELECT * { FILTER(?x<?y&&?z='>')SERVICE<h>{?a ?b 'c'} }",
        "SELECT * { # a comment\n SERVICE <http://h/> {} }",
        'SELECT * { ?s ?p "\\"" . SERVICE <http://h/> {} }',
        "SELECT * { ?s ?p '''it's''' . SERVICE <http://h/> {} }",
        "SELECT * { FILTER EXISTS { SERVICE <http://h/> {} } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://h/> { ?s ?p ?o } }",
        "LOAD <http://h/>",
    ],
)
def test_service_and_load_are_refused_where_they_are_clauses(text: str) -> None:
    with pytest.raises(ServiceRefused):
        look(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s ?p "SERVICE <http://h/> {}" }',
        "SELECT * { ?s ?p 'SERVICE' }",
        'SELECT * { ?s ?p """a "SERVICE" <h> {} """ }',
        "SELECT * { ?s ?p '''LOAD it's''' }",
        "SELECT * { ?s ?p <http://h/SERVICE> }",
        "SELECT * { ?s <http://h/a#SERVICE> ?o }",
        "SELECT * { ?s ?p ?o } # SERVICE <http://h/> {}",
        "SELECT ?service ?load { ?service ?load $SERVICE }",
        "PREFIX : <http://h/> SELECT * { :service :SERVICE :load }",
        "PREFIX service: <http://h/> SELECT * { service:a service:b service:c }",
        "PREFIX service: <http://h/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
        "PREFIX service: <http://h/> SELECT * FROM service:a { ?s ?p ?o }",
        "PREFIX load: <http://h/> DESCRIBE <a> load:x",
        "PREFIX p: <http://h/> SELECT * { ?s p:a\\'b ?o . ?s p:SERVICE\\,x ?o }",
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { _:service ?p ?o }",
        "SELECT * { FILTER(?x<?y&&?z='it>SERVICE') }",
        "SELECT * { FILTER(?x<?y&&?z>?w) }",
        "SELECT * { FILTER(?a<5&&?b='SERVICE>') }",
        "SELECT (?a<?b AS ?c) { ?a ?b ?c }",
    ],
)
def test_the_words_are_not_refused_where_they_are_something_else(text: str) -> None:
    look(text)


@pytest.mark.parametrize("text", ["PREFIX load: <http://h/> CLEAR GRAPH load:x", "INSERT DATA { <a> <b> 'LOAD <x>' }"])
def test_an_update_may_name_things_load(text: str) -> None:
    assert look(text, update=True).loads == ()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 65,
        "SELECT * { FILTER(" + "(" * 70,
        "SELECT * { ?s ?p " + "[" * 100_000,
        "SELECT * { FILTER(" + "!" * 70 + "?x) }",
        "SELECT * { FILTER(" + "- " * 70 + "?x) }",
        "SELECT * { ?s " + "^" * 70 + "<p> ?o }",
    ],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(QueryTooDeep):
        look(text)


def test_brackets_in_strings_and_iris_are_no_depth() -> None:
    look('SELECT * { ?s <http://h/((((> "' + "(" * 1000 + '" }')


def test_brackets_that_close_again_are_no_depth() -> None:
    look("SELECT * {" + "{}" * 5000 + "}")


def test_too_many_tokens_are_refused() -> None:
    with pytest.raises(TooManyTokens):
        look("SELECT * { VALUES ?x {" + " 1" * 17_000 + "} }")


@pytest.mark.parametrize(
    "text",
    [
        "<" * 60_000,
        "a-" * 30_000 + "!",
        "a." * 30_000 + "<",
        '"""\\"""' * 9_000,
        "'" * 60_000,
        "a:%" * 20_000,
        "<a" * 30_000,
    ],
)
def test_every_text_is_read_in_linear_time(text: str) -> None:
    begun = time.process_time()
    scan(text, max_tokens=1 << 60, max_depth=1 << 60)
    assert time.process_time() - begun < 1


def test_dataset_clauses_are_found_with_the_end_of_the_prologue() -> None:
    text = "PREFIX g: <http://h/>\nSELECT * FROM <a> FROM NAMED g:b FROM g:c { ?s ?p ?o }"
    found = look(text)
    assert [(clause.iri, clause.named) for clause in found.clauses] == [("<a>", False), ("g:b", True), ("g:c", False)]
    assert text[found.prologue_end :].startswith("SELECT")


def test_where_clauses_of_an_update_are_found() -> None:
    text = "DELETE WHERE { ?s ?p ?o } ; INSERT { ?s ?p 1 } WHERE { SELECT * WHERE { ?s ?p ?o } }"
    found = look(text, update=True)
    assert [where.shorthand for where in found.wheres] == [True, False]
    assert text[found.wheres[0].start : found.wheres[0].end] == "WHERE { ?s ?p ?o }"


def suite() -> list[Path]:
    root = os.environ.get("BACKSTORY_CONFORMANCE", "")
    return sorted(path for path in Path(root).rglob("*.r[qu]")) if root else []


@pytest.mark.skipif(not suite(), reason="BACKSTORY_CONFORMANCE does not name a copy of the W3C suites")
def test_no_text_of_the_w3c_suites_is_refused_but_for_service_and_load() -> None:
    for path in suite():
        text = path.read_text("utf-8", "replace")
        try:
            look(text, update=path.suffix == ".ru")
        except ServiceRefused:
            assert any(word in text.casefold() for word in ("service", "load")), path
            assert "service" in str(path) or "syntax" in str(path) or "load" in str(path), path
