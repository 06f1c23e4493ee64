"""One protocol for every engine, and the table that finds an engine by its address.

Add an engine: one file here with a class that satisfies `Backend`, and one row in `SCHEMES`.

Errors of an engine, and the HTTP status each becomes (the table in `server/problems.py`):

    EngineError
    ├── QuerySyntaxError     400  the engine's parser refuses the query; carries line and column where known
    ├── QueryTooLarge        422  the result would pass the result limit
    ├── QueryTooDeep         400  the query overflows the engine's stack
    ├── DeadlineExceeded     504  the deadline came first
    ├── OutOfMemory          503  the memory limit came first
    ├── Busy                 503  the queue is full; carries retry_after_s
    ├── TooManyForClient     429  this client has too much waiting; carries retry_after_s
    ├── EngineUnreachable    503  no connection to the engine
    ├── EngineFailed         502  the engine answered something that is no answer
    └── NotWritable          403  this store does not take that write
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol
from typing import Literal as Choice

from kg.terms import Quad, Term

if TYPE_CHECKING:
    from kg.dataset import Dataset


class EngineError(Exception):
    """Whatever an engine could not do; the message is meant for the one who asked."""

    retry_after_s: int | None = None


class QuerySyntaxError(EngineError):
    """The engine's parser refuses the query; `line` and `column` count from 1, None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class QueryTooLarge(EngineError):
    """The result passes the result limit; nothing of it is sent."""


class QueryTooDeep(EngineError):
    """The query overflows the engine's stack."""


class DeadlineExceeded(EngineError):
    """The deadline came before the result."""


class OutOfMemory(EngineError):
    """The evaluator's memory limit came before the result."""


class Busy(EngineError):
    """The queue is full."""

    retry_after_s = 1


class TooManyForClient(EngineError):
    """This client has too many queries waiting."""

    retry_after_s = 1


class EngineUnreachable(EngineError):
    """No connection to the engine."""

    retry_after_s = 5


class EngineFailed(EngineError):
    """The engine answered, but with nothing that can be passed on as an answer."""


class NotWritable(EngineError):
    """The store does not take that write."""


Row = dict[str, Term]


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gave: rows of a SELECT, the boolean of an ASK, triples of a CONSTRUCT or DESCRIBE, or, where a media
    type was asked for, the serialised `body` in exactly that `media_type` (then rows and triples are empty)."""

    kind: Choice["select", "ask", "graph"]
    variables: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    boolean: bool | None = None
    triples: list[Quad] = field(default_factory=list)
    body: bytes | None = None
    media_type: str | None = None


class Backend(Protocol):
    """What a store of the graph must do. Safe to call from several threads."""

    def query(self, sparql: str, *, deadline: float, accept: str | None = None) -> Result:
        """Evaluate a query until `deadline` (seconds on `time.monotonic()`'s clock).

        `accept` is one media type of SPARQL 1.1 results or RDF; None gives Python values.
        Raises: EngineError, one of the kinds above.
        """
        ...

    def replace(self, document: str, quads: Iterable[Quad]) -> None:
        """Replace all graphs of a document (its IRI ends with a slash) by `quads`, as a whole or not at all."""
        ...

    def digest(self) -> str | None:
        """A text that changes when the data changes, or None when the engine cannot say: then no ETag and no cache."""
        ...

    def close(self) -> None:
        """Release what the backend holds; calling it twice is harmless."""
        ...


def _in_memory(store: str, dataset: Dataset) -> Backend:
    from kg.backends.embedded import EmbeddedBackend

    return EmbeddedBackend.in_memory(dataset.quads, dataset.digest)


def _on_disk(store: str, dataset: Dataset) -> Backend:
    from kg.backends.embedded import EmbeddedBackend

    directory = Path(store.removeprefix("file:"))
    return EmbeddedBackend.on_disk(directory, None if (directory / "data").is_dir() else dataset.quads)


def _remote(store: str, dataset: Dataset) -> Backend:
    from kg.backends.remote import RemoteBackend

    return RemoteBackend(store)


def _reference(store: str, dataset: Dataset) -> Backend:
    from kg.backends.reference import ReferenceBackend

    return ReferenceBackend(dataset.quads)


#: How a store's address is opened, by its scheme. An engine's module is imported only when its scheme is used.
SCHEMES: Final[Mapping[str, Callable[[str, Dataset], Backend]]] = MappingProxyType(
    {"memory": _in_memory, "file": _on_disk, "http": _remote, "https": _remote, "rdflib": _reference}
)


def open_backend(store: str, dataset: Dataset) -> Backend:
    """The backend of an address: `memory:`, a directory, an http(s) SPARQL endpoint, or `rdflib:` (for comparing).

    In memory and in a new directory it holds the dataset and its union; a directory that has a store, and a remote
    engine, are used as they stand.
    Raises: EngineError, OSError for a store that cannot be opened; ValueError for an unknown scheme.
    """
    scheme = store.partition(":")[0] if ":" in store else "file"
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}:" for name in SCHEMES)
        raise ValueError(f"no engine is known for {store!r}; an address begins with one of {known} or is a directory")
    return SCHEMES[scheme](store, dataset)
