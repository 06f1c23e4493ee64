"""The exports open in what reads them: CSV, JSON, Turtle and SVG."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest
import rdflib
from flask.testing import FlaskClient

from kg.dataset import Dataset
from kg.terms import ID, KG
from tests.web.conftest import HOSTILE, entity, local_app, stated

STATES = {
    "a neighbourhood": "thing=MuscleRelaxant",
    "a connection": "from=Stress&to=Drowsiness",
    "a set": "set=MuscleRelaxant,Drowsiness,Confusion",
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_json_says_what_is_shown(client: FlaskClient, state: str):
    reply = client.get(f"/neighbours?{state}")
    assert reply.status_code == 200
    assert "drowsiness" in json.dumps(reply.get_json())


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_turtle_holds_the_facts_that_are_shown(client: FlaskClient, state: str):
    reply = client.get(f"/neighbours?{state}&format=ttl")
    graph = rdflib.Graph().parse(data=reply.text, format="turtle")
    assert (
        rdflib.URIRef(ID + "MuscleRelaxant"),
        rdflib.URIRef(f"{KG}hasSideEffect"),
        rdflib.URIRef(ID + "Drowsiness"),
    ) in graph


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_csv_has_a_line_for_each_fact_with_its_passage(client: FlaskClient, state: str):
    rows = list(csv.DictReader(io.StringIO(client.get(f"/neighbours?{state}&format=csv").text)))
    assert any("drowsiness" in row.values() and "/doc/back-spasms/" in row["passages"] for row in rows)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_svg_is_well_formed_and_shows_the_labels(client: FlaskClient, state: str):
    reply = client.get(f"/neighbours?{state}&format=svg")
    assert reply.content_type.startswith("image/svg+xml")
    texts = [node.text for node in ElementTree.fromstring(reply.text).iter("{http://www.w3.org/2000/svg}text")]
    assert "drowsiness" in texts


def test_a_file_name_holds_no_character_that_a_header_or_a_shell_would_read(client: FlaskClient):
    assert (
        client.get("/neighbours?thing=BackSpasm&format=csv").headers["Content-Disposition"]
        == 'inline; filename="back-spasms.csv"'
    )


def test_a_cell_that_a_spreadsheet_would_run_is_text(dataset: Dataset):
    extra = entity("Sum", "Drug", '=HYPERLINK("x")') + stated("079", ("Sum", "hasSideEffect", "Drowsiness"))
    asking = local_app([*dataset.quads, *extra]).test_client()
    rows = list(csv.reader(io.StringIO(asking.get("/neighbours?thing=Drowsiness&format=csv").text)))
    assert [cell for row in rows for cell in row if "HYPERLINK" in cell] == ['\'=HYPERLINK("x")']


def test_hostile_labels_are_text_in_a_drawing(dataset: Dataset):
    extra = entity("Evil", "Drug", HOSTILE) + stated("079", ("Evil", "hasSideEffect", "Drowsiness"))
    asking = local_app([*dataset.quads, *extra]).test_client()
    for state in ("thing=Evil", "view=network&thing=Evil"):
        drawing = ElementTree.fromstring(asking.get(f"/neighbours?{state}&format=svg").text)
        tags = {node.tag.rpartition("}")[2] for node in drawing.iter()}
        assert not tags & {"script", "img", "image", "a"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("thing=Nothing", 404),
        ("thing=Ice&format=exe", 400),
        ("view=network", 400),
        ("thing=%3Cx%3E%20%7D", 404),
    ],
)
def test_a_bad_request_for_data_is_a_problem_that_says_what_to_do(client: FlaskClient, query: str, status: int):
    reply = client.get(f"/neighbours?{query}", headers={"Accept": "application/json"})
    assert reply.status_code == status
    assert reply.content_type == "application/problem+json"
    assert reply.get_json()["detail"]
