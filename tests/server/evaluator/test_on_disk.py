"""A store on disk: found again after a restart or a crash, with its files at hand and nobody reached."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from kg.backends.embedded import EmbeddedBackend
from server.evaluator import IsolatedEngine, ServiceRefused
from server.evaluator.writes import OnDisk
from server.settings import Settings
from tests.server.evaluator.conftest import DOCUMENT, EX, PLAIN, QUADS, SHARED, asker, count, document, holds, soon


def test_a_restart_finds_exactly_what_was_acknowledged(tmp_path: Path) -> None:
    for number in range(3):
        engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
        assert count(engine) == number
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        engine.close()


def test_a_write_that_a_crash_interrupts_is_not_found_after_the_restart(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 1 }}", deadline=soon())
    engine.close()
    backend = EmbeddedBackend.on_disk(tmp_path)  # what a crash leaves: applied to the store, not acknowledged
    backend._store.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 2 }}")
    backend.close()
    (tmp_path / "writing").touch()
    again = IsolatedEngine.on_disk(PLAIN, tmp_path)
    assert count(again) == 1
    again.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 3 }}", deadline=soon())
    assert count(again) == 2
    again.close()


def test_a_store_on_disk_reaches_nobody_and_opens_its_files(tmp_path: Path) -> None:
    for number in range(3):  # enough loads for more table files than the store opens beforehand
        EmbeddedBackend.on_disk(tmp_path, document(*(f"{number}-{n}" for n in range(50)))).close()
    engine = IsolatedEngine.on_disk(Settings(), tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        where = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        with pytest.raises(ServiceRefused):
            asker(engine)(f"SELECT * {{ FILTER(?x<5#>'\n)SERVICE<{where}>{{?a ?b 'c'}} }}")
        with pytest.raises(TimeoutError):
            canary.accept()
    assert count(engine, "?s ?p ?o") == count(engine, "GRAPH ?g { ?s ?p ?o }") == 150
    engine.close()


def test_a_data_directory_serves_one_process_at_a_time(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    with pytest.raises(OSError, match="in use"):
        EmbeddedBackend.on_disk(tmp_path)
    engine.close()


def test_hundreds_of_writes_leave_neither_processes_nor_snapshots_behind(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    for number in range(10):
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
    engine.close()
    assert len(list((tmp_path / "snapshots").iterdir())) == 1


def test_a_writer_that_is_killed_costs_no_write(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    writes = engine._writes
    assert isinstance(writes, OnDisk)
    for number in range(3):
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        assert writes._writer is not None
        os.kill(writes._writer.pid, signal.SIGKILL)
    assert count(engine) == 3
    engine.close()


def test_a_query_on_the_old_data_ends_well_after_a_write(tmp_path: Path) -> None:
    EmbeddedBackend.on_disk(tmp_path, QUADS + SHARED).close()
    engine = IsolatedEngine.on_disk(Settings(), tmp_path)
    outcome: list[bytes | None] = []
    slow = f"SELECT (COUNT(*) AS ?n) {{ ?a <{EX}p> ?b . ?c <{EX}p> ?d . GRAPH ?g {{ ?e ?f ?h }} FILTER(?b != ?d) }}"
    thread = threading.Thread(target=lambda: outcome.append(asker(engine)(slow, accept="text/csv", seconds=60).body))
    thread.start()
    time.sleep(0.1)
    engine.replace_document(DOCUMENT, document("new"), deadline=soon())
    assert holds(engine, "?s ?p 'new'")
    thread.join(60)
    assert outcome == [b"n\r\n27089400\r\n"]
    engine.close()
