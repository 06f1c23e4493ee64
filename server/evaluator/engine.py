"""Ad-hoc queries and writes, each in a process that can be stopped: what the HTTP layer talks to."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.backends import NotWritable, Result
from kg.backends.embedded import EmbeddedBackend
from kg.backends.oxigraph import from_quads
from kg.backends.union import checked
from kg.terms import Quad
from server.evaluator import wire
from server.evaluator.asking import Accept, AdHocQuery, BegunQuery, Pending, result_of
from server.evaluator.configuration import (
    accept_by_kind,
    fast_places,
    is_plain,
    lanes_from,
    limits_from,
    query_max_bytes,
)
from server.evaluator.errors import QueryTooLong
from server.evaluator.limits import adopt_orphans
from server.evaluator.pool import Pool
from server.evaluator.process import Zygote
from server.evaluator.runner import Runner, Work
from server.evaluator.writes import InMemory, OnDisk, Publish, Writes, opened
from server.settings import Settings

#: A longer base is not remembered.
_USUAL_BASE: Final = 200


class IsolatedEngine:
    """Evaluator processes around one dataset. Safe to use from several threads; make it after the server has forked.

    `backend` is the same dataset inside this process, for trusted queries; None for a plain writable store.
    """

    def __init__(self, settings: Settings, pool: Pool, writes: Writes, backend: EmbeddedBackend | None) -> None:
        self.backend = backend
        self._settings = settings
        self._pool = pool
        self._writes = writes
        self._lanes = lanes_from(settings)
        self._runner = Runner(pool, self._lanes, settings.fast_lane_ms / 1000)
        self._max_bytes = query_max_bytes(settings)
        self._instance = secrets.token_hex(8)
        self._generations = itertools.count(1)
        self._generation = 0

    @classmethod
    def in_memory(cls, settings: Settings, backend: EmbeddedBackend | None = None) -> IsolatedEngine:
        """The dataset of `backend` in memory; without one, an empty plain store.

        Raises: EngineFailed when the processes cannot be started.
        """
        limits = limits_from(settings)
        adopt_orphans()

        def reopen() -> Zygote:
            data = backend.nquads() if backend is not None else b""
            return opened({"mode": "memory", "union": backend is not None}, data, limits)

        pool = Pool(reopen(), reopen, most=fast_places(settings), standby=True)
        return cls(settings, pool, InMemory(pool, limits), backend)

    @classmethod
    def on_disk(cls, settings: Settings, directory: Path) -> IsolatedEngine:
        """The dataset of a data directory; a new directory begins empty.

        Raises: OSError when another process uses the directory; EngineFailed.
        """
        adopt_orphans()
        writes = OnDisk(directory, limits_from(settings))
        pool = Pool(writes.open_reader(), writes.open_reader, most=fast_places(settings), standby=False)
        writes.serve(pool)
        current = writes.current
        view = EmbeddedBackend.snapshot(writes.files.snapshot(current.number), current.digest)
        return cls(settings, pool, writes, None if is_plain(settings) else view)

    def query(self, asked: AdHocQuery) -> Result:
        """Evaluate anybody's query, parsing included; the result comes serialised, whole.

        Raises: EngineError, of the kinds in `kg.backends` and `server.evaluator.errors`.
        """
        return result_of(self._runner.run(self._work(asked)))

    def begin(self, asked: AdHocQuery) -> Pending | None:
        """Begin to evaluate a query, if that takes no waiting; None where `query` would wait before it begins.

        Raises: EngineError.
        """
        work = self._work(asked)
        begun = self._runner.begin(work)
        return None if begun is None else BegunQuery(self._runner, work, begun)

    def dump(self, graph: str | None, media_type: str, *, client: str, deadline: float) -> bytes | None:
        """One graph (None: the default graph) in an RDF media type; None when there is no such graph.

        Raises: EngineError.
        """
        request = {"op": "dump", "graph": graph, "media_type": media_type}
        header, data = self._runner.run(Work(wire.encoded(request), b"", client, deadline))
        return data if header["exists"] else None

    def update(
        self,
        sparql: str,
        *,
        deadline: float,
        using_graphs: Sequence[str] = (),
        using_named: Sequence[str] = (),
        base: str | None = None,
    ) -> None:
        """A SPARQL Update of the plain store, all of it or nothing; returns when it is visible (on disk: synced).

        Raises: NotWritable for a published dataset; EngineError.
        """
        request = {
            "write": "update",
            "using": list(using_graphs),
            "using_named": list(using_named),
            "base": base,
            "max_depth": self._settings.query_max_depth,
        }
        self._write_plain(request, sparql.encode("utf-8", "replace"), deadline)

    def put_graph(self, graph: str | None, data: bytes, media_type: str, *, base: str | None, deadline: float) -> bool:
        """Replace a graph (None: the default graph) by the triples of `data`. Whether the graph was there before.

        Raises: NotWritable; DataSyntaxError where the data does not parse; EngineError.
        """
        return self._store_graph("put", graph, data, media_type, base, deadline)

    def post_graph(self, graph: str | None, data: bytes, media_type: str, *, base: str | None, deadline: float) -> bool:
        """Add the triples of `data` to a graph; otherwise as `put_graph`."""
        return self._store_graph("post", graph, data, media_type, base, deadline)

    def delete_graph(self, graph: str | None, *, deadline: float) -> bool:
        """Remove a graph, or empty the default graph. Whether the graph was there before.

        Raises: NotWritable; EngineError.
        """
        return bool(self._write_plain({"write": "delete", "graph": graph}, b"", deadline)["existed"])

    def replace_document(
        self,
        document: str,
        quads: Iterable[Quad],
        *,
        deadline: float,
        beyond: Iterable[Quad] = (),
        view: EmbeddedBackend | None = None,
    ) -> str:
        """Replace all graphs of one document, for `/ask` and `/sparql` together; gives the new digest.

        What is `beyond` its graphs and leaves with it is given (`kg.brought`), and a `view` of what comes of it where
        there is one.

        `backend` answers from the new dataset when this returns. Without quads the document is removed.

        Raises: NotWritable for a plain store; ValueError for quads that a document cannot hold; EngineError.
        """
        backend = self.backend
        if backend is None:
            raise NotWritable("this is a plain store without documents; use the graph store or an update")
        listed = list(quads)
        ours = checked(document, from_quads(listed))
        in_memory = isinstance(self._writes, InMemory)
        gone = list(beyond)
        if view is None and in_memory:
            view = backend.successor(document, listed, gone)

        def publish(snapshot: Path | None, digest: str) -> None:
            backend.adopt(view if view is not None else EmbeddedBackend.snapshot(snapshot or Path(), digest))

        body = "".join(f"{quad} .\n" for quad in ours).encode()
        lines = [f"{quad} .\n" for quad in from_quads(gone)]
        self._write({"write": "document", "document": document, "beyond": lines}, body, deadline, publish)
        return backend.digest()

    def digest(self) -> str:
        """A text that changes with each write: of the dataset, or of this instance and its writes for a plain store."""
        return self.backend.digest() if self.backend is not None else f"{self._instance}-{self._generation}"

    def statistics(self) -> dict[str, int]:
        """For the metrics: how queries ended (`ok`, an error's class, `killed`), what waits, zygotes replaced."""
        fast, slow = self._lanes.waiting()
        state = {"waiting_fast": fast, "waiting_slow": slow, "restarts": self._pool.restarts}
        return self._runner.counts() | state

    def pids(self) -> dict[str, int]:
        """The process ids of the zygote and its standby."""
        return self._pool.pids()

    def is_ready(self, deadline: float | None = None) -> bool:
        """Whether a query is answered within a second, or by the deadline."""
        until = deadline if deadline is not None else time.monotonic() + 1
        return self.query(AdHocQuery("ASK {}", "readiness", until)).body is not None

    def close(self) -> None:
        """End all processes. What runs is cut off: stop taking requests first."""
        self._pool.close()
        self._writes.close()

    def _work(self, asked: AdHocQuery) -> Work:
        """A query as an evaluator takes it.

        Raises: QueryTooLong.
        """
        body = asked.text.encode("utf-8", "replace")
        if len(body) > self._max_bytes:
            self._runner.count(QueryTooLong.__name__)
            raise QueryTooLong(f"the query is {len(body)} bytes long; the limit is {self._max_bytes}")
        accept = accept_by_kind(asked.accept)
        if asked.default_graphs or asked.named_graphs or len(asked.base or "") > _USUAL_BASE:
            graphs = {"default": list(asked.default_graphs), "named": list(asked.named_graphs)}
            head = wire.encoded(_request(accept, asked.base) | (graphs if any(graphs.values()) else {}))
        else:
            head = _usual_head(accept, asked.base)
        return Work(head, body, asked.client, asked.deadline)

    def _store_graph(
        self, write: str, graph: str | None, data: bytes, media_type: str, base: str | None, deadline: float
    ) -> bool:
        request = {"write": write, "graph": graph, "media_type": media_type, "base": base}
        return bool(self._write_plain(request, data, deadline)["existed"])

    def _write_plain(self, request: wire.Header, body: bytes, deadline: float) -> wire.Header:
        if not is_plain(self._settings):
            raise NotWritable("the published dataset changes by whole documents only")
        return self._write(request, body, deadline, lambda snapshot, digest: None)

    def _write(self, request: wire.Header, body: bytes, deadline: float, publish: Publish) -> wire.Header:
        reply = self._writes.apply(request, body, deadline, publish)
        self._generation = next(self._generations)
        return reply


def _request(accept: Accept, base: str | None) -> wire.Header:
    return {"op": "query", "accept": accept._asdict()} | ({} if base is None else {"base": base})


@lru_cache(maxsize=256)
def _usual_head(accept: Accept, base: str | None) -> bytes:
    """The header of a request that names no graphs, encoded once: most requests have one of a few."""
    return wire.encoded(_request(accept, base))
