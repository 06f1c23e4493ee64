"""A service under Granian, in processes of its own, for tests that need a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

TOKEN = "a token of the tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class Live:
    """A service under Granian, in processes of its own."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def connect(self, first: bytes) -> socket.socket:
        """A connection on which something has been sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        opened.sendall(first)
        return opened


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(output: Path, *flags: str, ready_within_s: float = 60) -> Live:
    """`backstory serve` with these flags, once it answers."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKSTORY_")}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve", "--port", str(port), *flags],
            cwd=REPOSITORY,
            env={**environment, "BACKSTORY_TOKEN": TOKEN},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    live = Live(process, port, output)
    until = time.monotonic() + ready_within_s
    while time.monotonic() < until:
        try:
            if live.ask("GET", "/healthz")[0].status == 200:
                return live
        except OSError:
            pass
        if process.poll() is not None:
            raise AssertionError(f"the service ended at its start: {output.read_text('utf-8', 'replace')}")
        time.sleep(0.05)
    raise AssertionError(f"the service did not answer within {ready_within_s} s")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Live]]:
    """Starts services under Granian; whatever still runs at the end is stopped."""
    running: list[Live] = []

    def start(*flags: str) -> Live:
        live = started(tmp_path_factory.mktemp("serve") / "output.txt", *flags)
        running.append(live)
        return live

    yield start
    for live in running:
        if live.process.poll() is None:
            live.process.send_signal(signal.SIGTERM)
            live.process.wait(15)
