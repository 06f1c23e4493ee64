"""What the service says of itself: service description, VoID with real counts, examples, downloads."""

from __future__ import annotations

import pyoxigraph as ox
from flask.testing import FlaskClient

from kg.dataset import Dataset
from kg.export import sorted_nquads

from .conftest import application

VOID, SD, SH = (
    "http://rdfs.org/ns/void#",
    "http://www.w3.org/ns/sparql-service-description#",
    "http://www.w3.org/ns/shacl#",
)


def store(response: object) -> ox.Store:
    held = ox.Store()
    held.extend(ox.parse(response.data, ox.RdfFormat.TURTLE))  # type: ignore[attr-defined]
    return held


def values(held: ox.Store, predicate: str) -> list[str]:
    return [quad.object.value for quad in held.quads_for_pattern(None, ox.NamedNode(predicate), None)]  # type: ignore[union-attr]


def test_void_counts_what_is_there(client: FlaskClient, dataset: Dataset) -> None:
    held = store(client.get("/.well-known/void"))
    union = dataset.union()
    whole = next(held.quads_for_pattern(None, None, ox.NamedNode(f"{VOID}Dataset"))).subject

    def number(name: str) -> int:
        return int(next(held.quads_for_pattern(whole, ox.NamedNode(VOID + name), None)).object.value)  # type: ignore[union-attr]

    assert number("triples") == len(union)
    assert number("distinctSubjects") == number("entities") == len({quad.subject for quad in union})
    assert number("distinctObjects") == len({quad.object for quad in union})
    assert (
        number("properties") == len({quad.predicate for quad in union}) == len(values(held, f"{VOID}propertyPartition"))
    )
    assert number("documents") == len(dataset.documents)


def test_the_service_description_names_the_endpoint_that_was_asked_and_every_graph(
    client: FlaskClient, dataset: Dataset
) -> None:
    held = store(client.get("/sparql", headers={"Accept": "text/turtle", "Host": "kg.example"}))
    assert values(held, f"{SD}endpoint") == ["http://kg.example/sparql"]
    assert set(values(held, f"{SD}name")) == {quad.graph.value for quad in dataset.quads if quad.graph}
    assert f"{SD}UnionDefaultGraph" in values(held, f"{SD}feature")


def test_every_question_of_the_catalogue_is_an_executable_query(client: FlaskClient) -> None:
    held = store(client.get("/.well-known/sparql-examples"))
    queries = values(held, f"{SH}select")
    assert len(queries) == len(client.get("/questions").get_json()["questions"])
    for query in queries[:5]:
        assert client.post("/sparql", data={"query": query}).status_code == 200


def test_the_downloads_hold_the_named_graphs_whole(client: FlaskClient, dataset: Dataset) -> None:
    quads = client.get("/dataset.nq")
    assert quads.mimetype == "application/n-quads"
    assert quads.data == sorted_nquads(dataset.quads)
    trig = client.get("/dataset.trig")
    assert trig.mimetype == "application/trig"
    assert set(ox.parse(trig.data, ox.RdfFormat.TRIG)) == set(ox.parse(quads.data, ox.RdfFormat.N_QUADS))


def test_a_dataset_beyond_the_limit_is_not_downloaded_whole() -> None:
    with application(download_max_quads=100) as app:
        response = app.test_client().get("/dataset.nq")
    assert response.status_code == 422
    assert "backstory export" in response.get_json(force=True)["detail"]


def test_a_plain_store_describes_itself_too(plain: FlaskClient) -> None:
    held = store(plain.get("/sparql", headers={"Accept": "text/turtle"}))
    assert f"{SD}SPARQL11Update" in values(held, f"{SD}supportedLanguage")
    assert plain.get("/.well-known/void").status_code == 200
