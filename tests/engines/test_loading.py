"""`backstory load`: what is put in is what is there, twice over, after an accident too."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from kg.backends.remote import RemoteBackend
from kg.dataset import Dataset
from kg.loading import LoadError, counts, graph_store_of, load
from tests.engines.servers import Engine, free_port, oxigraph_command, oxigraph_server

pytestmark = pytest.mark.engine


def test_everything_is_there_and_a_second_load_sends_nothing(
    engine: Engine, filled: RemoteBackend, shipped: Dataset
) -> None:
    again = load(shipped, filled, engine.store_url)
    assert again.sent == 0
    assert again.digest == shipped.digest


def test_a_graph_that_lost_statements_is_mended(engine: Engine, filled: RemoteBackend, shipped: Dataset) -> None:
    victim = next(graph for graph in counts(filled) if graph.endswith("/doc/back-spasms/003"))
    _put(engine, victim, b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .")
    assert load(shipped, filled, engine.store_url).sent == 1


def test_a_graph_with_as_many_but_other_statements_is_found_and_mended(
    engine: Engine, filled: RemoteBackend, shipped: Dataset
) -> None:
    graph, number = next((g, n) for g, n in counts(filled).items() if g.endswith("/doc/back-spasms/004"))
    other = "".join(
        f"<http://example.org/{n}> <http://example.org/b> <http://example.org/c> .\n" for n in range(number)
    )
    _put(engine, graph, other.encode())
    load(shipped, filled, engine.store_url)
    query = f"ASK {{ GRAPH <{graph}> {{ <http://example.org/0> ?p ?o }} }}"
    assert filled.query(query, deadline=float("inf")).boolean is False


def test_progress_is_told_from_the_first_graph_to_the_last(
    engine: Engine, filled: RemoteBackend, shipped: Dataset
) -> None:
    told: list[tuple[str, int, int]] = []
    load(shipped, filled, engine.store_url, lambda *args: told.append(args))
    assert told[-1][0] == "check"
    assert told[-1][1] == told[-1][2] > 100


def _put(engine: Engine, graph: str, body: bytes) -> None:
    keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    keys.add_password(None, engine.store_url, engine.user or "", engine.password or "")
    director = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(keys))
    request = urllib.request.Request(
        f"{engine.store_url}?graph={graph}", data=body, method="PUT", headers={"Content-Type": "text/turtle"}
    )
    with director.open(request) as response:
        assert response.status < 300


@pytest.mark.skipif(oxigraph_command() is None, reason="no oxigraph server: it comes with the package oxigraph")
def test_an_engine_with_other_data_is_refused_before_anything_is_written(tmp_path: Path, shipped: Dataset) -> None:
    with oxigraph_server(tmp_path) as engine:
        _put(engine, "http://example.org/theirs", b"<http://example.org/a> <http://example.org/b> 1 .")
        backend = RemoteBackend(engine.query_url)
        with pytest.raises(LoadError, match=r"example\.org/theirs"):
            load(shipped, backend, engine.store_url)
        assert list(counts(backend)) == ["http://example.org/theirs"]


@pytest.mark.skipif(oxigraph_command() is None, reason="no oxigraph server: it comes with the package oxigraph")
def test_a_killed_load_goes_on_where_it_stopped(tmp_path: Path, shipped: Dataset) -> None:
    class Killed(Exception):
        pass

    def kill(phase: str, done: int, total: int) -> None:
        if done == 40:
            raise Killed

    with oxigraph_server(tmp_path) as engine:
        backend = RemoteBackend(engine.query_url)
        with pytest.raises(Killed):
            load(shipped, backend, engine.store_url, kill)
        after = load(shipped, backend, engine.store_url)
        assert after.sent == after.graphs - 40


def test_an_address_without_a_graph_store_is_named(filled: RemoteBackend, engine: Engine, shipped: Dataset) -> None:
    with pytest.raises(LoadError, match="--graph-store"):
        _force(shipped, filled, engine.query_url.rsplit("/", 1)[0] + "/nothing-here")


def _force(shipped: Dataset, backend: RemoteBackend, store: str) -> None:
    """A dataset with one graph more than the engine has, so that something has to be sent."""
    more = [quad._replace(graph=type(quad.graph)(quad.graph.value + "x")) for quad in shipped.quads[:1] if quad.graph]
    load(Dataset([*shipped.quads, *more], shipped.documents, shipped.digest), backend, store)


def test_the_usual_graph_store_is_found_beside_the_query_address() -> None:
    port = free_port()
    assert graph_store_of(f"http://127.0.0.1:{port}/query") == f"http://127.0.0.1:{port}/store"
    assert graph_store_of(f"http://127.0.0.1:{port}/unusual") is None
