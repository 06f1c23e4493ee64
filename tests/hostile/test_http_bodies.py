"""Hostile requests on the socket: slow, truncated, oversized and mistyped bodies. Each ends in time, in one shape, and
the others are served (DESIGN §5, the front).
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest

from tests.live import BEARER, Live

SLACK_S = 2.0  # a busy test machine
BODY_S = 1.5


@pytest.fixture(scope="module")
def live(serve: Callable[..., Live]) -> Live:
    return serve("--empty", "--writable", "--no-log-requests", "--body-timeout-ms", str(int(BODY_S * 1000)))


@pytest.fixture(scope="module")
def small(serve: Callable[..., Live]) -> Live:
    return serve("--no-log-requests", "--body-timeout-ms", str(int(BODY_S * 1000)))


def head(method: str, path: str, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: test"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(opened: socket.socket, within_s: float) -> tuple[int, dict[str, object]]:
    """Status and problem document of the answer on a connection."""
    opened.settimeout(within_s)
    data = b""
    while b"\r\n\r\n" not in data:
        more = opened.recv(65536)
        assert more, f"the connection ended after {data!r}"
        data += more
    top, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in top.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += opened.recv(65536)
    return int(top.split()[1]), json.loads(body) if body.startswith(b"{") else {}


def served(live: Live) -> None:
    """A reader and a sender of a body are answered, quickly."""
    began = time.monotonic()
    assert live.ask("GET", "/sparql?query=ASK%7B%7D")[0].status == 200
    query = {"Content-Type": "application/sparql-query"}
    assert live.ask("POST", "/sparql", b"ASK {}", query)[0].status == 200
    assert time.monotonic() - began < SLACK_S


def test_a_body_that_stops_half_way_is_408_in_time(live: Live) -> None:
    sent = head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=100) + b"ASK "
    began = time.monotonic()
    with live.connect(sent) as opened:
        status, problem = answer(opened, BODY_S + SLACK_S)
    assert (status, problem["status"]) == (408, 408)
    assert problem["limit_ms"] == BODY_S * 1000
    assert time.monotonic() - began < BODY_S + SLACK_S


def test_a_body_that_drips_is_408_however_steadily(live: Live) -> None:
    with live.connect(head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=1000)) as opened:

        def drip() -> None:
            try:
                for _ in range(100):
                    opened.sendall(b" ")
                    time.sleep(0.05)
            except OSError:
                pass

        threading.Thread(target=drip, daemon=True).start()
        assert answer(opened, BODY_S + SLACK_S)[0] == 408


@pytest.mark.parametrize("count", [60, 200])
def test_half_sent_bodies_harm_nobody(live: Live, count: int) -> None:
    sent = head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=100) + b"ASK "
    opened = [live.connect(sent) for _ in range(count)]
    try:
        time.sleep(0.3)
        for _ in range(5):
            served(live)
            time.sleep(0.1)
        statuses = {answer(one, BODY_S + 2 * SLACK_S)[0] for one in opened}
        assert statuses <= {408, 503}
    finally:
        for one in opened:
            one.close()
    served(live)


def test_half_sent_headers_harm_nobody(live: Live) -> None:
    opened = [live.connect(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: te") for _ in range(100)]
    try:
        for _ in range(3):
            served(live)
    finally:
        for one in opened:
            one.close()


def test_readers_that_do_not_read_harm_nobody(live: Live) -> None:
    query = (
        "SELECT * WHERE { " + " ".join(f"VALUES ?v{i} {{ {' '.join(map(str, range(25)))} }}" for i in range(3)) + " }"
    )
    body = query.encode()
    sent = head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=len(body)) + body
    opened = [live.connect(sent) for _ in range(8)]
    try:
        time.sleep(1)
        for _ in range(3):
            served(live)
    finally:
        for one in opened:
            one.close()


def test_a_truncated_body_ends_with_its_connection_and_harms_nobody(live: Live) -> None:
    for _ in range(50):
        sent = head("POST", "/update", **BEARER, Content_Type="application/sparql-update", Content_Length=1000)
        live.connect(sent + b"INSERT DATA { <http://t/> <http://t/> 1 }").close()
    served(live)
    _, found = live.ask("GET", "/sparql?query=ASK%7B%3Chttp%3A%2F%2Ft%2F%3E%20%3Fp%20%3Fo%7D")
    assert json.loads(found)["boolean"] is False


def test_an_oversized_body_is_413_before_it_is_sent(small: Live) -> None:
    sent = head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=10**12)
    with small.connect(sent) as opened:
        status, problem = answer(opened, SLACK_S)
    assert status == 413
    assert int(str(problem["limit_bytes"])) < 10**6


def test_an_oversized_body_in_chunks_is_413(small: Live) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with small.connect(
        head("POST", "/sparql", Content_Type="application/sparql-query", Transfer_Encoding="chunked")
    ) as opened:
        try:
            for _ in range(64):
                opened.sendall(chunk)
        except OSError:
            pass  # it may have been answered already
        assert answer(opened, BODY_S + SLACK_S)[0] == 413


def test_a_ten_megabyte_query_is_413(small: Live) -> None:
    body = b"ASK { " + b"#" * 10_000_000
    response, told = small.ask("POST", "/sparql", body[:1], {"Content-Type": "text/plain"})
    assert response.status == 415
    with small.connect(
        head("POST", "/sparql", Content_Type="application/sparql-query", Content_Length=len(body))
    ) as opened:
        assert answer(opened, SLACK_S)[0] == 413
    assert told


def test_a_write_without_the_token_is_refused_before_its_body_comes(live: Live) -> None:
    for path in ("/update", "/store?default", "/documents/x"):
        with live.connect(head("PUT" if path != "/update" else "POST", path, Content_Length=10**7)) as opened:
            assert answer(opened, SLACK_S)[0] == 401


@pytest.mark.parametrize(
    ("path", "kind", "body", "statuses"),
    [
        ("/sparql", "", b"ASK {}", {415}),
        ("/sparql", "application/json", b"{}", {415}),
        ("/sparql", "application/x-www-form-urlencoded", b"\xff\xfe\x00", {400}),
        ("/sparql", "application/x-www-form-urlencoded", b"query=%ff%fe", {400}),
        ("/sparql", "application/x-www-form-urlencoded", b"query=ASK{}&query=ASK{}", {400}),
        ("/sparql", "application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5000), {400}),
        ("/sparql", "application/sparql-query", b"\xff\xff", {400}),
        ("/sparql", "application/sparql-query", b"\x00" * 1000, {400}),
        ("/sparql", "application/sparql-query", b"", {400}),
        ("/sparql", "application/sparql-query; charset=utf-16", "ASK {}".encode("utf-16"), {415}),
        ("/sparql", "multipart/form-data; boundary=x", b"--x\r\n", {415}),
        ("/sparql", "a" * 5000, b"ASK {}", {415}),
        ("/store?default", "multipart/form-data", b"no boundary", {400, 415}),
        ("/store?default", "multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 10_000, {400, 415}),
        ("/store?graph=http://x/", "text/turtle", b"<" * 100_000, {400}),
        ("/store?graph=http://x/", "text/turtle", b"[" * 100_000, {400, 503}),
        ("/store?graph=http://x/", "application/ld+json", b"[" * 100_000, {400, 503}),
        ("/store?graph=http://x/", "application/rdf+xml", b"<a>" * 50_000, {400, 503}),
        ("/store?graph=http://x/", "application/ld+json", b'{"@context": "http://127.0.0.1:9/"}', {400}),
        ("/store?graph=http://x/", "image/png", b"\x89PNG", {415}),
    ],
)
def test_a_mistyped_body_has_its_exact_status_and_one_shape(
    live: Live, path: str, kind: str, body: bytes, statuses: set[int]
) -> None:
    headers = {"Content-Type": kind, **BEARER} if kind else BEARER
    response, told = live.ask("POST", path, body, headers)
    assert response.status in statuses, told[:300]
    problem = json.loads(told)
    assert {"type", "title", "status", "detail", "request_id"} <= problem.keys()
    assert b"Traceback" not in told
    served(live)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nASK{}",
        b"GET /sparql?query=ASK{} HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /%00%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET //\\..\\..\\etc HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_ends_and_harms_nobody(live: Live, raw: bytes) -> None:
    with live.connect(b"") as opened:
        opened.settimeout(BODY_S + SLACK_S)
        try:
            opened.sendall(raw)
            told = opened.recv(65536)
        except OSError:
            told = b""
    assert b"Traceback" not in told
    assert b" 500 " not in told.split(b"\r\n")[0]
    served(live)


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/static/x/../../../settings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/doc/../graph",
        "/id/" + "a" * 9000,
        "/sparql?query=" + "%20" * 100_000,
        "/ask?q=" + "a" * 100_000,
        "/?" + "a=1&" * 50_000,
        "/id/%F0%9F%98%80",
        "/id/a%00b",
    ],
)
def test_an_odd_address_is_answered_without_a_500(small: Live, path: str) -> None:
    response, told = small.ask("GET", path)
    assert response.status < 500 or response.status == 501, told[:300]
    assert b"Traceback" not in told
