"""A remote engine through `RemoteBackend`: real servers for what they answer, small sockets for what goes wrong."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kg.backends import (
    Busy,
    DeadlineExceeded,
    EngineFailed,
    EngineUnreachable,
    NotWritable,
    QuerySyntaxError,
    QueryTooLarge,
)
from kg.backends.remote import GET_MAX_BYTES, RemoteBackend
from kg.terms import Iri, Literal
from tests.engines.servers import free_port

CAUSES = "PREFIX kg: <https://w3id.org/backstory/ns#> SELECT ?c ?g WHERE { GRAPH ?g { ?s kg:hasCause ?c } }"


def soon(seconds: float = 5) -> float:
    return time.monotonic() + seconds


@contextlib.contextmanager
def one_answer(respond: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose every connection is handed to `respond` after the request has been read; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    respond(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.engine
def test_rows_come_with_iris_and_the_passage_that_states_them(filled: RemoteBackend) -> None:
    rows = filled.query(CAUSES, deadline=soon()).rows
    assert len(rows) >= 10
    assert all(isinstance(row["c"], Iri) and "/doc/back-spasms/" in row["g"].value for row in rows)


@pytest.mark.engine
def test_a_literal_keeps_its_datatype_and_its_language(filled: RemoteBackend) -> None:
    query = """PREFIX kg: <https://w3id.org/backstory/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?n ?l WHERE { GRAPH ?g { ?d kg:textLength ?n ; rdfs:label ?l } }"""
    row = filled.query(query, deadline=soon()).rows[0]
    assert row["n"] == Literal("8669", "http://www.w3.org/2001/XMLSchema#integer")
    assert isinstance(row["l"], Literal)
    assert row["l"].language == "en"


@pytest.mark.engine
@pytest.mark.parametrize(("pattern", "answer"), [("?s ?p ?o", True), ("?s <http://example.org/no> ?o", False)])
def test_an_ask_is_a_boolean_whatever_the_engine_makes_of_it(filled: RemoteBackend, pattern: str, answer: bool) -> None:
    query = f"ASK {{ GRAPH ?g {{ {pattern} }} }}"
    assert filled.query(query, deadline=soon()).boolean is answer
    xml = filled.query(query, deadline=soon(), accept="application/sparql-results+xml").body
    assert f"<boolean>{str(answer).lower()}</boolean>".encode() in (xml or b"")


@pytest.mark.engine
@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/ld+json"])
def test_a_graph_comes_in_the_format_that_the_client_wants(filled: RemoteBackend, media_type: str) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://w3id.org/backstory/graph/ontology> { ?s ?p ?o } } LIMIT 5"
    result = filled.query(query, deadline=soon(), accept=media_type)
    assert (result.kind, result.media_type) == ("graph", media_type)
    assert b"w3id.org/backstory" in (result.body or b"")


@pytest.mark.engine
def test_a_table_comes_as_tsv_from_an_engine_that_has_none(filled: RemoteBackend) -> None:
    result = filled.query(CAUSES, deadline=soon(), accept="text/tab-separated-values")
    assert (result.body or b"").startswith(b"?c\t?g\n<https://w3id.org/backstory/id/")


@pytest.mark.engine
def test_bad_syntax_is_the_clients_fault(filled: RemoteBackend) -> None:
    with pytest.raises(QuerySyntaxError):
        filled.query("SELECT * WHERE {", deadline=soon())


@pytest.mark.engine
def test_a_query_too_long_for_an_address_goes_by_post(filled: RemoteBackend) -> None:
    padding = "#" + "x" * GET_MAX_BYTES * 4 + "\n"
    assert filled.query(padding + CAUSES, deadline=soon()).rows


@pytest.mark.engine
def test_the_dataset_can_be_named_in_the_request(filled: RemoteBackend) -> None:
    graph = "https://w3id.org/backstory/graph/ontology"
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s a <http://www.w3.org/2002/07/owl#Ontology> }"
    row = filled.query(query, deadline=soon(), default_graphs=[graph]).rows[0]
    assert row["n"] == Literal("1", "http://www.w3.org/2001/XMLSchema#integer")


def test_an_engine_that_is_down_is_unreachable() -> None:
    backend = RemoteBackend(f"http://127.0.0.1:{free_port()}/sparql")
    with pytest.raises(EngineUnreachable, match="no engine listens"):
        backend.query("ASK {}", deadline=soon())


def test_an_engine_that_comes_back_is_used_again_without_a_restart() -> None:
    port = free_port()
    backend = RemoteBackend(f"http://127.0.0.1:{port}/sparql")
    with pytest.raises(EngineUnreachable):
        backend.query("ASK {}", deadline=soon())
    with socket.create_server(("127.0.0.1", port)) as listener:
        threading.Thread(target=lambda: _answer_once(listener), daemon=True).start()
        assert backend.query("ASK {}", deadline=soon()).boolean is True


def _answer_once(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(_reply(b'{"head": {}, "boolean": true}'))


def _reply(body: bytes, status: str = "200 OK", media_type: str = "application/sparql-results+json") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def test_the_deadline_holds_against_a_server_that_drips() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.1)

    with one_answer(drip) as address:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            RemoteBackend(address).query("ASK {}", deadline=soon(0.5))
        assert time.monotonic() - began < 0.75


def test_the_deadline_holds_against_a_server_that_drips_its_headers() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            connection.sendall(f"X-{number}: y\r\n".encode())
            time.sleep(0.1)

    with one_answer(drip) as address:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            RemoteBackend(address).query("ASK {}", deadline=soon(0.5))
        assert time.monotonic() - began < 0.75


def test_an_answer_that_ends_early_is_no_answer() -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(_reply(b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}')[:-10])

    with one_answer(cut) as address, pytest.raises(EngineFailed, match="ended its answer early"):
        RemoteBackend(address).query("SELECT ?x {}", deadline=soon())


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": 1}]}}', b"<html>"]
)
def test_an_answer_that_is_not_what_it_says_is_no_answer(body: bytes) -> None:
    with one_answer(lambda c: c.sendall(_reply(body))) as address, pytest.raises(EngineFailed):
        RemoteBackend(address).query("SELECT ?x {}", deadline=soon())


def test_an_answer_of_another_media_type_is_no_answer() -> None:
    page = _reply(b"<p>hello</p>", media_type="text/html")
    with one_answer(lambda c: c.sendall(page)) as address, pytest.raises(EngineFailed, match="text/html"):
        RemoteBackend(address).query("SELECT ?x {}", deadline=soon())


def test_an_answer_over_the_limit_is_refused_whole() -> None:
    with (
        one_answer(lambda c: c.sendall(_reply(b" " * 5000))) as address,
        pytest.raises(QueryTooLarge),
    ):
        RemoteBackend(address, result_max_bytes=1000).query("SELECT ?x {}", deadline=soon())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400 Bad Request", QuerySyntaxError),
        ("401 Unauthorized", EngineFailed),
        ("404 Not Found", EngineFailed),
        ("500 Internal Server Error", EngineFailed),
        ("503 Service Unavailable", EngineUnreachable),
        ("504 Gateway Timeout", DeadlineExceeded),
    ],
)
def test_each_status_of_an_engine_is_told_apart(status: str, error: type[Exception]) -> None:
    with one_answer(lambda c: c.sendall(_reply(b"", status))) as address, pytest.raises(error):
        RemoteBackend(address).query("ASK {}", deadline=soon())


def test_a_redirect_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with one_answer(lambda c: c.sendall(moved)) as address, pytest.raises(EngineFailed, match="302"):
        RemoteBackend(address).query("ASK {}", deadline=soon())


def test_no_more_queries_than_allowed_are_at_the_engine_at_once() -> None:
    with one_answer(lambda c: time.sleep(2)) as address:
        backend = RemoteBackend(address, at_once=1)
        first = threading.Thread(target=lambda: _swallow(backend), daemon=True)
        first.start()
        time.sleep(0.1)
        with pytest.raises(Busy):
            backend.query("ASK {}", deadline=soon(0.2))
        first.join()


def _swallow(backend: RemoteBackend) -> None:
    with contextlib.suppress(EngineUnreachable, DeadlineExceeded):
        backend.query("ASK {}", deadline=soon(1))


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTORY_STORE_USER", "ada")
    monkeypatch.setenv("BACKSTORY_STORE_PASSWORD", "s3cret")
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(65536))
                connection.sendall(_reply(b'{"head": {}, "boolean": true}'))

        threading.Thread(target=serve, daemon=True).start()
        RemoteBackend(f"http://127.0.0.1:{listener.getsockname()[1]}/sparql").query("ASK {}", deadline=soon())
    assert b"Authorization: Basic YWRhOnMzY3JldA==" in seen[0]


def test_an_engine_of_somebody_else_is_not_written_to() -> None:
    with pytest.raises(NotWritable, match="backstory load"):
        RemoteBackend("http://127.0.0.1:1/sparql").replace("https://w3id.org/backstory/doc/x/", [])
