"""`/healthz`, `/readyz` and `/metrics`: for those who run the service."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from flask import Blueprint, Response

from kg.backends import EngineError
from server.evaluator.asking import AdHocQuery
from server.evaluator.engine import IsolatedEngine
from server.jsontext import json_text
from server.negotiate import JSON
from server.problems import Problem
from server.reply import reply, service

_READY_WITHIN_S: Final = 1.0
_PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"
#: Numbers of the engine that rise and fall; the others are counts of outcomes.
_LEVELS: Final = ("waiting_fast", "waiting_slow", "restarts")

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return reply(json_text({"status": "ok"}), JSON, cacheable=False, vary=False)


@blueprint.get("/readyz")
def ready() -> Response:
    """The engine answers a query within a second.

    Raises: Problem 503 when it does not.
    """
    try:
        service().engine.query(AdHocQuery("ASK {}", "readiness", time.monotonic() + _READY_WITHIN_S))
    except EngineError as error:
        raise Problem(
            "engine-unreachable", f"the engine does not answer: {error}", headers={"Retry-After": "1"}
        ) from None
    edition = service().edition
    state = {"status": "ready", "graph": edition.digest, "catalogue": edition.catalogue_digest or None}
    return reply(json_text(state), JSON, cacheable=False, vary=False)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All counters in Prometheus' text format."""
    found = service()
    statistics = found.engine.statistics() if isinstance(found.engine, IsolatedEngine) else {}
    gauges: dict[str, float] = {name: statistics.pop(name) for name in _LEVELS if name in statistics}
    gauges |= {
        "cache_bytes": found.cache.bytes,
        "cache_answers": len(found.cache),
        "started_seconds": found.observer.started,
        "resident_bytes": _resident_bytes(),
    }
    return Response(found.observer.metrics(gauges, statistics), content_type=_PROMETHEUS)


def _resident_bytes() -> int:
    """Memory of this process that is resident; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
