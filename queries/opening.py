"""Where a lexicon comes from: the file beside a store on disk, or memory for every other backend."""

from __future__ import annotations

import gc
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final

from kg import terms
from kg.backends import Backend
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Quad
from queries.ground import Ground
from queries.keeping import Keeper
from queries.kept import KeptLexicon
from queries.lexicon import Lexicon, LoadedLexicon
from queries.precompiled import code_of, digest_of, kept
from queries.things import read_ontology, read_things

_LOG: Final = logging.getLogger("backstory")


def open_lexicon(backend: Backend, ground: Ground) -> Lexicon:
    """The lexicon of a backend's graph.

    Raises: QuestionFileError for a pattern that breaks the syntax; EngineError.
    """
    if isinstance(backend, EmbeddedBackend) and backend.directory is not None:
        try:
            return Keeper(backend.directory, ground.directory).open(backend)
        except (OSError, sqlite3.Error) as error:
            _LOG.warning("the names cannot be kept beside the store (%s): they are read into memory", error)
    ontology = read_ontology(backend)
    return LoadedLexicon(read_things(backend, ontology), ontology, ground.writing)


def shipped_lexicon(backend: Backend, ground: Ground) -> Lexicon:
    """The same of a graph in memory that is loaded at each start: what was made of the same graph before is taken.

    Raises: as `open_lexicon`.
    """
    made_of = f"{digest_of(code_of(__file__, terms.__file__))} {ground.digest} {backend.digest()}"
    return kept("lexicon", sha256(made_of.encode()).hexdigest(), lambda: open_lexicon(backend, ground))


def follow_lexicon(before: Lexicon, backend: Backend, ground: Ground, document: str, quads: Iterable[Quad]) -> Lexicon:
    """The lexicon of the graph after a document was replaced by these quads; `before` stays as it is.

    Raises: EngineError.
    """
    if isinstance(before, KeptLexicon) and isinstance(backend, EmbeddedBackend) and backend.directory is not None:
        try:
            return Keeper(backend.directory, ground.directory).follow(before, backend, document, quads)
        except (OSError, sqlite3.Error) as error:
            _LOG.warning("the change of names cannot be kept (%s): all are read anew", error)
    return open_lexicon(backend, ground)


@contextmanager
def without_collector() -> Iterator[None]:
    """A hundred thousand small objects that all stay: looking for garbage among them takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
