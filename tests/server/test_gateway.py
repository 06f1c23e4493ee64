"""The gateway: requests of Granian's RSGI become WSGI ones, bodies come in time or not at all."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import Flask

from server.gateway import Gateway

from .conftest import application


class Channel:
    """A client's side: parts of a body with the seconds before each, and the response."""

    def __init__(self, *parts: tuple[float, bytes]) -> None:
        self.parts = parts
        self.status, self.headers, self.body = 0, dict[str, str](), b""

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for wait, part in self.parts:
            await asyncio.sleep(wait)
            yield part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert not self.status, "it was answered twice"
        self.status, self.headers, self.body = status, dict(headers), body


def scope(method: str, path: str, query: str = "", **headers: str) -> SimpleNamespace:
    return SimpleNamespace(
        method=method,
        path=path,
        query_string=query,
        scheme="http",
        http_version="1.1",
        server="127.0.0.1:8000",
        client="10.0.0.1:5000",
        authority=None,
        headers={"host": "kg.example", **{name.replace("_", "-"): value for name, value in headers.items()}},
    )


@pytest.fixture(scope="module")
def app() -> object:
    limits = {"body_timeout_ms": 900, "body_patience_ms": 400, "bodies_per_client": 2, "body_max_bytes": 100_000}
    with application(empty=True, writable=True, **limits) as made:
        yield made


def ask(app: Flask, *requests: tuple[SimpleNamespace, Channel]) -> None:
    async def together() -> None:
        gateway = Gateway(app.wsgi_app)  # type: ignore[arg-type]
        await asyncio.gather(*(gateway.__rsgi__(one, channel) for one, channel in requests))  # type: ignore[arg-type]

    asyncio.run(together())


QUERY = {"content_type": "application/sparql-query"}


def test_a_query_is_answered_by_get_and_by_post_with_one_tag_for_gets(app: Flask) -> None:
    channels = [Channel(), Channel(), Channel((0, b"ASK "), (0, b"{}"))]
    ask(app, (scope("GET", "/sparql", "query=ASK%7B%7D"), channels[0]))
    ask(app, (scope("GET", "/sparql", "query=ASK%7B%7D"), channels[1]))
    ask(app, (scope("POST", "/sparql", content_length="6", **QUERY), channels[2]))
    assert [channel.status for channel in channels] == [200, 200, 200]
    assert channels[0].headers["ETag"] == channels[1].headers["ETag"]
    assert "cache;desc=hit" in channels[1].headers["Server-Timing"]
    assert json.loads(channels[2].body)["boolean"] is True


def test_head_has_no_body_and_its_length(app: Flask) -> None:
    for _ in range(2):
        channel = Channel()
        ask(app, (scope("HEAD", "/sparql", "query=ASK%7B%7D"), channel))
        assert (channel.status, channel.body) == (200, b"")
        assert int(channel.headers["Content-Length"]) > 0


def test_a_body_that_does_not_come_in_time_is_408_and_ends_its_connection(app: Flask) -> None:
    channel = Channel((60, b"ASK {}"))
    ask(app, (scope("POST", "/sparql", content_length="6", **QUERY), channel))
    assert (channel.status, json.loads(channel.body)["limit_ms"]) == (408, 900)
    assert channel.headers["Connection"] == "close"


def test_slow_bodies_wait_in_few_places_and_quick_ones_need_none(app: Flask) -> None:
    slow = [Channel((60, b"")) for _ in range(5)]
    quick = [Channel((0.01, b"ASK {}")) for _ in range(20)]
    requests = [(scope("POST", "/sparql", content_length="6", **QUERY), channel) for channel in slow + quick]
    ask(app, *requests)
    assert sorted(channel.status for channel in slow) == [408, 408, 503, 503, 503]
    assert {channel.status for channel in quick} == {200}


def test_a_slow_body_that_comes_in_time_is_answered(app: Flask) -> None:
    channel = Channel((0.5, b"ASK "), (0.1, b"{}"))
    ask(app, (scope("POST", "/sparql", transfer_encoding="chunked", **QUERY), channel))
    assert channel.status == 200


@pytest.mark.parametrize("length", ["100001", None])
def test_a_body_beyond_the_limit_is_413_declared_or_in_chunks(app: Flask, length: str | None) -> None:
    declared = {"content_length": length} if length else {"transfer_encoding": "chunked"}
    channel = Channel((0, b"x" * 60_000), (0, b"x" * 60_000), (60, b""))
    ask(app, (scope("POST", "/sparql", **declared, **QUERY), channel))  # type: ignore[arg-type]
    assert channel.status == 413


def test_a_packed_body_is_415(app: Flask) -> None:
    channel = Channel((0, b"ASK {}"))
    ask(app, (scope("POST", "/sparql", content_length="6", content_encoding="gzip", **QUERY), channel))
    assert channel.status == 415


def test_a_body_that_ends_early_is_400(app: Flask) -> None:
    channel = Channel((0, b"ASK"))
    ask(app, (scope("POST", "/sparql", content_length="6", **QUERY), channel))
    assert channel.status == 400


def test_a_write_is_refused_before_its_body_is_read(app: Flask) -> None:
    channel = Channel((60, b""))
    ask(app, (scope("PUT", "/store", "default", content_length="6"), channel))
    assert channel.status == 401


def test_more_requests_than_may_wait_are_told_503() -> None:
    with application(empty=True, threads=1, requests_waiting=2) as app:
        channels = [Channel() for _ in range(8)]
        ask(app, *((scope("GET", "/healthz"), channel) for channel in channels))
    statuses = [channel.status for channel in channels]
    assert statuses.count(200) == 3
    assert statuses.count(503) == 5
    assert all(channel.headers.get("Retry-After") == "1" for channel in channels if channel.status == 503)


def test_a_repeated_header_is_one_list_and_a_path_beyond_ascii_arrives(app: Flask) -> None:
    channel = Channel()
    ask(app, (scope("GET", "/store/caf\u00e9"), channel))
    assert channel.status == 404
    assert "caf\u00e9" in json.loads(channel.body)["detail"]


def test_a_thread_that_dies_is_replaced_and_its_request_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with application(empty=True, threads=1) as app:
        front = app.wsgi_app
        honest = front.answer  # type: ignore[attr-defined]

        def broken(*_: object) -> None:
            raise MemoryError

        async def both() -> None:
            gateway = Gateway(front)  # type: ignore[arg-type]
            monkeypatch.setattr(front, "answer", broken)
            lost, served = Channel(), Channel()
            await gateway.__rsgi__(scope("GET", "/healthz"), lost)  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
            monkeypatch.setattr(front, "answer", honest)
            await gateway.__rsgi__(scope("GET", "/healthz"), served)  # type: ignore[arg-type]
            assert (lost.status, served.status) == (0, 200)

        asyncio.run(asyncio.wait_for(both(), 10))


def test_a_short_query_is_answered_without_a_thread_and_a_broken_one_in_its_usual_shape(app: Flask) -> None:
    before = threading.active_count()
    channels = [Channel() for _ in range(4)]
    ask(app, *((scope("GET", "/sparql", f"query=ASK%7B%7D%23{n}"), channel) for n, channel in enumerate(channels)))
    assert [channel.status for channel in channels] == [200] * 4
    assert threading.active_count() <= before
    broken = [Channel(), Channel(), Channel((0, b"SELECT"))]
    ask(app, (scope("GET", "/sparql", "query=SELECT"), broken[0]))
    ask(app, (scope("GET", "/sparql", "query=ASK%7B%7D&query=ASK%7B%7D"), broken[1]))
    ask(app, (scope("POST", "/sparql", content_length="6", **QUERY), broken[2]))
    kinds = [json.loads(channel.body)["type"].rpartition("/")[2] for channel in broken]
    assert kinds == ["query-syntax", "bad-parameter", "query-syntax"]


def test_a_query_that_takes_longer_than_the_fast_lane_holds_no_other_up_and_ends_at_its_deadline() -> None:
    with application(empty=True, writable=True, deadline_ms=700, fast_lane_ms=30) as app:
        store = app.extensions["backstory"].engine
        rows = "".join(f"<x:{n}> <x:p> {n} . " for n in range(300))
        store.update(f"INSERT DATA {{ {rows} }}", deadline=time.monotonic() + 10)
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        channels = [Channel(), Channel()]
        began = time.monotonic()
        ask(
            app,
            (scope("GET", "/sparql", "query=" + quote(endless)), channels[0]),
            (scope("GET", "/sparql", "query=ASK%7B%7D"), channels[1]),
        )
        assert [channel.status for channel in channels] == [504, 200]
        assert time.monotonic() - began < 3


def test_a_reply_that_is_long_comes_whole(app: Flask) -> None:
    rows = " ".join(f'("{n:060}")' for n in range(60))
    channel = Channel()
    ask(
        app,
        (
            scope(
                "GET",
                "/sparql",
                "query=" + quote(f"SELECT * {{ VALUES (?a) {{ {rows} }} VALUES ?b {{ 1 2 3 4 5 6 7 8 9 }} }}"),
            ),
            channel,
        ),
    )
    assert channel.status == 200
    assert len(channel.body) > 16 * 1024
    assert len(json.loads(channel.body)["results"]["bindings"]) == 540


def test_what_was_begun_and_is_not_wanted_any_more_is_stopped(app: Flask) -> None:
    async def given_up() -> None:
        gateway = Gateway(app.wsgi_app)  # type: ignore[arg-type]
        for n in range(30):  # more than there are places
            asked = scope("GET", "/sparql", f"query=ASK%7B%7D%23gone{n}")
            task = asyncio.ensure_future(gateway.__rsgi__(asked, Channel()))  # type: ignore[arg-type]
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        await asyncio.sleep(0.3)  # a thread may still be at one of them

    asyncio.run(given_up())
    channel = Channel()
    ask(app, (scope("GET", "/sparql", "query=ASK%7B%7D%23after"), channel))
    assert channel.status == 200
