"""Oxigraph inside this process: in memory, in a data directory, or on a read-only snapshot of one.

For trusted text only (the catalogue's queries): an engine inside the process cannot be stopped, so the deadline is kept
between rows but not within one step. Other people's queries go through the service's evaluator processes.

What a data directory holds, and how it survives a crash, is told in `kg.backends.directory`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import IO

import pyoxigraph as ox

from kg.backends import DeadlineExceeded, EngineFailed, NotWritable, Result
from kg.backends.directory import SNAPSHOTS, DataDirectory, write_synced
from kg.backends.oxigraph import Solutions, from_quad, from_quads, kind_of, serialise, to_quad, to_rows, to_term
from kg.backends.syntax import syntax_error
from kg.backends.union import EMPTY_DIGEST, digest, named, replace_document, with_union
from kg.terms import PREFIXES, Iri, Quad, Term


class EmbeddedBackend:
    """A pyoxigraph store that satisfies `kg.backends.Backend`. Safe to use from several threads."""

    def __init__(
        self,
        store: ox.Store,
        digest: str,
        *,
        files: DataDirectory | None = None,
        lock: IO[bytes] | None = None,
        writable: bool = True,
        directory: Path | None = None,
    ) -> None:
        #: The data directory, beside whose store things that are made from it can be kept; None in memory.
        self.directory = files.root if files is not None else directory
        self._store = store
        self._digest = digest
        self._files = files
        self._lock = lock
        self._writable = writable
        self._write = Lock()

    @classmethod
    def in_memory(cls, quads: Iterable[Quad] = (), counted: str | None = None) -> EmbeddedBackend:
        """A store in memory with these quads of named graphs, and their union in the default graph.

        `counted` is their digest where it is known already, which saves a start a third of its time.

        Raises: ValueError for a term that RDF does not allow.
        """
        store = ox.Store()
        store.extend(with_union(from_quads(quads)))
        return cls(store, counted or digest(store))

    @classmethod
    def from_nquads(cls, source: bytes | Path) -> EmbeddedBackend:
        """A store in memory from N-Quads, given as bytes or as a file.

        Raises: SyntaxError where the N-Quads do not parse; OSError.
        """
        parsed = (
            ox.parse(source, ox.RdfFormat.N_QUADS)
            if isinstance(source, bytes)
            else ox.parse(path=source, format=ox.RdfFormat.N_QUADS)
        )
        store = ox.Store()
        store.bulk_extend(with_union(parsed))
        return cls(store, digest(store))

    @classmethod
    def on_disk(
        cls,
        directory: Path,
        quads: Iterable[Quad] | Iterable[ox.Quad] | None = None,
        counted: Callable[[], str] | None = None,
    ) -> EmbeddedBackend:
        """The store of a data directory, open for writing; one process at a time. `quads` are added, with their union.

        A new store is put in place when it is whole: a load that was killed leaves nothing. `counted` gives the digest
        of the quads, where somebody knows it once they have been read.

        Raises: OSError when the directory cannot be used, or another process has it open.
        """
        files = DataDirectory(directory)
        lock = files.lock()
        try:
            current = files.prepare()
            if quads is not None and not files.data.is_dir():
                files.supersede()
                files.fill(with_union(_engine_quads(quads)), counted)
                quads = None
            store = files.open()
            if quads is not None:
                files.supersede()
                store.bulk_extend(with_union(_engine_quads(quads)))
                store.optimize()
                store.flush()
                current = None
            found = current.digest if current else _stored_digest(store, directory)
        except BaseException:
            lock.close()
            raise
        return cls(store, found, files=files, lock=lock)

    @classmethod
    def snapshot(cls, path: Path, digest: str) -> EmbeddedBackend:
        """A read-only view of a snapshot; its digest is what the writer counted.

        Raises: OSError when there is no store.
        """
        directory = path.parents[1] if path.parent.name == SNAPSHOTS else None
        return cls(ox.Store.read_only(str(path)), digest, writable=False, directory=directory)

    def query(self, sparql: str, *, deadline: float, accept: str | None = None) -> Result:
        """Evaluate a trusted query; see `Backend.query`. Graph results are serialised with the project's prefixes.

        Raises: QuerySyntaxError, DeadlineExceeded, EngineFailed.
        """
        if time.monotonic() >= deadline:
            raise DeadlineExceeded("the deadline had passed before the query began")
        try:
            results: Solutions = self._store.query(sparql)
            if accept is not None:
                return _serialised(results, accept)
            return _values(results)
        except SyntaxError as error:
            raise syntax_error(error) from None
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineFailed(str(error)) from error

    def statements(self, graph: str) -> Iterator[Quad]:
        """The statements of one named graph as they are asked for, those of one subject together."""
        found = self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        if self._files is None and self._writable:  # in memory; on disk the index has them in that order
            found = iter(sorted(found, key=lambda quad: str(quad.subject)))
        return map(to_quad, found)

    def about(self, subject: str, graph: str) -> Iterator[tuple[str, Term]]:
        """What one graph says of a subject, property and value: five times as fast as by a query."""
        found = self._store.quads_for_pattern(ox.NamedNode(subject), None, None, ox.NamedNode(graph))
        return ((quad.predicate.value, to_term(quad.object)) for quad in found)

    def replace(self, document: str, quads: Iterable[Quad]) -> None:
        """Replace all graphs of one document, and its share of the union, in one transaction; on disk it is synced.

        Raises: NotWritable for a snapshot; ValueError for blank nodes or an unnamed graph among the quads.
        """
        if not self._writable:
            raise NotWritable("a snapshot is read-only; the write goes to the store it was made from")
        with self._write:
            if self._files is not None:
                self._files.supersede()
            self._digest = replace_document(self._store, document, from_quads(quads), self._digest)
            if self._files is not None:
                self._store.flush()
                write_synced(self._files.root / "digest", self._digest + "\n")

    def adopt(self, other: EmbeddedBackend) -> None:
        """Answer from the other's store from now on; a query that has begun ends on the store it began on."""
        with self._write:
            self._store, self._digest, self._writable = other._store, other._digest, other._writable
            self._files, self.directory = other._files, other.directory

    def successor(self, document: str, quads: Iterable[Quad], beyond: Iterable[Quad] = ()) -> EmbeddedBackend:
        """A copy in memory with one document replaced, to be adopted when the write is settled everywhere."""
        copy = ox.Store()
        copy.extend(self._store)
        after = replace_document(copy, document, from_quads(quads), self._digest, from_quads(beyond))
        return EmbeddedBackend(copy, after)

    def holds(self, quad: Quad) -> bool:
        """Whether the store has a statement."""
        return from_quad(quad) in self._store

    def speaking_of(self, thing: Iri) -> Iterator[Quad]:
        """The statements of the named graphs with a thing as subject or object."""
        node = ox.NamedNode(thing.value)
        yield from map(to_quad, named(self._store.quads_for_pattern(node, None, None, None)))
        yield from map(to_quad, named(self._store.quads_for_pattern(None, None, node, None)))

    def digest(self) -> str:
        """`sha256:` and the digest of the named graphs (see `kg.backends.union`)."""
        return self._digest

    def nquads(self) -> bytes:
        """The named graphs as sorted canonical N-Quads."""
        return "".join(sorted(f"{quad} .\n" for quad in named(self._store))).encode()

    def trig(self) -> bytes:
        """The named graphs as TriG, with the project's prefixes."""
        quads = sorted(named(self._store), key=lambda quad: (str(quad.graph_name), str(quad)))
        return ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes=dict(PREFIXES)) or b""

    def close(self) -> None:
        """Let go of the store; the files are released when nothing refers to it any more."""
        self._store, self._digest = ox.Store(), EMPTY_DIGEST
        if self._lock is not None:
            self._lock.close()


def _values(results: Solutions) -> Result:
    if isinstance(results, ox.QuerySolutions):
        variables, rows = to_rows(results)
        return Result("select", variables, rows)
    if isinstance(results, ox.QueryBoolean):
        return Result("ask", boolean=bool(results))
    return Result("graph", triples=[to_quad(triple) for triple in results])


def _serialised(results: Solutions, accept: str) -> Result:
    sink = BytesIO()
    try:
        serialise(results, accept, sink)
    except KeyError:
        raise EngineFailed(f"a {kind_of(results)} result cannot be written as {accept}") from None
    return Result(kind_of(results), body=sink.getvalue(), media_type=accept)


def _engine_quads(quads: Iterable[Quad] | Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads as the engine takes them."""
    return (quad if isinstance(quad, ox.Quad) else from_quad(quad) for quad in quads)


def _stored_digest(store: ox.Store, directory: Path) -> str:
    """The digest that stands beside a store, or a count where there is none: a write removes it before it begins."""
    path = directory / "digest"
    if path.is_file():
        return path.read_text("ascii").strip()
    counted = digest(store)
    write_synced(path, counted + "\n")
    return counted
