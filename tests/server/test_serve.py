"""`backstory serve` under Granian: its start in one line or one clear error, its end without a lost answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import BEARER, REPOSITORY, Live, free_port, started

SLOW = (
    "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(f"VALUES ?v{i} {{ 1 2 3 4 5 6 7 8 9 10 }}" for i in range(6)) + " }"
)


def test_it_says_where_to_open_it(live_plain: Live) -> None:
    assert live_plain.url in live_plain.output.read_text("utf-8")


def serve_once(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "serve", *flags]
    if "--port" not in flags:
        command += ["--port", str(free_port())]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)


def test_a_busy_port_is_one_clear_line(live_plain: Live) -> None:
    result = serve_once("--empty", "--port", str(live_plain.port))
    assert result.returncode != 0
    assert result.stderr.strip().count("\n") == 0
    assert f"port {live_plain.port} is in use" in result.stderr


def test_a_service_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no directory")
    result = serve_once("--empty", "--store", str(tmp_path / "data"))
    assert result.returncode == 1
    assert result.stderr.strip().count("\n") == 0
    assert result.stderr.startswith("backstory: ")
    assert "Traceback" not in result.stdout + result.stderr


def test_a_worker_that_is_killed_is_started_again(serve: Callable[..., Live]) -> None:
    live = serve("--empty", "--no-log-requests")
    children = Path(f"/proc/{live.process.pid}/task/{live.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not list a process's children")
    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            assert live.ask("GET", "/healthz")[0].status == 200
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it did not come back")


def test_a_request_that_is_running_at_sigterm_is_finished_and_then_it_ends(serve: Callable[..., Live]) -> None:
    live = serve("--empty", "--no-log-requests")
    answers: list[int] = []
    asking = threading.Thread(
        target=lambda: answers.append(
            live.ask("POST", "/sparql", SLOW.encode(), {"Content-Type": "application/sparql-query"})[0].status
        )
    )
    asking.start()
    time.sleep(0.3)
    began = time.monotonic()
    live.process.send_signal(signal.SIGTERM)
    asking.join(15)
    assert live.process.wait(15) == 0
    assert time.monotonic() - began < 10.5
    assert answers == [200]


def test_ctrl_c_ends_it_without_a_traceback(serve: Callable[..., Live]) -> None:
    live = serve("--empty", "--no-log-requests")
    live.process.send_signal(signal.SIGINT)
    assert live.process.wait(15) == 0
    assert "Traceback" not in live.output.read_text("utf-8")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", live.port)) != 0


def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    flags = ("--empty", "--writable", "--no-log-requests", "--store", str(directory))
    first = started(tmp_path / "one.txt", *flags)
    headers = {**BEARER, "Content-Type": "application/sparql-update"}
    try:
        assert first.ask("POST", "/update", b"INSERT DATA { <http://a/> <http://b/> 1 }", headers)[0].status == 204
    finally:
        first.process.kill()
        first.process.wait(10)
    second = started(tmp_path / "two.txt", *flags)
    try:
        _, body = second.ask("GET", "/sparql?query=ASK%7B%3Chttp%3A%2F%2Fa%2F%3E%20%3Fp%201%7D")
        assert json.loads(body)["boolean"] is True
    finally:
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(15) == 0
