"""`/store`: the SPARQL 1.1 Graph Store HTTP Protocol."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from .conftest import BEARER

GRAPH = {"graph": "http://example/g"}
TURTLE = {**BEARER, "Content-Type": "text/turtle"}


def put(client: FlaskClient, body: bytes = b"<s> <http://p/> 1 .", **where: str) -> int:
    return client.put("/store", query_string=where or GRAPH, data=body, headers=TURTLE).status_code


def triples(client: FlaskClient, **where: str) -> list[str]:
    response = client.get("/store", query_string=where or GRAPH, headers={"Accept": "application/n-triples"})
    return sorted(response.text.splitlines()) if response.status_code == 200 else []


def test_put_makes_a_graph_201_and_then_replaces_it_204(plain: FlaskClient) -> None:
    assert put(plain) == 201
    assert put(plain, b"<t> <http://p/> 2 .") == 204
    assert len(triples(plain)) == 1
    assert "http://example/t" in triples(plain)[0]


def test_relative_iris_resolve_against_the_graph(plain: FlaskClient) -> None:
    put(plain)
    assert triples(plain)[0].startswith("<http://example/s>")


def test_post_adds_to_a_graph(plain: FlaskClient) -> None:
    put(plain)
    response = plain.post("/store", query_string=GRAPH, data=b"<t> <http://p/> 2 .", headers=TURTLE)
    assert response.status_code == 204
    assert len(triples(plain)) == 2


def test_post_to_the_store_itself_makes_a_new_graph_and_says_where(plain: FlaskClient) -> None:
    response = plain.post("/store", data=b"<s> <http://p/> 1 .", headers=TURTLE)
    assert response.status_code == 201
    location = response.headers["Location"]
    assert len(triples(plain, graph=location)) == 1
    assert plain.get(location).status_code == 200


def test_the_default_graph_is_named_by_default(plain: FlaskClient) -> None:
    assert plain.put("/store?default", data=b"<http://s/> <http://p/> 1 .", headers=TURTLE).status_code in (201, 204)
    assert plain.get("/store?default").status_code == 200
    assert plain.get("/sparql", query_string={"query": "ASK { ?s ?p 1 }"}).get_json(force=True)["boolean"]


def test_delete_removes_a_graph_once(plain: FlaskClient) -> None:
    put(plain)
    assert plain.delete("/store", query_string=GRAPH, headers=BEARER).status_code == 204
    assert plain.delete("/store", query_string=GRAPH, headers=BEARER).status_code == 404
    assert plain.get("/store", query_string=GRAPH).status_code == 404


def test_head_has_the_content_type_of_get(plain: FlaskClient) -> None:
    put(plain)
    head = plain.head("/store", query_string=GRAPH, headers={"Accept": "application/rdf+xml"})
    assert (head.status_code, head.mimetype, head.data) == (200, "application/rdf+xml", b"")


def test_a_form_of_several_parts_is_added_part_by_part(plain: FlaskClient) -> None:
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.ttl"\r\nContent-Type: text/turtle\r\n\r\n'
        b"<http://s/> <http://p/> 1 .\r\n"
        b'--x\r\nContent-Disposition: form-data; name="b"; filename="b.nt"\r\n'
        b"Content-Type: application/n-triples\r\n\r\n"
        b'<http://s/> <http://p/> "2" .\r\n--x--\r\n'
    )
    headers = {**BEARER, "Content-Type": "multipart/form-data; boundary=x"}
    assert plain.post("/store", query_string=GRAPH, data=parts, headers=headers).status_code == 201
    assert len(triples(plain)) == 2


@pytest.mark.parametrize(("kind", "status"), [("image/png", 415), ("text/turtle", 400)])
def test_what_cannot_be_read_changes_nothing(plain: FlaskClient, kind: str, status: int) -> None:
    put(plain)
    sent = {**BEARER, "Content-Type": kind}
    response = plain.put("/store", query_string=GRAPH, data=b"<a> <b", headers=sent)
    assert response.status_code == status
    assert len(triples(plain)) == 1


def test_broken_triples_are_told_their_line(plain: FlaskClient) -> None:
    body = b"<http://s/> <http://p/> 1 .\n<http://s/> <http://p/> ."
    response = plain.put("/store", query_string=GRAPH, data=body, headers=TURTLE)
    assert json.loads(response.data)["line"] == 2


def test_patch_is_not_offered(plain: FlaskClient) -> None:
    response = plain.patch("/store", query_string=GRAPH, data=b"x", headers=BEARER)
    assert response.status_code == 405
    assert "PATCH" not in response.headers["Allow"]


@pytest.mark.parametrize(
    "address", ["", "?graph=http://a/&default", "?graph=http://a/&graph=http://b/", "?graph=relative"]
)
def test_exactly_one_graph_is_named(plain: FlaskClient, address: str) -> None:
    assert plain.get(f"/store{address}").status_code == 400


def test_a_graph_that_no_format_can_hold_is_406(plain: FlaskClient) -> None:
    put(plain)
    assert plain.get("/store", query_string=GRAPH, headers={"Accept": "image/png"}).status_code == 406


def test_the_published_graphs_are_readable_and_not_writable(client: FlaskClient) -> None:
    where = {"graph": "https://w3id.org/backstory/graph/ontology"}
    assert client.get("/store", query_string=where).status_code == 200
    for method in ("PUT", "POST", "DELETE"):
        response = client.open("/store", method=method, query_string=where, data=b"", headers=TURTLE)
        assert response.status_code == 403
        assert "/documents/" in response.get_json(force=True)["detail"]
