"""What a running service holds: its settings, the edition it publishes, and the engine for other people's queries.

An edition is immutable and has a view of the data of its own. A write of a document makes the next edition ready first
and then puts it in place, so that `/ask` and the pages never mix two states.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock, Timer
from typing import Final, Protocol

from kg.backends import Backend, NotWritable
from kg.backends.embedded import EmbeddedBackend
from kg.backends.remote import RemoteBackend
from kg.brought import Brought
from kg.check import check_document
from kg.dataset import PACKAGE_DATA, Dataset, files_of, load_dataset
from kg.source import Sources
from kg.surroundings import surroundings
from kg.terms import DOC, Iri, Quad, document_iri
from queries.answering import Answering
from queries.precompiled import digest_of, kept
from server.adhoc import AdHocEngine, RemoteEngine
from server.cache import AnswerCache
from server.evaluator.asking import AdHocQuery
from server.evaluator.engine import IsolatedEngine
from server.observe import Observer
from server.settings import Settings
from server.web.passages import no_quote
from server.web.site import Site

VERSION: Final = "0.1.0"
_NOTES: Final = "brought.nq"
_SETTLE_AFTER_S: Final = 1.0
_JSON_RESULTS: Final = "application/sparql-results+json"
_serials: Final = count(1)


class Digested(Protocol):
    """Data that can tell its state: a backend, or the engine of a plain store."""

    def digest(self) -> str | None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Edition:
    """What is published at one moment; a plain SPARQL store (`--empty`) has nothing but its data."""

    source: Digested
    backend: Backend | None = None
    answering: Answering | None = None
    site: Site | None = None
    brought: Brought = field(default_factory=Brought)
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def digest(self) -> str | None:
        """The digest of the data, or None when the engine cannot say: then nothing is cached or tagged."""
        return self.source.digest()

    @property
    def catalogue_digest(self) -> str:
        """The digest of the question files, empty for a plain store."""
        return self.answering.catalogue_digest if self.answering else ""


class Service:
    """One running service; shared by all threads."""

    def __init__(self, settings: Settings, edition: Edition, engine: AdHocEngine) -> None:
        self.settings = settings
        self.engine = engine
        self.edition = edition
        self.cache = AnswerCache(settings.cache_max_bytes)
        self.observer = Observer(log=settings.log_requests, log_questions=settings.log_questions)
        self._writing = Lock()
        self._settling = Timer(0, settle_memory)

    @classmethod
    def start(cls, settings: Settings) -> Service:
        """Load what is to be published and start the engine; call it in the process that will answer.

        Raises: DatasetError, QuestionFileError; EngineError, OSError when a store cannot be used.
        """
        if settings.empty:
            plain = _plain_engine(settings)
            return cls(settings, Edition(plain), plain)
        if settings.store.startswith(("http:", "https:")):
            remote = RemoteBackend(settings.store, result_max_bytes=settings.result_max_bytes)
            return cls(settings, edition_of(remote, settings), RemoteEngine(remote, settings))
        if settings.store == "memory:":
            return cls(settings, *_shipped(settings))
        engine = _engine_on_disk(settings)
        notes = _notes(settings)
        brought = Brought.read(notes) if notes is not None else Brought()
        return cls(settings, edition_of(_view(engine), settings, brought=brought), engine)

    @property
    def writable_store(self) -> bool:
        """Whether this is a plain store that takes updates."""
        return bool(self.settings.empty and self.settings.writable)

    def state(self) -> tuple[Hashable, ...] | None:
        """What an answer depends on beside the request; another after each write. None: unknown, so nothing is kept."""
        edition = self.edition
        digest = edition.digest
        return None if digest is None else (edition.serial, digest, edition.catalogue_digest, VERSION)

    def site(self) -> Site:
        """The pages' view of the published edition; a plain store has no pages."""
        assert self.edition.site is not None  # noqa: S101 - no page is registered without one
        return self.edition.site

    def check_document(self, name: str, text: str) -> list[Quad]:
        """The quads of a document given as TriG, held to all rules beside the terms and things that are published.

        Raises: DatasetError with file, line and rule.
        """
        return check_document(text, name, self._known(text, name))

    def replace_document(self, name: str, quads: list[Quad], *, deadline: float) -> None:
        """Publish another state of one document (no quads: without it), to `/ask` and `/sparql`.

        Raises: NotWritable; ValueError for quads that a document cannot hold; EngineError.
        """
        engine = self.engine
        if not isinstance(engine, IsolatedEngine):
            raise NotWritable("the documents of a remote engine are changed there")
        iri = document_iri(name)
        with self._writing:
            now, notes = _view(engine), _notes(self.settings)
            brought, leaving = self.edition.brought.after(iri, quads, now)
            touched = [*quads, *leaving]
            successor = now.successor(iri, quads, leaving) if notes is None else None
            ready = self._after(successor, iri, touched, brought) if successor is not None else None
            if notes is not None:  # before and after: a note that is not needed is harmless, one that is missing is not
                self.edition.brought.with_all_of(brought).write(notes)
            engine.replace_document(iri, quads, deadline=deadline, beyond=leaving, view=successor)
            self.edition = ready or self._after(_view(engine), iri, touched, brought)
            if notes is not None:
                brought.write(notes)
        self._settle_soon()

    def _settle_soon(self) -> None:
        """Settle once nothing has been written for a moment: no write waits for it, and a series has it once."""
        self._settling.cancel()
        self._settling = Timer(_SETTLE_AFTER_S, settle_memory)
        self._settling.daemon = True
        self._settling.start()

    def _after(self, backend: Backend, document: str, touched: list[Quad], brought: Brought) -> Edition:
        """The edition of data in which a document was replaced, and these quads came or went."""
        before = self.edition.answering
        answering = before.after(backend, document, touched) if before is not None else None
        return edition_of(backend, self.settings, answering, brought)

    def documents(self) -> list[str]:
        """The names of the published documents."""
        rows = self.rows(
            "SELECT DISTINCT ?d WHERE { GRAPH ?d { ?d a <https://w3id.org/backstory/ns#Document> } } ORDER BY ?d"
        )
        return [iri.removeprefix(DOC).rstrip("/") for (iri,) in rows]

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """The values of a trusted query over the published data, as text.

        Raises: EngineError.
        """
        backend = self.edition.backend
        if backend is None:
            return []
        result = backend.query(query, deadline=time.monotonic() + self.settings.deadline_ms / 1000)
        return [tuple(getattr(row.get(name), "value", "") for name in result.variables) for row in result.rows]

    def counted(self, query: str) -> list[tuple[str, ...]]:
        """The values of a query that may read all of the data: evaluated where it can be stopped.

        Raises: EngineError.
        """
        until = time.monotonic() + self.settings.deadline_ms / 1000
        result = self.engine.query(AdHocQuery(query, "the service itself", until, _JSON_RESULTS))
        found = json.loads(result.body or b"{}")
        names = found["head"]["vars"]
        return [tuple(row.get(name, {}).get("value", "") for name in names) for row in found["results"]["bindings"]]

    def quads(self, pattern: str) -> list[Quad]:
        """The statements of the published data that match a trusted pattern of ?g ?s ?p ?o.

        Raises: EngineError.
        """
        backend = self.edition.backend
        if backend is None:
            return []
        query = f"SELECT ?g ?s ?p ?o WHERE {{ {pattern} }}"
        result = backend.query(query, deadline=time.monotonic() + self.settings.deadline_ms / 1000)
        found = []
        for row in result.rows:
            graph, predicate = row.get("g"), row["p"]
            assert isinstance(predicate, Iri)  # noqa: S101 - RDF has no other predicates
            found.append(Quad(row["s"], predicate, row["o"], graph if isinstance(graph, Iri) else None))
        return found

    def _known(self, text: str, name: str) -> Dataset:
        """The vocabulary, and of the things those that the document may be checked against."""
        backend = self.edition.backend
        assert backend is not None  # noqa: S101 - a plain store has no documents
        until = time.monotonic() + self.settings.deadline_ms / 1000
        return Dataset(surroundings(backend, text, name, until), (), "")

    def close(self) -> None:
        """Stop the engine and release the store."""
        self._settling.cancel()
        self.engine.close()
        self.edition.source.close()


def settle_memory() -> None:
    """Let go of the edition before. What was loaded at the start is frozen and not looked at: that takes 250 ms, in
    which nobody is answered; so the first edition's own part stays, some megabytes, and each later one goes."""
    gc.collect()


def edition_of(
    backend: Backend, settings: Settings, answering: Answering | None = None, brought: Brought | None = None
) -> Edition:
    """The edition of the data that a backend holds, with its answering where that is made already."""
    sources = Sources(settings.sources_dir) if settings.sources_dir else None
    ready = answering or Answering.load(backend, sources=sources)
    site = Site.open(backend, ready, sources.quote if sources else no_quote)
    return Edition(backend, backend, ready, site, brought or Brought())


def _shipped(settings: Settings) -> tuple[Edition, IsolatedEngine]:
    """The shipped dataset: its edition, and its engine, whose processes start while this one compiles the questions.

    Files that were read and checked before, by the same code, are not parsed again.
    """
    shipped = kept("dataset", digest_of([*sorted(PACKAGE_DATA.rglob("*.py")), *files_of()]), load_dataset)
    backend = EmbeddedBackend.in_memory(shipped.quads, shipped.digest)
    view = EmbeddedBackend.in_memory()
    view.adopt(backend)
    with ThreadPoolExecutor(1) as aside:
        starting = aside.submit(IsolatedEngine.in_memory, settings, backend)
        try:
            sources = Sources(settings.sources_dir) if settings.sources_dir else None
            answering = Answering.load(view, sources=sources, shipped=True)
            edition = edition_of(view, settings, answering, shipped.brought)
        except BaseException:
            starting.result().close()
            raise
        return edition, starting.result()


def _engine_on_disk(settings: Settings) -> IsolatedEngine:
    directory = Path(settings.store.removeprefix("file:"))
    if not (directory / "data").is_dir():
        shipped = load_dataset()
        EmbeddedBackend.on_disk(directory, shipped.quads).close()
        shipped.brought.write(directory / _NOTES)
    return IsolatedEngine.on_disk(settings, directory)


def _notes(settings: Settings) -> Path | None:
    """Where it is written down what each document brought; None where the data is in memory."""
    return None if settings.store == "memory:" else Path(settings.store.removeprefix("file:")) / _NOTES


def _plain_engine(settings: Settings) -> IsolatedEngine:
    if settings.store == "memory:":
        return IsolatedEngine.in_memory(settings)
    return IsolatedEngine.on_disk(settings, Path(settings.store.removeprefix("file:")))


def _view(engine: IsolatedEngine) -> EmbeddedBackend:
    """A view of what the engine publishes now; it stays as it is when the engine publishes something else."""
    assert engine.backend is not None  # noqa: S101 - only a plain store has none
    view = EmbeddedBackend.in_memory()
    view.adopt(engine.backend)
    return view
