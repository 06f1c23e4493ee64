"""`/ask` and `/questions`: the answer of DESIGN §4 in four forms, and bad input told with its limit."""

from __future__ import annotations

import json

import jsonschema
import pytest
from flask.testing import FlaskClient

QUESTION = "are back spasms a sign of multiple sclerosis"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_question_is_answered_with_its_citation_and_fits_the_schema(client: FlaskClient) -> None:
    response = client.get("/ask", query_string={"q": QUESTION})
    answer = response.get_json()
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert answer["status"] == "answered"
    assert answer["answer"]["boolean"] is False
    assert answer["citations"]
    jsonschema.validate(answer, client.get("/schema/answer.json").get_json(force=True))


@pytest.mark.parametrize(
    "question", [QUESTION, "what is the capital of australia", "I cannot control my bladder", "?", "a" * 2000]
)
def test_every_answer_is_200_and_fits_the_schema_whatever_was_asked(client: FlaskClient, question: str) -> None:
    response = client.get("/ask", query_string={"q": question})
    assert response.status_code == 200
    jsonschema.validate(response.get_json(), client.get("/schema/answer.json").get_json(force=True))


def test_the_same_question_has_the_same_bytes_and_tag_asked_in_either_way(client: FlaskClient) -> None:
    first = client.get("/ask", query_string={"q": QUESTION})
    again = client.get("/ask", query_string={"q": QUESTION})
    posted = client.post("/ask", json={"question": QUESTION})
    form = client.post("/ask", data={"q": QUESTION})
    assert first.data == again.data == posted.data == form.data
    assert first.headers["ETag"] == again.headers["ETag"]


@pytest.mark.parametrize(
    ("accept", "mark"),
    [
        ("application/json", '"status"'),
        ("application/ld+json", "@context"),
        ("text/plain", "."),
        ("text/html", "<main"),
    ],
)
def test_the_answer_comes_in_four_forms(client: FlaskClient, accept: str, mark: str) -> None:
    response = client.get("/ask", query_string={"q": QUESTION}, headers={"Accept": accept})
    assert response.mimetype == accept
    assert mark in response.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("json", "application/json"), ("jsonld", "application/ld+json"), ("text", "text/plain"), ("html", "text/html")],
)
def test_a_link_can_choose_the_form_whatever_a_browser_accepts(client: FlaskClient, name: str, kind: str) -> None:
    assert client.get("/ask", query_string={"q": QUESTION, "format": name}, headers=BROWSER).mimetype == kind


@pytest.mark.parametrize("question", ["", "   ", None])
def test_no_question_is_400_and_names_the_limit(client: FlaskClient, question: str | None) -> None:
    asked = {} if question is None else {"q": question}
    for response in (client.get("/ask", query_string=asked), client.post("/ask", json={"question": question or ""})):
        problem = response.get_json(force=True)
        assert problem["status"] == response.status_code == 400
        assert problem["max_characters"] == 2000


def test_a_browser_without_a_question_gets_the_empty_page(client: FlaskClient) -> None:
    response = client.get("/ask", headers=BROWSER)
    assert response.status_code == 200
    assert "<form" in response.text


def test_a_question_beyond_the_limit_is_400_and_names_it(client: FlaskClient) -> None:
    for length, status in ((2000, 200), (2001, 400)):
        assert client.get("/ask", query_string={"q": "a" * length}).status_code == status
        assert client.post("/ask", json={"question": "ä" * length}).status_code == status
    assert client.get("/ask", query_string={"q": "a" * 2001}).get_json(force=True)["max_characters"] == 2000


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"question": 7}', "application/json", 400),
        (b'{"question": "a", "document": 7}', "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"question": "\xff"}', "application/json", 400),
        (b"question", "text/plain", 415),
        (b"x" * 70_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_question_has_its_own_status(
    client: FlaskClient, body: bytes, kind: str, status: int
) -> None:
    assert client.post("/ask", data=body, headers={"Content-Type": kind}).status_code == status


def test_a_question_can_be_asked_of_one_document_by_name(client: FlaskClient) -> None:
    answer = client.get("/ask", query_string={"q": QUESTION, "document": "back-spasms"}).get_json()
    assert {one["document"] for one in answer["citations"]} == {"https://w3id.org/backstory/doc/back-spasms/"}
    unknown = client.get("/ask", query_string={"q": QUESTION, "document": "none"})
    assert unknown.status_code == 400
    assert unknown.get_json(force=True)["choices"] == ["back-spasms"]


@pytest.mark.parametrize("accept", ["image/png", "text/turtle"])
def test_a_form_that_is_not_offered_is_406(client: FlaskClient, accept: str) -> None:
    assert client.get("/ask", query_string={"q": QUESTION}, headers={"Accept": accept}).status_code == 406


def test_the_catalogue_lists_every_question_with_its_slots_and_their_options(client: FlaskClient) -> None:
    questions = {one["id"]: one for one in client.get("/questions").get_json()["questions"]}
    disease = questions["is-sign-of"]["slots"]["disease"]
    assert disease["example"] in [option["name"] for option in disease["options"]]
    assert questions["is-sign-of"]["phrasings"]["boolean"]


def test_every_question_answers_at_its_own_address_with_its_examples(client: FlaskClient) -> None:
    for question in client.get("/questions").get_json()["questions"]:
        slots = {name: slot["example"] for name, slot in question["slots"].items() if slot["type"] == "thing"}
        if len(slots) == len(question["slots"]):
            response = client.get(question["url"], query_string=slots)
            assert response.status_code == 200, question["id"]
            assert response.get_json()["status"] in ("answered", "not_stated")


def test_a_slot_takes_a_name_an_iri_or_a_label_and_says_its_choices_otherwise(client: FlaskClient) -> None:
    values = ["MultipleSclerosis", "https://w3id.org/backstory/id/MultipleSclerosis", "multiple sclerosis"]
    answers = [
        client.get("/questions/is-sign-of", query_string={"disease": value}).get_json()["answer"] for value in values
    ]
    assert answers[0] == answers[1] == answers[2]
    unknown = client.get("/questions/is-sign-of", query_string={"disease": "id:x } DROP ALL"})
    assert unknown.status_code == 400
    problem = json.loads(unknown.data)
    assert problem["slot"] == "disease"
    assert "MultipleSclerosis" in problem["choices"]


def test_a_missing_slot_is_400_for_a_program_and_the_form_for_a_browser(client: FlaskClient) -> None:
    assert client.get("/questions/is-sign-of").status_code == 400
    assert client.get("/questions/is-sign-of", headers=BROWSER).status_code == 200
