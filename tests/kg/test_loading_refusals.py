"""`backstory load` to an address that is wrong says what is wrong, and has changed nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from server.cli import main
from tests.engines.servers import free_port


class NoEngine(BaseHTTPRequestHandler):
    """A web server that is no SPARQL endpoint."""

    methods: list[str]

    def do_GET(self) -> None:
        self.server.methods.append(self.command)  # type: ignore[attr-defined]
        self.send_error(404)

    do_PUT = do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def no_engine() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), NoEngine) as server:
        server.methods = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def loaded(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["load", *arguments])
    return result.exit_code, result.output


def test_where_nobody_listens_that_is_said_with_the_address() -> None:
    port = free_port()
    assert loaded(f"http://127.0.0.1:{port}/query") == (1, f"Error: no engine listens at 127.0.0.1:{port}\n")


def test_a_host_that_is_not_known_is_named() -> None:
    code, text = loaded("http://no-such-host.invalid/query")
    assert code == 1
    assert "no-such-host.invalid, is not known" in text


def test_what_is_no_endpoint_is_asked_once_and_sent_nothing(no_engine: HTTPServer) -> None:
    code, text = loaded(f"http://127.0.0.1:{no_engine.server_address[1]}/query")
    assert code == 1
    assert "is it a SPARQL endpoint?" in text
    assert no_engine.methods == ["GET"]  # type: ignore[attr-defined]


def test_an_unusual_address_needs_the_graph_stores_own() -> None:
    code, text = loaded("http://127.0.0.1:1/elsewhere")
    assert code == 2
    assert "--graph-store" in text
