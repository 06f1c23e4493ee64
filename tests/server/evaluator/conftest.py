"""Engines that the tests share, and one sentence for "ask this as that client"."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from kg.backends import Result
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad
from server.evaluator import AdHocQuery, IsolatedEngine
from server.settings import Settings

EX = "http://example.org/"
DOCUMENT = f"{EX}doc/one/"
Ask = Callable[..., Result]

QUADS = [Quad(Iri(f"{EX}{n}"), Iri(f"{EX}p"), Literal(str(n)), Iri(f"{EX}graph/{n % 10}")) for n in range(300)]
SHARED = [Quad(Iri(f"{EX}same"), Iri(f"{EX}q"), Iri(f"{EX}same"), Iri(f"{EX}graph/{n}")) for n in (1, 2)]
PLAIN = Settings({"empty": True, "writable": True, "evaluator_memory_mib": 256})
G = f"{EX}g"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def published() -> EmbeddedBackend:
    """A small published dataset: ten named graphs, one triple in two of them, and their union."""
    return EmbeddedBackend.in_memory(QUADS + SHARED)


def asker(engine: IsolatedEngine) -> Ask:
    """Asks an engine; `seconds` is the time until the deadline."""

    def ask(sparql: str, *, seconds: float = 10, client: str = "reader", **rest: object) -> Result:
        return engine.query(AdHocQuery(sparql, client, time.monotonic() + seconds, **rest))  # type: ignore[arg-type]

    return ask


@pytest.fixture(scope="module")
def engine() -> Iterator[IsolatedEngine]:
    """A published dataset in evaluators."""
    made = IsolatedEngine.in_memory(Settings({"query_max_bytes": 1 << 20}), published())
    yield made
    made.close()


@pytest.fixture
def ask(engine: IsolatedEngine) -> Ask:
    """Asks the shared engine."""
    return asker(engine)


@pytest.fixture
def plain() -> Iterator[IsolatedEngine]:
    """An empty plain store that takes writes."""
    made = IsolatedEngine.in_memory(Settings({"empty": True, "writable": True}))
    yield made
    made.close()


def soon(seconds: float = 10) -> float:
    """A deadline."""
    return time.monotonic() + seconds


def count(engine: IsolatedEngine, pattern: str = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }") -> int:
    """How many solutions a pattern has."""
    body = asker(engine)(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", accept="text/csv").body
    assert body is not None
    return int(body.split()[1])


def holds(engine: IsolatedEngine, pattern: str) -> bool:
    """Whether a pattern has a solution."""
    return asker(engine)(f"ASK {{ {pattern} }}", accept="text/csv").body == b"true"


def document(*objects: str) -> list[Quad]:
    """The statements of a document, one in each of its graphs."""
    return [Quad(Iri(f"{EX}a"), Iri(f"{EX}p"), Literal(text), Iri(f"{DOCUMENT}{n}")) for n, text in enumerate(objects)]
