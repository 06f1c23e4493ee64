"""`/documents`: the published dataset changes by whole documents, at once and as a whole (DESIGN §5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from .conftest import BEARER, application

SAMPLE = Path(__file__).parent.parent / "samples" / "sciatica.trig"
TRIG = {**BEARER, "Content-Type": "application/trig"}
COUNT = {"query": "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/doc/sciatica/')) }"}


@pytest.fixture(scope="module")
def changing() -> Iterator[Flask]:
    with application() as app:
        yield app


@pytest.fixture
def client(changing: Flask) -> FlaskClient:
    client = changing.test_client()
    client.delete("/documents/sciatica", headers=BEARER)
    return client


def quads(client: FlaskClient) -> int:
    return int(client.get("/sparql", query_string=COUNT).get_json(force=True)["results"]["bindings"][0]["n"]["value"])


def stated(client: FlaskClient) -> list[bytes]:
    """All quads."""
    return sorted(client.get("/dataset.nq").data.splitlines())


def put(client: FlaskClient, body: bytes | None = None) -> int:
    return client.put("/documents/sciatica", data=body or SAMPLE.read_bytes(), headers=TRIG).status_code


def test_a_document_is_put_replaced_read_and_removed(client: FlaskClient) -> None:
    before = stated(client)
    assert put(client) == 201
    assert quads(client) > 0
    assert put(client) == 204
    assert "sciatica" in [one["name"] for one in client.get("/documents").get_json()["documents"]]
    assert client.get("/documents/sciatica").mimetype == "application/trig"
    assert client.get("/doc/sciatica/", headers={"Accept": "text/turtle"}).status_code == 200
    assert client.delete("/documents/sciatica", headers=BEARER).status_code == 204
    assert quads(client) == 0
    assert client.get("/doc/sciatica/", headers={"Accept": "text/turtle"}).status_code == 404
    assert client.delete("/documents/sciatica", headers=BEARER).status_code == 404
    assert stated(client) == before


def test_the_answers_and_the_queries_change_together(client: FlaskClient) -> None:
    def digests() -> set[str]:
        asked = client.get("/ask?q=what+is+a+back+spasm").get_json()["meta"]["graph"]
        return {asked, client.get("/readyz").get_json()["graph"]}

    before = digests()
    put(client)
    after = digests()
    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.parametrize(
    ("body", "status", "rule"),
    [
        (b"<a> {", 422, "syntax"),
        (b"<> { <> <https://w3id.org/backstory/ns#noSuchProperty> 1 }", 422, None),
        (b"\xff\xfe", 400, None),
        (b"# nothing\n", 422, None),
    ],
)
def test_a_broken_document_changes_nothing_and_is_told_its_line_and_rule(
    client: FlaskClient, body: bytes, status: int, rule: str | None
) -> None:
    before = client.get("/dataset.nq").data
    response = client.put("/documents/broken", data=body, headers=TRIG)
    document = response.get_json(force=True)
    assert response.status_code == status
    if status == 422:
        assert document["file"] == "broken.trig"
        assert document["line"] >= 1
        assert rule in (None, document["rule"])
    assert client.get("/dataset.nq").data == before


def test_a_document_needs_the_token_and_is_trig(client: FlaskClient) -> None:
    body = SAMPLE.read_bytes()
    assert client.put("/documents/sciatica", data=body, headers={"Content-Type": "application/trig"}).status_code == 401
    assert client.delete("/documents/back-spasms").status_code == 401
    turtle = {**BEARER, "Content-Type": "text/turtle"}
    assert client.put("/documents/sciatica", data=body, headers=turtle).status_code == 415


@pytest.mark.parametrize("name", ["Upper", "a_b", "-a", "a.b", "%2e%2e", "a" * 101])
def test_a_document_has_a_name_that_fits_addresses_and_files(client: FlaskClient, name: str) -> None:
    assert client.put(f"/documents/{name}", data=SAMPLE.read_bytes(), headers=TRIG).status_code == 400


def test_on_disk_a_document_is_there_after_a_restart(tmp_path: Path) -> None:
    directory = str(tmp_path / "data")
    with application(store=directory) as app:
        client = app.test_client()
        assert put(client) == 201
        assert quads(client) > 0
        asked = client.get("/ask?q=are+back+spasms+a+sign+of+multiple+sclerosis")
        assert asked.get_json()["status"] == "answered"
    with application(store=directory) as app:
        client = app.test_client()
        assert quads(client) > 0
        assert "sciatica" in [one["name"] for one in client.get("/documents").get_json()["documents"]]
        assert client.delete("/documents/sciatica", headers=BEARER).status_code == 204
        assert quads(client) == 0


NEW = b"""@prefix kg: <https://w3id.org/backstory/ns#> . @prefix id: <https://w3id.org/backstory/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/backstory/graph/entities> { id:QuiteNew a kg:Condition ; rdfs:label "quite new"@en . }
"""


@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
def test_a_thing_that_only_one_document_brought_leaves_with_it(tmp_path: Path, on_disk: bool) -> None:
    store = str(tmp_path / "data") if on_disk else "memory:"
    with application(store=store) as app:
        client = app.test_client()
        before = client.get("/readyz").get_json()["graph"]
        for name in ("sciatica", "again"):
            body = SAMPLE.read_bytes().replace(b"/doc/sciatica/", f"/doc/{name}/".encode()) + NEW
            assert client.put(f"/documents/{name}", data=body, headers=TRIG).status_code == 201
        assert client.get("/id/QuiteNew", headers={"Accept": "text/turtle"}).status_code == 200
        assert client.delete("/documents/sciatica", headers=BEARER).status_code == 204
        assert client.get("/id/QuiteNew", headers={"Accept": "text/turtle"}).status_code == 200
    if not on_disk:
        return
    with application(store=store) as app:
        client = app.test_client()
        assert client.delete("/documents/again", headers=BEARER).status_code == 204
        assert client.get("/id/QuiteNew", headers={"Accept": "text/turtle"}).status_code == 404
        assert client.get("/readyz").get_json()["graph"] == before
