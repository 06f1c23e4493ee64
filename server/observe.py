"""What a running service counts and logs: one JSON line a request, and counters for Prometheus.

The line holds method, path, status, milliseconds, bytes and how a query ended; never the text of a question or a query
unless the setting `log_questions` asks for it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from threading import Lock
from typing import Any, Final

#: Upper bounds of the latency histogram, in seconds.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Path segments that have a label of their own; whatever else is asked for counts as `other`, so that labels stay few.
_PAGES: Final = {
    "ask",
    "questions",
    "suggest",
    "explore",
    "neighbours",
    "static",
    "api",
    "id",
    "doc",
    "graph",
    "ns",
    "ontology",
}
_DATA: Final = {
    "sparql",
    "update",
    "store",
    "documents",
    "dataset.trig",
    "dataset.nq",
    "schema",
    ".well-known",
    "problem",
}
_OPERATION: Final = {"openapi.json", "healthz", "readyz", "metrics"}
_ROUTES: Final = frozenset(_PAGES | _DATA | _OPERATION)


def route_of(path: str) -> str:
    """The label that a path is counted under."""
    first = path.lstrip("/").split("/", 1)[0]
    return first if first in _ROUTES else ("home" if not first else "other")


class Observer:
    """Counts requests and writes their log lines. Safe to use from several threads."""

    def __init__(self, *, log: bool, log_questions: bool) -> None:
        self.logs = log
        self.log_questions = log_questions
        self._lock = Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._cache: Counter[str] = Counter()
        self.started = time.time()

    def request(self, route: str, status: int, seconds: float, cache: str) -> None:
        """Count one answered request."""
        place = bisect_left(BUCKETS, seconds)
        with self._lock:
            self._requests[route, status] += 1
            self._cache[cache] += 1
            self._seconds[route] += seconds
            if route not in self._buckets:
                self._buckets[route] = [0] * (len(BUCKETS) + 1)
            self._buckets[route][place] += 1

    def line(self, entry: dict[str, Any]) -> None:
        """Write one line of the request log, as JSON, in one system call so that lines of threads do not mix."""
        os.write(sys.stderr.fileno(), json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def metrics(self, gauges: dict[str, float], outcomes: dict[str, int]) -> str:
        """All counters in Prometheus' text format (version 0.0.4)."""
        with self._lock:
            requests, cache = dict(self._requests), dict(self._cache)
            buckets = {route: list(counts) for route, counts in self._buckets.items()}
            seconds = dict(self._seconds)
        lines = _family("backstory_requests_total", "counter", "Requests answered.")
        lines += [
            f'backstory_requests_total{{route="{route}",status="{status}"}} {count}'
            for (route, status), count in sorted(requests.items())
        ]
        lines += _family("backstory_cache_total", "counter", "Requests by what the cache of answers did.")
        lines += [f'backstory_cache_total{{result="{name}"}} {count}' for name, count in sorted(cache.items())]
        lines += _family("backstory_request_seconds", "histogram", "Time from arrival to answer.")
        for route, counts in sorted(buckets.items()):
            lines += _histogram(route, counts, seconds[route])
        lines += _family("backstory_queries_total", "counter", "Ad-hoc queries by how they ended.")
        lines += [f'backstory_queries_total{{outcome="{name}"}} {count}' for name, count in sorted(outcomes.items())]
        for name, value in sorted(gauges.items()):
            lines += [*_family(f"backstory_{name}", "gauge", name.replace("_", " ")), f"backstory_{name} {value:g}"]
        return "\n".join(lines) + "\n"


def _family(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]


def _histogram(route: str, counts: list[int], seconds: float) -> list[str]:
    lines, total = [], 0
    for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
        total += count
        lines.append(f'backstory_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
    lines.append(f'backstory_request_seconds_sum{{route="{route}"}} {seconds:.6f}')
    return [*lines, f'backstory_request_seconds_count{{route="{route}"}} {total}']
