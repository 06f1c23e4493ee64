"""Writes: all or nothing, visible when acknowledged, found again after a restart."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.backends import DeadlineExceeded, EngineError, NotWritable, OutOfMemory, QuerySyntaxError
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad
from server.evaluator import DatasetInText, DataSyntaxError, IsolatedEngine, ServiceRefused
from server.evaluator.writes import OnDisk
from server.settings import Settings
from tests.server.evaluator.conftest import DOCUMENT, ENDLESS, EX, QUADS, SHARED, asker, soon

PLAIN = Settings({"empty": True, "writable": True, "evaluator_memory_mib": 256})
G = f"{EX}g"


def count(engine: IsolatedEngine, pattern: str = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }") -> int:
    body = asker(engine)(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", accept="text/csv").body
    assert body is not None
    return int(body.split()[1])


def holds(engine: IsolatedEngine, pattern: str) -> bool:
    return asker(engine)(f"ASK {{ {pattern} }}", accept="text/csv").body == b"true"


def document(*objects: str) -> list[Quad]:
    return [Quad(Iri(f"{EX}a"), Iri(f"{EX}p"), Literal(text), Iri(f"{DOCUMENT}{n}")) for n, text in enumerate(objects)]


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


def test_a_restart_finds_exactly_what_was_acknowledged(tmp_path: Path) -> None:
    for number in range(3):
        engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
        assert count(engine) == number
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        engine.close()


def test_a_write_that_a_crash_interrupts_is_not_found_after_the_restart(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 1 }}", deadline=soon())
    engine.close()
    backend = EmbeddedBackend.on_disk(tmp_path)  # what a crash leaves: applied to the store, not acknowledged
    backend._store.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 2 }}")
    backend.close()
    (tmp_path / "writing").touch()
    again = IsolatedEngine.on_disk(PLAIN, tmp_path)
    assert count(again) == 1
    again.update(f"INSERT DATA {{ <{EX}s> <{EX}p> 3 }}", deadline=soon())
    assert count(again) == 2
    again.close()


def test_a_store_on_disk_reaches_nobody_and_opens_its_files(tmp_path: Path) -> None:
    for number in range(3):  # enough loads for more table files than the store opens beforehand
        EmbeddedBackend.on_disk(tmp_path, document(*(f"{number}-{n}" for n in range(50)))).close()
    engine = IsolatedEngine.on_disk(Settings(), tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        where = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        with pytest.raises(ServiceRefused):
            asker(engine)(f"SELECT * {{ FILTER(?x<5#>'\n)SERVICE<{where}>{{?a ?b 'c'}} }}")
        with pytest.raises(TimeoutError):
            canary.accept()
    assert count(engine, "?s ?p ?o") == count(engine, "GRAPH ?g { ?s ?p ?o }") == 150
    engine.close()


def test_a_data_directory_serves_one_process_at_a_time(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    with pytest.raises(OSError, match="in use"):
        EmbeddedBackend.on_disk(tmp_path)
    engine.close()


def test_hundreds_of_writes_leave_neither_processes_nor_snapshots_behind(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    for number in range(10):
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
    engine.close()
    assert len(list((tmp_path / "snapshots").iterdir())) == 1


def test_a_writer_that_is_killed_costs_no_write(tmp_path: Path) -> None:
    engine = IsolatedEngine.on_disk(PLAIN, tmp_path)
    writes = engine._writes
    assert isinstance(writes, OnDisk)
    for number in range(3):
        engine.update(f"INSERT DATA {{ <{EX}s> <{EX}p> {number} }}", deadline=soon())
        assert writes._writer is not None
        os.kill(writes._writer.pid, signal.SIGKILL)
    assert count(engine) == 3
    engine.close()


def test_a_query_on_the_old_data_ends_well_after_a_write(tmp_path: Path) -> None:
    EmbeddedBackend.on_disk(tmp_path, QUADS + SHARED).close()
    engine = IsolatedEngine.on_disk(Settings(), tmp_path)
    outcome: list[bytes | None] = []
    slow = f"SELECT (COUNT(*) AS ?n) {{ ?a <{EX}p> ?b . ?c <{EX}p> ?d . GRAPH ?g {{ ?e ?f ?h }} FILTER(?b != ?d) }}"
    thread = threading.Thread(target=lambda: outcome.append(asker(engine)(slow, accept="text/csv", seconds=60).body))
    thread.start()
    time.sleep(0.1)
    engine.replace_document(DOCUMENT, document("new"), deadline=soon())
    assert holds(engine, "?s ?p 'new'")
    thread.join(60)
    assert outcome == [b"n\r\n27089400\r\n"]
    engine.close()
