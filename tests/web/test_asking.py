"""What the pages offer to ask, and what they say of what they leave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.web import classes
from server.web.asking import starters
from server.web.classes import read_class_map
from server.web.site import Site
from tests.server.conftest import BEARER, application

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="module")
def several() -> Iterator[FlaskClient]:
    """A client of a service that holds three documents, asking as a browser does."""
    with application() as app:
        client = app.test_client()
        for path in sorted(SAMPLES.glob("*.trig")):
            headers = {**BEARER, "Content-Type": "application/trig"}
            assert client.put(f"/documents/{path.stem}", data=path.read_bytes(), headers=headers).status_code == 201
        client.environ_base["HTTP_ACCEPT"] = "text/html"
        yield client


def test_the_first_questions_are_those_that_the_catalogue_marks_in_its_order(client: FlaskClient) -> None:
    page = client.get("/").text
    wanted = ["What is a back spasm?", "What causes back spasms?", "How are back spasms treated?"]
    places = [page.index(question) for question in wanted]
    assert places == sorted(places)


def test_a_catalogue_that_marks_none_offers_the_broadest(service_app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    site: Site = service_app.extensions["backstory"].site()  # type: ignore[attr-defined]
    monkeypatch.setattr("server.web.asking._FIRST", "no such tag")
    assert 3 <= len(starters(site)) <= 6


def test_a_picture_that_is_not_of_all_facts_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_class_map(site.graph, site.vocabulary).limit is None
    monkeypatch.setattr(classes, "_FACTS", 10)
    assert read_class_map(site.graph, site.vocabulary).limit == 10


def test_a_question_without_a_condition_is_asked_back_on_the_page(several: FlaskClient) -> None:
    page = several.get("/ask?q=what+causes+it").text
    assert 'data-status="ambiguous"' in page
    assert "/ask?q=what+causes+it&amp;document=sciatica" in page


def test_an_answer_of_one_document_keeps_it_in_the_form_and_the_links(several: FlaskClient) -> None:
    page = several.get("/ask?q=what+causes+it&document=sciatica").text
    assert '<input type="hidden" name="document" value="sciatica">' in page
    assert "/ask?q=what+causes+it&amp;document=sciatica&amp;format=json" in page
    assert "Ask all documents" in page
    assert "herniated disc" in page


def test_each_source_names_its_document_where_there_are_several(several: FlaskClient, client: FlaskClient) -> None:
    assert "<strong>Sciatica</strong>" in several.get("/ask?q=side+effects+of+cyclobenzaprine").text
    assert "<strong>Back Spasms</strong>" not in client.get("/ask?q=side+effects+of+cyclobenzaprine").text


@pytest.mark.parametrize("path", ["/id/Ibuprofen", "/explore?focus=Ibuprofen", "/explore?focus=Ibuprofen&view=table"])
def test_a_passage_is_called_by_its_document_where_there_are_several(
    several: FlaskClient, client: FlaskClient, path: str
) -> None:
    assert "calf-cramps 012</a>" in several.get(path).text
    assert "back-spasms 073</a>" not in client.get(path).text
    assert "073</a>" in client.get(path).text
