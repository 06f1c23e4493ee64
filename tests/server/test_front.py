"""The front: finished answers, entity tags, HEAD, 304, gzip, request ids, headers of every response (DESIGN §5)."""

from __future__ import annotations

import gzip
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.asked import told

from .conftest import BEARER, application

ASK = {"query": "ASK {}"}
LONG = {"query": "SELECT ?x WHERE { VALUES ?x { " + " ".join(map(str, range(500))) + " } }"}


def cache_of(response: object) -> str:
    return "hit" if "cache;desc=hit" in response.headers["Server-Timing"] else "miss"  # type: ignore[attr-defined]


def test_the_second_time_an_answer_comes_from_the_front_with_the_same_bytes(client: FlaskClient) -> None:
    address = {"query": "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 7"}
    first, second = (client.get("/sparql", query_string=address) for _ in range(2))
    assert (cache_of(first), cache_of(second)) == ("miss", "hit")
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_tag_is_strong_and_differs_by_format_and_by_coding(client: FlaskClient) -> None:
    def tag(**headers: str) -> str:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return str(client.get("/sparql", query_string=LONG, headers=sent).headers["ETag"])

    xml = "application/sparql-results+xml"
    tags = {tag(), tag(Accept=xml), tag(Accept_Encoding="gzip"), tag(Accept=xml, Accept_Encoding="gzip")}
    assert len(tags) == 4
    assert not any(one.startswith("W/") for one in tags)


@pytest.mark.parametrize(
    "path", ["/sparql?query=ASK%7B%7D", "/ask?q=are+back+spasms+a+sign+of+multiple+sclerosis", "/", "/ontology"]
)
def test_who_has_the_answer_gets_304_on_a_hit_and_on_a_miss(published: Flask, path: str) -> None:
    client = published.test_client()
    tag = client.get(path).headers["ETag"]
    published.extensions["backstory"].cache.put(("something",), "another state", None or _nothing())
    for _ in range(2):  # the first after the cache was emptied is a miss, the second a hit
        response = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert response.status_code == 304
        assert response.data == b""
        assert response.headers["ETag"] == tag
        assert "Content-Type" not in response.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def _nothing() -> object:
    from server.cache import Kept

    return Kept([], b"", "nothing", "nothing")


def test_a_long_text_is_packed_for_who_takes_gzip_and_for_nobody_else(client: FlaskClient) -> None:
    packed = client.get("/sparql", query_string=LONG, headers={"Accept-Encoding": "gzip"})
    plain = client.get("/sparql", query_string=LONG, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    for response in (packed, plain):
        assert response.headers["Vary"] == "Accept, Accept-Encoding"
        assert int(response.headers["Content-Length"]) == len(response.data)


def test_what_gives_something_new_each_time_is_neither_kept_nor_tagged(client: FlaskClient) -> None:
    address = {"query": "SELECT (UUID() AS ?x) WHERE {}"}
    first, second = (client.get("/sparql", query_string=address) for _ in range(2))
    assert first.data != second.data
    assert "ETag" not in first.headers


def test_a_write_is_seen_by_the_next_reader_and_changes_the_tag(plain: FlaskClient) -> None:
    address = {"query": "SELECT * WHERE { ?s ?p ?o }"}
    before = [plain.get("/sparql", query_string=address) for _ in range(2)][1]
    assert cache_of(before) == "hit"
    plain.post("/update", data={"update": "INSERT DATA { <http://a/> <http://b/> 1 }"}, headers=BEARER)
    after = plain.get("/sparql", query_string=address)
    assert cache_of(after) == "miss"
    assert len(json.loads(after.data)["results"]["bindings"]) == 1
    assert after.headers["ETag"] != before.headers["ETag"]


def test_an_error_is_not_kept(client: FlaskClient) -> None:
    for _ in range(2):
        response = client.get("/sparql", query_string={"query": "ASK {"})
        assert cache_of(response) == "miss"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/sparql?query=ASK%7B%7D", "/sparql?query=ASK", "/id/Heat.ttl", "/healthz"]
)
def test_every_response_has_its_security_headers_and_its_id(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Request-Id"]
    assert "total;dur=" in headers["Server-Timing"]
    assert len(headers.getlist("Content-Security-Policy")) == 1


def test_answers_for_one_host_are_not_given_to_another(client: FlaskClient) -> None:
    one = client.get("/.well-known/void", headers={"Host": "one.example"})
    other = client.get("/.well-known/void", headers={"Host": "other.example"})
    assert "one.example" in one.text
    assert "one.example" not in other.text


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ("6.6.6.6", 0, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        ("9.9.9.9, 1.2.3.4", 1, "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4, 5.6.7.8", 2, "1.2.3.4"),
        ("1.2.3.4", 3, "1.2.3.4"),
    ],
)
def test_only_hops_of_trusted_proxies_are_believed(forwarded: str, proxies: int, client: str) -> None:
    assert told("10.0.0.1", forwarded, proxies) == client


def test_behind_a_trusted_proxy_addresses_are_the_ones_that_the_client_sees() -> None:
    headers = {"X-Forwarded-Host": "kg.example", "X-Forwarded-Proto": "https", "Accept": "text/turtle"}
    for proxies, endpoint in ((1, "https://kg.example/sparql"), (0, "http://localhost/sparql")):
        with application(empty=True, trusted_proxies=proxies) as app:
            assert f"<{endpoint}>" in app.test_client().get("/sparql", headers=headers).text


@pytest.mark.parametrize("asks", [False, True])
def test_the_log_holds_one_line_of_json_a_request_and_no_question_unless_asked(
    capfd: pytest.CaptureFixture[str], asks: bool
) -> None:
    with application(empty=True, log_requests=True, log_questions=asks) as app:
        for _ in range(2):
            app.test_client().get("/sparql?query=ASK%7B%7D%23secret")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert [line["cache"] for line in lines] == ["miss", "hit"]
    for line in lines:
        assert {"time", "request_id", "method", "path", "status", "ms", "bytes", "client"} <= line.keys()
        assert (line["method"], line["path"], line["status"]) == ("GET", "/sparql", 200)
    assert lines[0]["outcome"] == "ok"
    assert ("secret" in json.dumps(lines)) is asks


def test_an_error_of_our_own_is_a_problem_document_and_its_traceback_stays_in_the_log(
    plain_app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setattr(plain_app.extensions["backstory"].engine, "query", lambda *_, **__: broken())
    response = plain_app.test_client().get("/sparql?query=ASK%7B%7D%23fresh")
    assert response.status_code == 500
    assert "secret" not in response.text
    log = capfd.readouterr().err
    assert "ZeroDivisionError" in log
    assert response.get_json(force=True)["request_id"] in log
