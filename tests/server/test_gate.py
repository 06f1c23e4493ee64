"""The gate: request bodies whole and within limits, writes by the administrator only (RFC 6750)."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from server.access import admit, require_token
from server.gate import Gate, Places
from server.problems import Problem

from .conftest import BEARER, settings_of


def echo(environ: dict[str, object], start_response: object) -> list[bytes]:
    start_response("200 OK", [])  # type: ignore[operator]
    return [environ["wsgi.input"].read()]  # type: ignore[attr-defined]


def post(
    gate: Gate, stream: object, *, length: str | None = None, client: str = "1.1.1.1", path: str = "/x"
) -> tuple[str, bytes]:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.input": stream, "backstory.client": client}
    environ |= {"CONTENT_LENGTH": length} if length is not None else {"HTTP_TRANSFER_ENCODING": "chunked"}
    told: list[str] = []
    body = b"".join(gate(environ, lambda status, headers: told.append(status)))  # type: ignore[arg-type]
    return told[0][:3], body


def test_the_application_gets_a_body_that_is_there() -> None:
    assert post(Gate(echo, settings_of()), BytesIO(b"hello"), length="5") == ("200", b"hello")


def test_a_body_in_chunks_has_no_length_and_is_read_to_its_end() -> None:
    assert post(Gate(echo, settings_of()), BytesIO(b"hello")) == ("200", b"hello")


@pytest.mark.parametrize("length", ["11", None])
def test_a_body_beyond_the_limit_is_413_declared_or_not(length: str | None) -> None:
    status, body = post(Gate(echo, settings_of(body_max_bytes=10)), BytesIO(b"x" * 11), length=length)
    assert status == "413"
    assert b'"limit_bytes": 10' in body


def test_a_declared_body_beyond_the_limit_is_refused_unread() -> None:
    class Unreadable:
        def read(self, _: int) -> bytes:
            raise AssertionError("it was read")

    assert post(Gate(echo, settings_of(body_max_bytes=10)), Unreadable(), length="11")[0] == "413"


def test_a_body_that_ends_early_is_400_and_says_after_how_many_bytes() -> None:
    status, body = post(Gate(echo, settings_of()), BytesIO(b"abc"), length="10")
    assert status == "400"
    assert b"3 of 10" in body


@pytest.mark.parametrize("length", ["ten", "-1", "1.5", "\u0663"])
def test_a_length_that_is_no_number_is_400(length: str) -> None:
    assert post(Gate(echo, settings_of()), BytesIO(b"abc"), length=length)[0] == "400"


def test_places_are_counted_for_each_client_and_in_all() -> None:
    places = Places(2, 3)
    with places.taken("a"), places.taken("a"), places.taken("b"):
        for client in ("a", "b", "c"):
            with pytest.raises(Problem) as caught, places.taken(client):
                pass
            assert caught.value.headers["Retry-After"] == "1"
    with places.taken("c"):
        pass


def test_a_question_or_a_query_has_a_smaller_limit_than_data() -> None:
    gate = Gate(echo, settings_of())
    large = b"x" * 300_000
    assert post(gate, BytesIO(large), length="300000", path="/ask")[0] == "413"
    assert post(gate, BytesIO(large), length="300000", path="/sparql")[0] == "413"
    assert post(gate, BytesIO(large), length="300000", path="/x")[0] == "200"


@pytest.mark.parametrize("path", ["/update", "/store", "/store/x", "/documents/x", "//update"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_every_write_needs_the_token_before_its_body_is_read(path: str, method: str) -> None:
    settings = settings_of(empty=True, writable=True)
    with pytest.raises(Problem) as caught:
        admit(settings, {"PATH_INFO": path, "REQUEST_METHOD": method})
    assert caught.value.status == 401
    admit(settings, {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_AUTHORIZATION": BEARER["Authorization"]})


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Basic abc", "Bearer wr\u00f6ng", "token"])
def test_another_token_is_401_with_a_challenge(sent: str) -> None:
    with pytest.raises(Problem) as caught:
        require_token("right", sent)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_in_the_environment_nothing_can_be_written() -> None:
    with pytest.raises(Problem) as caught:
        require_token(None, "Bearer ")
    assert caught.value.status == 403


def test_every_route_that_takes_a_body_is_guarded_or_only_reads(published: object) -> None:
    harmless = {"/ask", "/sparql"}
    rules = published.url_map.iter_rules()  # type: ignore[attr-defined]
    writing = {rule.rule for rule in rules if (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}} - harmless
    for rule in writing:
        with pytest.raises(Problem):
            admit(settings_of(), {"PATH_INFO": rule, "REQUEST_METHOD": "POST"})


def test_reading_needs_no_token(client: FlaskClient) -> None:
    assert client.get("/documents").status_code == 200
