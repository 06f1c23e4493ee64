"""What our front adds to a remote engine's own response, at the median.

    python -m tests.bench.remote [--requests 400]

The same query is sent to the engine, and to `backstory serve --store <engine>`, in turn and over connections kept open,
each time with another comment so that nothing is kept. Engines that are not installed are left out, and named.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from kg.backends.remote import RemoteBackend
from kg.dataset import load_dataset
from kg.loading import load
from tests.bench.scale_service import Client, until_up
from tests.bench.throughput import QUERY, REPOSITORY, RESULTS, machine
from tests.engines.servers import (
    Engine,
    free_port,
    oxigraph_command,
    oxigraph_server,
    virtuoso_command,
    virtuoso_server,
)

JSON = "application/sparql-results+json"
WARM_UP = 50
SERVERS = {"oxigraph serve": (oxigraph_command, oxigraph_server), "Virtuoso 7": (virtuoso_command, virtuoso_server)}


def asked(client: Client, path: str, number: int) -> float:
    """Milliseconds of one look-up that nobody has asked before."""
    status, body, spent = client.send("GET", f"{path}?query={quote(f'{QUERY} # {number}')}", Accept=JSON)
    assert status == 200, (status, body[:300])
    return spent


def measured(name: str, engine: Engine, requests: int) -> tuple[float, float]:
    """The medians of the engine itself and through our front, in milliseconds."""
    os.environ["BACKSTORY_STORE_USER"], os.environ["BACKSTORY_STORE_PASSWORD"] = (
        engine.user or "",
        engine.password or "",
    )
    load(load_dataset(), RemoteBackend(engine.query_url), engine.store_url)
    port, address = free_port(), urlsplit(engine.query_url)
    command = [sys.executable, "-m", "server.cli", "serve", "--store", engine.query_url, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--no-log-requests"], cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until_up(port, process)
        itself, ours = Client(address.port or 80), Client(port)
        pairs = [
            (asked(itself, address.path, number), asked(ours, "/sparql", number))
            for number in range(WARM_UP + requests)
        ][WARM_UP:]
    finally:
        process.terminate()
        process.wait(30)
    return statistics.median(one for one, _ in pairs), statistics.median(two for _, two in pairs)


def report(rows: list[tuple[str, float, float]], missing: list[str], requests: int, busy: float) -> str:
    """The results as Markdown."""
    lines = [
        "# What the front adds to a remote engine",
        "",
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}; {machine()}, load {busy:.1f} at the start.",
        f"One client; {requests} look-ups each, in turn; medians.",
        "",
        "| engine | itself, ms | through `backstory serve`, ms | more, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [f"| {name} | {itself:.2f} | {ours:.2f} | {ours - itself:.2f} |" for name, itself, ours in rows]
    if busy > 1:
        lines += ["", "The machine did other work meanwhile, so that times are longer than they need be."]
    if missing:
        lines += ["", f"Not installed, so not measured: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the results with their date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=400)
    arguments = parser.parse_args()
    busy, rows, missing = os.getloadavg()[0], [], []
    for name, (command, server) in SERVERS.items():
        if command() is None:
            missing.append(name)
            continue
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            rows.append((name, *measured(name, stack.enter_context(server(folder)), arguments.requests)))
    text = report(rows, missing, arguments.requests, busy)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"remote-{datetime.now():%Y-%m-%d}.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
