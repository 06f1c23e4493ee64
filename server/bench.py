"""How fast this machine answers: the catalogue's own questions in this process, and its queries isolated."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from queries.answering import Answering
from server.evaluator import AdHocQuery, IsolatedEngine


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing measured: how often it was done, and the median and 95th percentile in milliseconds."""

    name: str
    times: int
    median_ms: float
    p95_ms: float

    def as_text(self) -> str:
        """A line of the report."""
        return f"{self.name:34} {self.median_ms:8.2f} ms median {self.p95_ms:8.2f} ms p95   ({self.times} times)"


def measure(name: str, work: Callable[[str], object], texts: Sequence[str], seconds: float) -> Measured:
    """Do the work on each text in turn, for so long."""
    spent: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(spent) < 2:
        began = time.perf_counter()
        work(texts[len(spent) % len(texts)])
        spent.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(spent, n=20)[-1]
    return Measured(name, len(spent), statistics.median(spent), p95)


def run(answering: Answering, engine: IsolatedEngine, seconds: float) -> list[Measured]:
    """All measurements, each for so many seconds."""
    asked = [
        str(example["ask"]) for template in answering.templates for example in template.examples if "ask" in example
    ]
    queries = [template.sparql for template in answering.templates]

    def isolated(query: str) -> object:
        return engine.query(AdHocQuery(query, "bench", time.monotonic() + 60))

    return [
        measure("a question of the catalogue", answering.ask, asked, seconds),
        measure("a sentence that is not understood", answering.ask, ["zzyzx of the unknown word"], seconds),
        measure("a query of the catalogue, isolated", isolated, queries, seconds),
    ]
