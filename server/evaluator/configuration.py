"""From the settings' rows to what the parts of the isolation take."""

from __future__ import annotations

from typing import Final

from kg.backends.oxigraph import RDF_FORMATS, RESULT_FORMATS
from server.evaluator.asking import Accept
from server.evaluator.evaluation import Limits
from server.evaluator.lanes import Lanes
from server.evaluator.limits import MIB
from server.settings import Settings

DEFAULT_ACCEPT: Final = Accept("application/sparql-results+json", "application/sparql-results+json", "text/turtle")
_NO_LIMIT: Final = 1 << 62


def is_plain(settings: Settings) -> bool:
    """Whether this is the plain writable store of `--empty --writable`, which takes a query of any length."""
    return bool(settings.empty and settings.writable)


def query_max_bytes(settings: Settings) -> int:
    """How long a query may be."""
    return _NO_LIMIT if is_plain(settings) else int(settings.query_max_bytes)


def limits_from(settings: Settings) -> Limits:
    """What one evaluator may use: each lane has half of the memory, and its evaluators share that equally."""
    half = settings.evaluator_memory_mib * MIB // 2
    return Limits(
        fast_memory_bytes=half // fast_places(settings),
        memory_bytes=half // slow_places(settings),
        stack_bytes=settings.evaluator_stack_mib * MIB,
        result_max_bytes=settings.result_max_bytes,
        query_max_tokens=_NO_LIMIT if is_plain(settings) else settings.query_max_tokens,
        query_max_depth=settings.query_max_depth,
    )


def fast_places(settings: Settings) -> int:
    """Queries in the fast lane at the same time, more than there are processors.

    A place that changes hands costs more than most queries: eight threads with two places between them got through
    2,500 queries a second, with eight places 5,000 to 12,000 (measured, two processors).
    """
    return max(2, 2 * int(settings.evaluators))


def slow_places(settings: Settings) -> int:
    """Queries in the slow lane at the same time: half of the evaluators, at least one."""
    return max(1, int(settings.evaluators) // 2)


def lanes_from(settings: Settings) -> Lanes:
    """Both lanes."""
    return Lanes(
        fast=fast_places(settings),
        slow=slow_places(settings),
        queue_length=settings.queue_length,
        queue_per_client=settings.queue_per_client,
    )


def accept_by_kind(accept: str | Accept | None) -> Accept:
    """One media type for each kind it fits; None is JSON and Turtle."""
    if accept is None:
        return DEFAULT_ACCEPT
    if not isinstance(accept, str):
        return accept
    result = accept if accept in RESULT_FORMATS else None
    return Accept(result, result, accept if accept in RDF_FORMATS else None)
