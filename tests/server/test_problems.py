"""One shape for every error (RFC 9457): type, title, status, detail, request_id, and members of its own.

No body of an error holds a traceback or a path of this machine; a client that prefers HTML gets the same members.
"""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from kg import backends
from server.evaluator import errors
from server.problems import KIND_OF_STATUS, KINDS, Problem, from_engine, page

from .conftest import REPOSITORY

EXACT = {
    "/nothing/here": 404,
    "/sparql?query=SELECT": 400,
    "/sparql?query=ASK%20%7B%20SERVICE%20%3Chttp%3A%2F%2Fx%2F%3E%20%7B%7D%20%7D": 501,
    "/ask": 400,
    "/ask?q=" + "a" * 2001: 400,
    "/ask?q=a&q=b": 400,
    "/questions/there-is-no-such-question": 404,
    "/id/NoSuchThing": 404,
    "/store": 400,
    "/store?graph=relative": 400,
    "/store?graph=http%3A%2F%2Fnowhere%2F": 404,
}


@pytest.mark.parametrize(("path", "status"), EXACT.items())
def test_every_error_has_the_one_shape(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    document = json.loads(response.data)
    assert {"type", "title", "status", "detail", "request_id"} <= document.keys()
    assert document["status"] == status
    assert document["request_id"] == response.headers["X-Request-Id"]
    assert document["detail"]
    assert "Traceback" not in response.text
    assert str(REPOSITORY) not in response.text
    assert ".py" not in response.text


@pytest.mark.parametrize(("path", "status"), EXACT.items())
def test_a_client_that_prefers_html_gets_the_same_members_as_a_page(
    client: FlaskClient, path: str, status: int
) -> None:
    if path == "/ask":
        return  # from a browser it is the empty page, see test_ask
    response = client.get(path, headers={"Accept": "text/html,*/*;q=0.5"})
    assert response.status_code == status
    assert response.content_type.startswith("text/html")
    assert response.headers["X-Request-Id"] in response.text


def test_the_type_of_a_problem_leads_to_its_explanation(client: FlaskClient) -> None:
    kind = json.loads(client.get("/nothing/here").data)["type"]
    path = kind.removeprefix("https://w3id.org/backstory")
    assert client.get(path).get_json()["title"] == "Not found"
    assert client.get("/problem/no-such-kind").status_code == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (backends.QuerySyntaxError("no", 3, 7), 400),
        (backends.QueryTooDeep("no"), 400),
        (errors.TooManyTokens("no"), 400),
        (errors.DatasetInText("no"), 400),
        (errors.DataSyntaxError("no", 1, 2), 400),
        (backends.NotWritable("no"), 403),
        (errors.KindNotAcceptable("select"), 406),
        (errors.QueryTooLong("no"), 413),
        (backends.QueryTooLarge("no"), 422),
        (backends.TooManyForClient("no"), 429),
        (errors.ServiceRefused("no"), 501),
        (backends.EngineFailed("no"), 502),
        (backends.OutOfMemory("no"), 503),
        (backends.Busy("no"), 503),
        (backends.EngineUnreachable("no"), 503),
        (backends.DeadlineExceeded("no"), 504),
    ],
)
def test_every_death_of_a_query_is_told_apart(error: backends.EngineError, status: int) -> None:
    assert from_engine(error).status == status


@pytest.mark.parametrize(
    "error", [backends.Busy("no"), backends.TooManyForClient("no"), backends.EngineUnreachable("no")]
)
def test_who_may_try_again_is_told_when(error: backends.EngineError) -> None:
    assert int(from_engine(error).headers["Retry-After"]) >= 1


def test_every_status_has_a_kind_of_that_status() -> None:
    assert all(KINDS[kind].status == status for status, kind in KIND_OF_STATUS.items())


def test_the_page_of_a_problem_runs_nothing_that_a_client_sent() -> None:
    document = Problem("not-found", "<script>alert(1)</script>").document("<b>")
    assert "<script>" not in page(document)
    assert "<b>" not in page(document)
