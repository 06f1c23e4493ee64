"""Writes: all or nothing, visible when acknowledged, found again after a restart."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.backends import DeadlineExceeded, EngineError, NotWritable, OutOfMemory, QuerySyntaxError
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Quad
from server.evaluator import DatasetInText, DataSyntaxError, IsolatedEngine, ServiceRefused
from server.settings import Settings
from tests.server.evaluator.conftest import (
    DOCUMENT,
    ENDLESS,
    EX,
    PLAIN,
    QUADS,
    SHARED,
    G,
    asker,
    count,
    document,
    holds,
    soon,
)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], IsolatedEngine]]:
    """Makes a plain store; on disk, called again, it opens the same directory."""
    made: list[IsolatedEngine] = []

    def make() -> IsolatedEngine:
        for old in made:
            old.close()
        made.append(
            IsolatedEngine.in_memory(PLAIN) if request.param == "memory" else IsolatedEngine.on_disk(PLAIN, tmp_path)
        )
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def test_an_update_is_visible_when_it_returns(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    for number in range(5):
        before = engine.digest()
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        assert engine.digest() != before
        assert count(engine) == number + 1


def test_an_update_that_fails_changes_nothing(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 1 }}", deadline=soon())
    with pytest.raises(EngineError):
        engine.update(f"DELETE WHERE {{ ?s ?p ?o }} ; CREATE GRAPH <{G}> ; CREATE GRAPH <{G}>", deadline=soon())
    with pytest.raises(QuerySyntaxError):
        engine.update("DELETE WHERE { ?s ?p ?o } ; INSERT", deadline=soon())
    with pytest.raises(ServiceRefused):
        engine.update("DELETE WHERE { ?s ?p ?o } ; LOAD <http://127.0.0.1:9999/x>", deadline=soon())
    assert count(engine) == 1
    engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 2 }}", deadline=soon())
    assert count(engine) == 2


def test_an_update_without_end_is_stopped_and_changes_nothing(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    many = " ".join(f"<{EX}{n}> <{EX}p> {n} ." for n in range(300))
    engine.update(f"INSERT DATA {{ {many} }}", deadline=soon())
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        engine.update(f"INSERT {{ <{EX}n> <{EX}n> ?n }} WHERE {{ {ENDLESS} }}", deadline=soon(0.3))
    assert time.monotonic() - begun < 0.55
    assert count(engine) == 300
    engine.update("CLEAR ALL", deadline=soon())
    assert count(engine) == 0


def test_an_update_that_takes_too_much_memory_changes_nothing(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    many = " ".join(f"<{EX}{n}> <{EX}p> {n} ." for n in range(300))
    engine.update(f"INSERT DATA {{ {many} }}", deadline=soon())
    with pytest.raises(OutOfMemory):
        engine.update("INSERT { ?a ?e ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", deadline=soon(60))
    assert count(engine) == 300


def test_the_graph_store_puts_posts_and_deletes(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    turtle = b"<a> <b> <c>, <d> ."
    assert engine.put_graph(G, turtle, "text/turtle", base=EX, deadline=soon()) is False
    assert holds(engine, f"GRAPH <{G}> {{ <{EX}a> <{EX}b> <{EX}c> }}")
    assert engine.put_graph(G, b"<a> <b> <e> .", "text/turtle", base=EX, deadline=soon()) is True
    assert count(engine) == 1
    assert engine.post_graph(G, turtle, "text/turtle", base=EX, deadline=soon()) is True
    assert count(engine) == 3
    assert engine.post_graph(None, turtle, "text/turtle", base=EX, deadline=soon()) is True
    assert count(engine, "?s ?p ?o") == 2
    assert engine.delete_graph(G, deadline=soon()) is True
    assert engine.delete_graph(G, deadline=soon()) is False
    assert engine.dump(G, "text/turtle", client="reader", deadline=soon()) is None
    assert engine.delete_graph(None, deadline=soon()) is True
    assert count(engine) == 0


def test_a_put_graph_without_triples_exists(store: Callable[[], IsolatedEngine]) -> None:
    engine = store()
    engine.put_graph(G, b"", "text/turtle", base=None, deadline=soon())
    assert engine.dump(G, "application/n-triples", client="reader", deadline=soon()) == b""


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("text/turtle", b"<a> <b> ."),
        ("application/rdf+xml", b"<rdf:RDF"),
        ("application/ld+json", b'{"@id": 3}'),
        ("application/n-triples", b"<a> <b> <c> ."),
        ("application/trig", b"<http://x/g> { <http://x/s> <http://x/p> 1 }"),
        ("text/turtle", b"\xff\xfe"),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9999/context", "name": "x"}'),
    ],
)
def test_data_that_does_not_parse_changes_nothing(plain: IsolatedEngine, media_type: str, data: bytes) -> None:
    plain.put_graph(G, b"<a> <b> <c> .", "text/turtle", base=EX, deadline=soon())
    with pytest.raises(DataSyntaxError):
        plain.put_graph(G, data, media_type, base=None, deadline=soon())
    assert count(plain) == 1


def test_blank_nodes_of_two_posts_stay_apart(plain: IsolatedEngine) -> None:
    for _ in range(2):
        plain.post_graph(G, b"_:x <a> 1 .", "text/turtle", base=EX, deadline=soon())
    assert count(plain) == 2


def test_the_protocols_dataset_holds_for_each_operation_of_an_update(plain: IsolatedEngine) -> None:
    for graph in ("one", "two"):
        plain.put_graph(f"{EX}{graph}", f"<{graph}> <p> 1 .".encode(), "text/turtle", base=EX, deadline=soon())
    plain.update(
        f"INSERT {{ GRAPH <{G}> {{ ?s ?p 2 }} }} WHERE {{ ?s ?p ?o }} ; INSERT {{ ?s ?p 3 }} WHERE {{ ?s ?p ?o }}",
        using_graphs=[f"{EX}one"],
        deadline=soon(),
    )
    assert holds(plain, f"GRAPH <{G}> {{ <{EX}one> ?p 2 }} <{EX}one> ?p 3")
    assert not holds(plain, f"GRAPH <{G}> {{ <{EX}two> ?p ?o }}")
    plain.update("DELETE WHERE { GRAPH ?g { ?s ?p 1 } }", using_named=[f"{EX}two"], deadline=soon())
    assert holds(plain, f"GRAPH <{EX}one> {{ ?s ?p 1 }} FILTER NOT EXISTS {{ GRAPH <{EX}two> {{ ?s ?p 1 }} }}")
    with pytest.raises(DatasetInText):
        plain.update(f"WITH <{G}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", using_graphs=[G], deadline=soon())


def test_a_published_dataset_takes_no_update_and_a_plain_store_no_document(
    engine: IsolatedEngine, plain: IsolatedEngine
) -> None:
    with pytest.raises(NotWritable):
        engine.update("CLEAR ALL", deadline=soon())
    with pytest.raises(NotWritable):
        engine.delete_graph(None, deadline=soon())
    with pytest.raises(NotWritable):
        plain.replace_document(DOCUMENT, [], deadline=soon())


@pytest.fixture(params=["memory", "disk"])
def published_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IsolatedEngine]:
    """A published dataset that takes documents."""
    if request.param == "memory":
        made = IsolatedEngine.in_memory(Settings(), EmbeddedBackend.in_memory(QUADS + SHARED))
    else:
        EmbeddedBackend.on_disk(tmp_path, QUADS + SHARED).close()
        made = IsolatedEngine.on_disk(Settings(), tmp_path)
    yield made
    made.close()


def test_a_document_is_replaced_for_both_ways_of_asking_at_once(published_store: IsolatedEngine) -> None:
    engine = published_store
    assert engine.backend is not None
    first = engine.digest()
    digest = engine.replace_document(DOCUMENT, document("one", "two"), deadline=soon())
    assert digest == engine.digest() == engine.backend.digest() != first
    assert count(engine, "?s ?p 'one'") == count(engine, "GRAPH ?g { ?s ?p 'one' }") == 1
    assert engine.backend.query("ASK { ?s ?p 'two' }", deadline=soon()).boolean is True
    engine.replace_document(DOCUMENT, document("two"), deadline=soon())
    assert not holds(engine, "?s ?p 'one'")
    assert holds(engine, "?s ?p 'two'")
    assert engine.replace_document(DOCUMENT, [], deadline=soon()) == first
    assert count(engine, "?s ?p ?o") == 301
    assert engine.backend.query("ASK { ?s ?p 'two' }", deadline=soon()).boolean is False


def test_a_document_that_is_refused_changes_nothing(published_store: IsolatedEngine) -> None:
    before = published_store.digest()
    with pytest.raises(ValueError, match="named graph"):
        published_store.replace_document(DOCUMENT, [Quad(Iri(EX), Iri(EX), Iri(EX), None)], deadline=soon())
    with pytest.raises(EngineError):
        published_store.replace_document(DOCUMENT, document("late"), deadline=soon(-1))
    assert published_store.digest() == before
    assert not holds(published_store, "?s ?p 'late'")


def test_readers_see_a_write_as_a_whole(plain: IsolatedEngine) -> None:
    plain.update(f"INSERT DATA {{ <{EX}a> <{EX}v> 0 . <{EX}b> <{EX}v> 0 }}", deadline=soon())
    torn: list[bytes | None] = []
    done = threading.Event()

    def read(name: str) -> None:
        ask = asker(plain)
        while not done.is_set():
            body = ask(
                f"SELECT ?x ?y {{ <{EX}a> <{EX}v> ?x . <{EX}b> <{EX}v> ?y }}", accept="text/csv", client=name
            ).body
            assert body is not None
            x, _, y = body.split()[1].partition(b",")
            if x != y:
                torn.append(body)

    readers = [threading.Thread(target=read, args=(f"reader {n}",)) for n in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 20):
        change = f"DELETE {{ ?s <{EX}v> ?o }} INSERT {{ ?s <{EX}v> {number} }} WHERE {{ ?s <{EX}v> ?o }}"
        plain.update(change, deadline=soon())
    done.set()
    for reader in readers:
        reader.join(5)
    assert torn == []
    assert count(plain) == 2


def test_what_was_acknowledged_survives_the_death_of_the_zygote(plain: IsolatedEngine) -> None:
    for number in range(5):
        plain.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        os.kill(plain.pids()["zygote"], signal.SIGKILL)
        assert count(plain) == number + 1
