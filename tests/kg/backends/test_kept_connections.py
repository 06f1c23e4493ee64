"""A remote engine's connection is kept for the next query, and one that the engine has closed is no error."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kg.backends import DeadlineExceeded
from kg.backends.remote import RemoteBackend

ANSWER = b'{"head": {}, "boolean": true}'


class Engine(ThreadingHTTPServer):
    """Answers every query with true, slowly where it says so, and counts its connections."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address

    def hang_up(self) -> None:
        """Close what is idle, as engines do after a while."""
        for connection in self.connections:
            connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "slowly" in self.path:
            time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def backend(engine: Engine) -> RemoteBackend:
    return RemoteBackend(f"http://127.0.0.1:{engine.server_address[1]}/query")


def asks(backend: RemoteBackend, query: str = "ASK {}", seconds: float = 5) -> bool | None:
    return backend.query(query, deadline=time.monotonic() + seconds).boolean


def test_one_query_after_the_other_goes_over_one_connection(engine: Engine, backend: RemoteBackend) -> None:
    assert [asks(backend) for _ in range(5)] == [True] * 5
    assert len(engine.connections) == 1


def test_a_connection_that_the_engine_closed_meanwhile_is_replaced(engine: Engine, backend: RemoteBackend) -> None:
    assert asks(backend)
    engine.hang_up()
    assert asks(backend)
    assert len(engine.connections) == 2


def test_a_query_that_was_late_leaves_no_connection_to_the_next(engine: Engine, backend: RemoteBackend) -> None:
    assert asks(backend)
    with pytest.raises(DeadlineExceeded):
        asks(backend, "ASK { } # slowly", 0.2)
    assert asks(backend)
    assert len(engine.connections) == 2


def test_a_deadline_is_kept_on_a_connection_that_was_kept(engine: Engine, backend: RemoteBackend) -> None:
    assert asks(backend)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        asks(backend, "ASK { } # slowly", 0.2)
    assert time.monotonic() - began < 0.6


def test_a_closed_backend_keeps_no_connection(engine: Engine, backend: RemoteBackend) -> None:
    assert asks(backend)
    backend.close()
    assert asks(backend)
    assert len(engine.connections) == 2
