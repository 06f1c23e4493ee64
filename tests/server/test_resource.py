"""Every IRI of the graph answers at its path under this host (DESIGN §2, names; §5)."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.dataset import Dataset
from kg.terms import BASE, Iri

FORMS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}
PATHS = ["/id/BackSpasm", "/doc/back-spasms/001", "/graph/entities", "/graph/ontology", "/ns", "/ontology"]


@pytest.mark.parametrize("path", [*PATHS, "/doc/back-spasms/"])
@pytest.mark.parametrize("suffix", FORMS)
def test_all_forms_of_an_iri_say_the_same(client: FlaskClient, path: str, suffix: str) -> None:
    kind, form = FORMS[suffix]
    negotiated = client.get(path, headers={"Accept": kind})
    chosen = client.get(f"{path.rstrip('/')}.{suffix}", headers={"Accept": "image/png"})
    assert negotiated.status_code == chosen.status_code == 200
    assert negotiated.mimetype == chosen.mimetype == kind
    assert negotiated.data == chosen.data
    turtle = client.get(path, headers={"Accept": "text/turtle"})
    wanted = {quad.triple for quad in ox.parse(turtle.data, ox.RdfFormat.TURTLE)}
    assert {quad.triple for quad in ox.parse(chosen.data, form)} == wanted
    assert wanted


def test_every_iri_of_ours_that_is_a_subject_is_answered(published: Flask, dataset: Dataset) -> None:
    client = published.test_client()
    iris = {quad.subject.value for quad in dataset.quads if isinstance(quad.subject, Iri)}
    paths = sorted({iri.removeprefix(BASE).partition("#")[0] for iri in iris if iri.startswith(BASE)})
    assert len(paths) > 100
    missing = [path for path in paths if client.get(f"/{path}", headers={"Accept": "text/turtle"}).status_code != 200]
    assert missing == []


def test_a_thing_comes_with_whole_statements_that_it_is_part_of(client: FlaskClient, dataset: Dataset) -> None:
    part = next(
        q
        for q in dataset.quads
        if "#" in getattr(q.subject, "value", "") and getattr(q.object, "value", "").startswith(f"{BASE}id/")
    )
    whole = [q for q in dataset.quads if q.subject == part.subject and q.graph == part.graph]
    path = "/" + part.object.value.removeprefix(BASE)  # type: ignore[union-attr]
    turtle = client.get(path, headers={"Accept": "application/n-triples"}).text
    assert turtle.count(f"<{part.subject.value}>") >= len(whole)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path",
    [
        "/id/NoSuchThing",
        "/id/NoSuchThing.ttl",
        "/doc/none/",
        "/doc/back-spasms/999",
        "/graph/none",
        "/ns/9.9.9",
        "/id/a%3Eb",
        "/id/%22%7D",
    ],
)
def test_what_the_graph_does_not_know_is_404(client: FlaskClient, path: str) -> None:
    for accept in ("text/turtle", "text/html"):
        assert client.get(path, headers={"Accept": accept}).status_code == 404


def test_a_browser_gets_pages(client: FlaskClient) -> None:
    for path in ("/id/BackSpasm", "/doc/back-spasms/", "/ontology", "/ns"):
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 200
        assert response.content_type.startswith("text/html")


def test_a_passage_leads_a_browser_to_its_place_in_the_document(client: FlaskClient) -> None:
    response = client.get("/doc/back-spasms/001", headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["Location"].endswith("/doc/back-spasms/#001")


def test_a_document_without_its_slash_is_redirected(client: FlaskClient) -> None:
    response = client.get("/doc/back-spasms")
    assert response.status_code == 308
    assert response.headers["Location"].endswith("/doc/back-spasms/")


def test_links_lead_to_the_iri_and_to_the_other_forms(client: FlaskClient) -> None:
    for accept in ("text/html", "text/turtle"):
        link = client.get("/id/BackSpasm", headers={"Accept": accept}).headers["Link"]
        assert f'<{BASE}id/BackSpasm>; rel="describes"' in link
        assert '</id/BackSpasm.ttl>; rel="alternate"; type="text/turtle"' in link


def test_a_form_that_is_not_offered_is_406(client: FlaskClient) -> None:
    assert client.get("/id/BackSpasm", headers={"Accept": "image/png"}).status_code == 406
