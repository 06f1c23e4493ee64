"""What isolation costs: the same queries in the process and in an evaluator, side by side in one run.

Run: python tests/bench/isolation.py [rounds]. Prints medians in microseconds; queries alternate, so that both meet the
same machine. Then the throughput of 1, 2, 4 and 8 threads, as the server's threads would ask.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad
from server.evaluator import AdHocQuery, IsolatedEngine
from server.settings import Settings

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


def main() -> None:
    """Print both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    backend = dataset(3000)
    engine = IsolatedEngine.in_memory(Settings(), backend)
    try:
        print("query             in process   isolated   overhead (µs, medians)")
        for name, sparql in QUERIES.items():
            inside, isolated = compare(engine, backend, sparql, rounds)
            print(f"{name:16} {inside:11.1f} {isolated:10.1f} {isolated - inside:10.1f}")
        print("\nthreads   queries/s   p99 (ms)")
        for threads in (1, 2, 4, 8):
            rate, p99 = throughput(engine, QUERIES["10 rows"], threads, 2)
            print(f"{threads:7} {rate:11.0f} {p99:10.2f}")
    finally:
        engine.close()


if __name__ == "__main__":
    main()
