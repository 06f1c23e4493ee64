"""From the settings' rows to what the parts of the isolation take."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kg.backends.oxigraph import RDF_FORMATS, RESULT_FORMATS
from server.evaluator.evaluation import Limits
from server.evaluator.lanes import Lanes
from server.evaluator.limits import MIB
from server.settings import Settings

#: Media types by kind of query: `select`, `ask`, `graph`; None for a kind that the client accepts in no form.
Accept = Mapping[str, str | None]
DEFAULT_ACCEPT: Final[Accept] = MappingProxyType(
    {"select": "application/sparql-results+json", "ask": "application/sparql-results+json", "graph": "text/turtle"}
)
_NO_LIMIT: Final = 1 << 62


def is_plain(settings: Settings) -> bool:
    """Whether this is the plain writable store of `--empty --writable`, which takes a query of any length."""
    return bool(settings.empty and settings.writable)


def query_max_bytes(settings: Settings) -> int:
    """How long a query may be."""
    return _NO_LIMIT if is_plain(settings) else int(settings.query_max_bytes)


def limits_from(settings: Settings) -> Limits:
    """What one evaluator may use."""
    return Limits(
        memory_bytes=settings.evaluator_memory_mib * MIB // max(1, settings.evaluators),
        stack_bytes=settings.evaluator_stack_mib * MIB,
        result_max_bytes=settings.result_max_bytes,
        query_max_tokens=_NO_LIMIT if is_plain(settings) else settings.query_max_tokens,
        query_max_depth=settings.query_max_depth,
    )


def fast_places(settings: Settings) -> int:
    """Evaluators of the fast lane."""
    return max(1, int(settings.evaluators) - slow_places(settings))


def slow_places(settings: Settings) -> int:
    """Evaluators of the slow lane: half of all, at least one."""
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
    """One media type for each kind it fits; a mapping stays as it is; None is JSON and Turtle."""
    if accept is None:
        return DEFAULT_ACCEPT
    if not isinstance(accept, str):
        return accept
    result = accept if accept in RESULT_FORMATS else None
    return {"select": result, "ask": result, "graph": accept if accept in RDF_FORMATS else None}
