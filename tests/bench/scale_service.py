"""What a service over a store of the generated corpus takes, for `tests.bench.scale`: start, memory, routes, an update.

python -m tests.bench.scale_service 2500 DIRECTORY
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kg.terms import ID, KG
from tests.bench.scale_store import questions, trig
from tests.engines.servers import free_port

REPOSITORY = Path(__file__).parent.parent.parent
TOKEN = "bench"
REQUESTS = 200
UPDATES = 5
READERS = 2
#: Between two requests of a reader: without a pause two of them take both cores for themselves.
PAUSE_S = 0.05
WAIT_S = 300


class Client:
    """One connection, kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes, float]:
        """Status, body and milliseconds of a request."""
        began = time.perf_counter()
        data = body.encode() if body is not None else None
        self._connection.request(method, path, data, {"Accept": "application/json", **headers})
        response = self._connection.getresponse()
        content = response.read()
        return response.status, content, (time.perf_counter() - began) * 1000


def memory_mib(pid: int) -> float:
    """The memory of a process and all below it, what they share counted once (PSS)."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1])
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += map(int, (task / "children").read_text("ascii").split())
    return total / 1024 + sum(memory_mib(child) for child in children)


@contextlib.contextmanager
def service(directory: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`backstory serve` over a data directory; its output goes to `serve.log` beside it."""
    command = [sys.executable, "-m", "server.cli", "serve", "--store", str(directory), "--port", str(port)]
    environ = {**os.environ, "BACKSTORY_TOKEN": TOKEN}
    with directory.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([*command, "--no-log-requests"], cwd=REPOSITORY, env=environ, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def until_up(port: int, process: subprocess.Popen[bytes]) -> float:
    """Seconds until `/healthz` answers."""
    began = time.perf_counter()
    while time.perf_counter() - began < WAIT_S:
        with contextlib.suppress(OSError):
            if Client(port).send("GET", "/healthz")[0] == 200:
                return time.perf_counter() - began
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise SystemExit("the service did not start; see its log")


def median_ms(client: Client, paths: list[str]) -> float:
    """The median of requests, all of which must succeed."""
    times = []
    for path in paths:
        status, body, spent = client.send("GET", path)
        assert status == 200, (status, path, body[:300])
        times.append(spent)
    return statistics.median(times)


def ask_path(text: str) -> str:
    """The address of a question's answer."""
    return f"/ask?q={quote(text)}"


def sparql_path(documents: int, number: int) -> str:
    """A look-up of the causes of one condition, with their passages."""
    query = (
        f"SELECT ?o ?g WHERE {{ GRAPH ?g {{ <{ID}Condition{number % documents:05d}> <{KG}hasCause> ?o }} }} # {number}"
    )
    return f"/sparql?query={quote(query)}"


def updates(documents: int, port: int, client: Client) -> dict[str, Any]:
    """Replace one document again and again while readers ask: how long it takes, and what the readers met."""
    stop, failed, times, lock = threading.Event(), [], [], threading.Lock()

    def read(seed: int) -> None:
        mine = Client(port)
        for text in questions(documents, seed, 100_000):
            if stop.is_set():
                return
            for path in (ask_path(text), sparql_path(documents, seed)):
                status, body, spent = mine.send("GET", path)
                with lock:
                    times.append(spent)
                    if status != 200:
                        failed.append((status, body[:200].decode("utf-8", "replace")))
                time.sleep(PAUSE_S)

    readers = [threading.Thread(target=read, args=(100 + n,)) for n in range(READERS)]
    for reader in readers:
        reader.start()
    time.sleep(1)
    spent_ms, number = [], min(1, documents - 1)
    for state in range(1, UPDATES + 1):
        path = f"/documents/generated-{number:05d}"
        headers = {"Content-Type": "application/trig", "Authorization": f"Bearer {TOKEN}"}
        status, body, spent = client.send("PUT", path, trig(documents, number, state), **headers)
        assert status == 204, (status, body[:500])
        spent_ms.append(spent)
        time.sleep(0.5)
    stop.set()
    for reader in readers:
        reader.join()
    return {
        "update_median_ms": statistics.median(spent_ms),
        "update_worst_ms": max(spent_ms),
        "reads_meanwhile": len(times),
        "reads_failed": len(failed),
        "reads_worst_ms": max(times),
        "failures": failed[:3],
    }


def measure(documents: int, directory: Path) -> dict[str, Any]:
    """All of it."""
    port = free_port()
    with service(directory, port) as process:
        started = until_up(port, process)
        client = Client(port)
        first = client.send("GET", ask_path(questions(documents, 1, 1)[0]))[2]
        for text in questions(documents, 2, 60):
            client.send("GET", ask_path(text))
        found: dict[str, Any] = {
            "start_s": started,
            "first_answer_ms": first,
            "ask_ms": median_ms(client, [ask_path(text) for text in dict.fromkeys(questions(documents, 3, REQUESTS))]),
            "sparql_ms": median_ms(client, [sparql_path(documents, 7 * n) for n in range(REQUESTS)]),
            "neighbours_ms": median_ms(
                client,
                [f"/neighbours?focus=Condition{(11 * n) % documents:05d}&format=json&n={n}" for n in range(50)],
            ),
            "memory_mib": memory_mib(process.pid),
        }
        found |= updates(documents, port, client)
        found["memory_after_updates_mib"] = memory_mib(process.pid)
    port = free_port()
    with service(directory, port) as process:
        found["start_after_updates_s"] = until_up(port, process)
    return found


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))
