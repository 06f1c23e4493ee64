"""`/sparql` and `/update`: the SPARQL 1.1 Protocol, its formats and headers."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from .conftest import BEARER

SELECT = "SELECT ?a ?b WHERE { VALUES (?a ?b) { (1 'x') (UNDEF \"caf\\u00e9\"@fr) } }"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    "kind",
    [
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
        "application/json",
        "application/xml",
    ],
)
def test_a_select_comes_in_every_result_format(client: FlaskClient, kind: str) -> None:
    response = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": kind})
    assert response.status_code == 200
    assert response.mimetype == kind
    assert "café" in response.text


@pytest.mark.parametrize(
    "kind",
    [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/ld+json",
        "application/trig",
        "application/n-quads",
        "text/n3",
    ],
)
def test_a_construct_comes_in_every_graph_format(client: FlaskClient, kind: str) -> None:
    query = 'CONSTRUCT { <http://a/s> <http://a/p> "o" } WHERE {}'
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": kind})
    assert response.status_code == 200
    assert response.mimetype == kind
    assert "http://a/s" in response.text


def test_what_no_format_can_hold_is_406_and_lists_the_formats(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/csv" in response.get_json(force=True)["available"]


def test_an_ask_cannot_be_csv(client: FlaskClient) -> None:
    assert client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": "text/csv"}).status_code == 406


def test_a_syntax_error_has_its_line_and_column(client: FlaskClient) -> None:
    document = client.get("/sparql", query_string={"query": "ASK {\n ?s ?p }"}).get_json(force=True)
    assert (document["status"], document["line"]) == (400, 2)
    assert document["column"] >= 1


def test_a_default_graph_uri_limits_the_dataset(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"

    def rows(**graphs: str) -> int:
        response = client.get("/sparql", query_string={"query": count, **graphs})
        return int(json.loads(response.data)["results"]["bindings"][0]["n"]["value"])

    ontology = "https://w3id.org/backstory/graph/ontology"
    assert 0 < rows(**{"default-graph-uri": ontology}) < rows()
    assert rows(**{"default-graph-uri": "http://unknown.invalid/"}) == 0
    assert rows(**{"named-graph-uri": ontology}) == 0


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "ASK{SERVICE SILENT ?x{}}"]
)
def test_service_is_refused_with_501(client: FlaskClient, text: str) -> None:
    assert client.post("/sparql", data={"query": text}).status_code == 501


def test_a_browser_without_a_query_gets_the_editor_and_a_program_the_service_description(client: FlaskClient) -> None:
    assert client.get("/sparql", headers=BROWSER).content_type.startswith("text/html")
    description = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert description.content_type.startswith("text/turtle")
    assert "sparql-service-description#" in description.text


def test_an_example_opens_in_the_editor(client: FlaskClient) -> None:
    page = client.get("/sparql", query_string={"edit": "ASK { 1 2 3 }"}, headers=BROWSER)
    assert "ASK { 1 2 3 }" in page.text


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    address = {"query": SELECT}
    got, head = client.get("/sparql", query_string=address), client.head("/sparql", query_string=address)
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]
    assert client.head("/sparql", query_string={"query": "ASK {"}).status_code == 400


def test_another_method_is_405_and_lists_the_methods(client: FlaskClient) -> None:
    response = client.put("/sparql", data=b"x")
    assert response.status_code == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.get_json(force=True)["allowed"])


def test_other_origins_may_read_results_and_errors(client: FlaskClient) -> None:
    for query in ("ASK {}", "ASK {"):
        response = client.get("/sparql", query_string={"query": query}, headers={"Origin": "https://app.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in response.headers["Access-Control-Expose-Headers"]


def test_a_preflight_says_which_methods_and_headers_are_allowed(client: FlaskClient) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    response = client.options("/sparql", headers={**asked, "Access-Control-Request-Headers": "content-type"})
    assert response.status_code in (200, 204)
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


def test_an_update_needs_the_token_and_then_is_seen(plain: FlaskClient) -> None:
    update = {"update": "INSERT DATA { <http://a/> <http://b/> 1 }"}
    assert plain.post("/update", data=update).status_code == 401
    assert plain.post("/update", data=update, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert plain.post("/update", data=update, headers=BEARER).status_code == 204
    assert plain.get("/sparql", query_string={"query": "ASK { <http://a/> ?p 1 }"}).get_json(force=True)["boolean"]


def test_an_update_is_sent_by_post_only(plain: FlaskClient) -> None:
    assert plain.get("/update", query_string={"update": "DROP ALL"}, headers=BEARER).status_code == 405


def test_an_update_sent_to_the_query_address_is_told_where_to_go(plain: FlaskClient) -> None:
    response = plain.post("/sparql", data={"update": "DROP ALL"})
    assert response.status_code == 400
    assert "/update" in response.get_json(force=True)["detail"]


def test_a_broken_update_changes_nothing(plain: FlaskClient) -> None:
    text = "INSERT DATA { <http://a/> <http://b/> 1 } ; INSERT DATA {"
    assert plain.post("/update", data={"update": text}, headers=BEARER).status_code == 400
    assert not plain.get("/sparql", query_string={"query": "ASK { ?s ?p ?o }"}).get_json(force=True)["boolean"]


@pytest.mark.parametrize(
    ("text", "status"), [("LOAD <http://x/>", 501), ("LOAD", 400), ("LOAD SILENT <http://x/>", 204)]
)
def test_load_is_refused_after_its_syntax_was_judged_and_fails_silently_where_asked(
    plain: FlaskClient, text: str, status: int
) -> None:
    assert plain.post("/update", data={"update": text}, headers=BEARER).status_code == status


def test_the_published_dataset_takes_no_update_and_says_how_it_changes(client: FlaskClient) -> None:
    response = client.post("/update", data={"update": "DROP ALL"}, headers=BEARER)
    assert response.status_code == 403
    assert "/documents/" in response.get_json(force=True)["detail"]
