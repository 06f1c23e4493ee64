"""What isolation costs: the same queries in the process and in an evaluator, side by side in one run.

    python -m tests.bench.isolation [rounds]

Queries alternate, so that both meet the same machine. Then the throughput of 1, 2, 4 and 8 threads, as the server's
threads would ask.
"""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad
from server.evaluator import AdHocQuery, IsolatedEngine
from server.settings import Settings
from tests.bench.throughput import RESULTS, machine

JSON = "application/sparql-results+json"
P = "http://example.org/p"
QUERIES = {
    "ASK {}": "ASK {}",
    "10 rows": f"SELECT ?s ?o {{ ?s <{P}> ?o }} LIMIT 10",
    "join, 100 rows": f"SELECT * {{ ?s <{P}> ?o . GRAPH ?g {{ ?s <{P}> ?o }} }} LIMIT 100",
}


def dataset(size: int) -> EmbeddedBackend:
    """A graph of about the size of the published one."""
    subjects = (Iri(f"http://example.org/{number}") for number in range(size))
    return EmbeddedBackend.in_memory(
        Quad(subject, Iri(P), Literal(str(number)), Iri(f"http://example.org/graph/{number % 100}"))
        for number, subject in enumerate(subjects)
    )


def microseconds(run: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1e6


def compare(engine: IsolatedEngine, backend: EmbeddedBackend, sparql: str, rounds: int) -> tuple[float, float]:
    """The medians in the process and isolated."""
    inside: list[float] = []
    isolated: list[float] = []
    deadline = time.monotonic() + 600
    for _ in range(rounds):
        inside.append(microseconds(lambda: backend.query(sparql, deadline=deadline, accept=JSON)))
        isolated.append(microseconds(lambda: engine.query(AdHocQuery(sparql, "bench", deadline, JSON))))
    return statistics.median(inside), statistics.median(isolated)


def throughput(engine: IsolatedEngine, sparql: str, threads: int, seconds: float) -> tuple[float, float]:
    """Queries per second of so many threads, and the 99th percentile of a query in milliseconds."""
    took: list[float] = []
    end = time.monotonic() + seconds

    def work(name: str) -> None:
        while (now := time.monotonic()) < end:
            took.append(microseconds(lambda: engine.query(AdHocQuery(sparql, name, now + 10, JSON))))

    workers = [threading.Thread(target=work, args=(f"client {number}",)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(took) / seconds, statistics.quantiles(took, n=100)[98] / 1000


def report(engine: IsolatedEngine, backend: EmbeddedBackend, rounds: int) -> str:
    """Both tables, as Markdown."""
    lines = [
        "# What isolation costs",
        "",
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}; {machine()}, load {os.getloadavg()[0]:.1f} at the start.",
        f"{rounds} rounds; the same query in the process and in an evaluator by turns; medians in microseconds.",
        "",
        "| query | in process | isolated | overhead |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, sparql in QUERIES.items():
        inside, isolated = compare(engine, backend, sparql, rounds)
        lines.append(f"| {name} | {inside:.0f} | {isolated:.0f} | {isolated - inside:.0f} |")
    lines += ["", "| threads | queries/s | p99 ms |", "| ---: | ---: | ---: |"]
    for threads in (1, 2, 4, 8):
        rate, p99 = throughput(engine, QUERIES["10 rows"], threads, 2)
        lines.append(f"| {threads} | {rate:,.0f} | {p99:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the results with their date."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    backend = dataset(3000)
    engine = IsolatedEngine.in_memory(Settings(), backend)
    try:
        text = report(engine, backend, rounds)
    finally:
        engine.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"isolation-{datetime.now():%Y-%m-%d}.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
