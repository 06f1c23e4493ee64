"""Keeps a lexicon in a file beside the store, under the digest of the graph: found again at a start, made where it is
missing, damaged or of another graph, and brought up to date by a write of a document.

Nothing is lost with the file: all of it comes from the store. It is made under another name, and put in place when it
is whole and synced.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import Final

from kg.backends.directory import sync_directory
from kg.backends.embedded import EmbeddedBackend
from kg.terms import ENTITIES_GRAPH, KG, Iri, Quad, Term
from queries.kept import KeptLexicon, Shelf
from queries.shelf import (
    FORMAT,
    NEVER,
    TABLES,
    Rows,
    columns,
    connect,
    create,
    rows_of_thing,
    rows_of_warnings,
    shorter,
)
from queries.spelling import LONG, SHORTEST
from queries.things import Term_, Thing, facts_of, read_ontology, thing_of
from queries.triage import read_warnings
from queries.words import LANGUAGE_DIR, Writing

FILE: Final = "lexicon.sqlite"
_WRITING: Final = "en.writing.yaml"
#: Things whose rows are entered together,.
TOGETHER: Final = 2_000
#: A document that says how urgent an action is changes the warnings of others.
_OF_ACTIONS: Final = frozenset({f"{KG}urgencyRank", f"{KG}safetyLevel"})


@dataclass(frozen=True)
class Keeper:
    """The file of one data directory, and how names are written in it. One thread at a time."""

    directory: Path
    language_dir: Path = LANGUAGE_DIR

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.directory / FILE

    def open(self, store: EmbeddedBackend) -> KeptLexicon:
        """The lexicon of a store's graph: as it was kept, or made now (some 15 s for 100,000 things).

        Raises: EngineError, OSError, sqlite3.Error where it can be neither read nor made.
        """
        ontology, writing = read_ontology(store), Writing.load(self.language_dir / _WRITING)
        digest = store.digest() or ""
        state = self._state_of(digest)
        if state is None:
            self._make(store, ontology, writing, digest)
            state = 1
        return KeptLexicon(Shelf(self.path, state), ontology, writing)

    def follow(self, before: KeptLexicon, store: EmbeddedBackend, document: str, quads: Iterable[Quad]) -> KeptLexicon:
        """The lexicon after a document was replaced by these quads; `store` has them already. `before` stays as it is.

        Raises: EngineError, OSError, sqlite3.Error; the file then keeps what it had.
        """
        writing, ontology = Writing.load(self.language_dir / _WRITING), before.ontology
        ours = [quad for quad in quads if quad.graph is not None and quad.graph.value == ENTITIES_GRAPH]
        if any(quad.predicate.value in _OF_ACTIONS for quad in ours):
            return self.open(store)
        touched = sorted({quad.subject.value for quad in ours if isinstance(quad.subject, Iri)})
        state = before.shelf.state + 1
        now = {iri: thing_of(iri, about, ontology) for iri, about in facts_of(store, touched).items()}
        with closing(connect(self.path)) as connection, _transaction(connection):
            for iri in touched:
                old, new = before.things.get(iri), now.get(iri)
                _change(connection, state, _rows(old, writing), _rows(new, writing))
            _change_warnings(connection, state, document, rows_of_warnings(read_warnings(store, document)))
            connection.execute("INSERT INTO state VALUES (?, ?)", (state, store.digest()))
        return KeptLexicon(Shelf(self.path, state), ontology, writing)

    def _stamp(self) -> str:
        """What the rows depend on beside the graph."""
        return f"{FORMAT} {sha256((self.language_dir / _WRITING).read_bytes()).hexdigest()}"

    def _state_of(self, digest: str) -> int | None:
        """The state of a graph in the file; None where the file is missing, damaged, or never had that graph last."""
        if not self.path.is_file():
            return None
        try:
            with closing(connect(self.path)) as connection:
                stamp = connection.execute("SELECT value FROM about WHERE name = 'stamp'").fetchone()
                last = connection.execute("SELECT number, digest FROM state ORDER BY number DESC LIMIT 1").fetchone()
                if stamp != (self._stamp(),) or last is None or last[1] != digest:
                    return None
                if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    return None
                _forget_before(connection, last[0])
                return int(last[0])
        except sqlite3.DatabaseError:
            return None

    def _make(self, store: EmbeddedBackend, ontology: Mapping[str, Term_], writing: Writing, digest: str) -> None:
        fresh = self.path.with_name(FILE + ".new")
        _remove(fresh)
        try:
            with closing(connect(fresh)) as connection:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole, below
                connection.execute("PRAGMA cache_size = -65536")
                create(connection)
                with _transaction(connection):
                    _fill(connection, _things(store, ontology), writing)
                    _enter(connection, 1, rows_of_warnings(read_warnings(store)))
                    connection.execute("INSERT INTO about VALUES ('stamp', ?)", (self._stamp(),))
                    connection.execute("INSERT INTO state VALUES (1, ?)", (digest,))
            with closing(connect(fresh)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")  # readers go on while a write changes the file
            sync_directory(fresh)
            _remove(self.path)
            fresh.replace(self.path)
            sync_directory(self.directory)
        except BaseException:
            _remove(fresh)
            raise


def _remove(path: Path) -> None:
    """A file of SQLite goes with its log, which would be taken for that of the next one."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _things(store: EmbeddedBackend, ontology: Mapping[str, Term_]) -> Iterator[Thing]:
    for subject, quads in groupby(store.statements(ENTITIES_GRAPH), key=lambda quad: quad.subject):
        about: dict[str, list[Term]] = {}
        for quad in quads:
            about.setdefault(quad.predicate.value, []).append(quad.object)
        thing = thing_of(subject.value, about, ontology) if isinstance(subject, Iri) else None
        if thing is not None:
            yield thing


def _rows(thing: Thing | None, writing: Writing) -> Rows:
    return rows_of_thing(thing, writing) if thing is not None else Rows({}, {})


def _fill(connection: sqlite3.Connection, things: Iterator[Thing], writing: Writing) -> None:
    """The rows of all things, as the first state."""
    uses: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    while some := list(islice(things, TOGETHER)):
        found = [rows_of_thing(thing, writing) for thing in some]
        tables = {table: frozenset(row for rows in found for row in rows.tables.get(table, ())) for table in TABLES}
        _enter(connection, 1, Rows(tables, {}))
        for rows in found:
            uses.update(rows.words)
            shown.update(word for word, is_shown in rows.words.items() if is_shown)
    connection.executemany("INSERT INTO uses VALUES (?, ?, ?)", ((w, n, shown[w]) for w, n in uses.items()))
    connection.executemany("INSERT INTO word VALUES (?, ?, 1, ?)", ((w, shown[w] > 0, NEVER) for w in uses))
    for word in uses:
        _spell(connection, word)


def _enter(connection: sqlite3.Connection, state: int, rows: Rows) -> None:
    for table, found in rows.tables.items():
        marks = ", ".join("?" for _ in columns(table)[1])
        values = ((*row, state, NEVER) for row in sorted(found))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks}, ?, ?)", values)  # noqa: S608 - names of ours


def _end(connection: sqlite3.Connection, state: int, rows: Rows) -> None:
    for table, found in rows.tables.items():
        unique = columns(table)[0]
        where = " AND ".join(f"{name} = ?" for name in unique)
        values = ((state, *row[: len(unique)], NEVER) for row in found)
        connection.executemany(f"UPDATE {table} SET until = ? WHERE {where} AND until = ?", values)  # noqa: S608


def _change(connection: sqlite3.Connection, state: int, old: Rows, new: Rows) -> None:
    """From this state on the new rows hold instead of the old."""
    empty: frozenset[tuple[str, ...]] = frozenset()
    pairs = {table: (old.tables.get(table, empty), new.tables.get(table, empty)) for table in TABLES}
    _end(connection, state, Rows({table: one - other for table, (one, other) in pairs.items()}, {}))
    _enter(connection, state, Rows({table: other - one for table, (one, other) in pairs.items()}, {}))
    for word in old.words.keys() | new.words.keys():
        names = (word in new.words) - (word in old.words)
        shown = new.words.get(word, False) - old.words.get(word, False)
        if names or shown:
            _count(connection, state, word, names, shown)


def _count(connection: sqlite3.Connection, state: int, word: str, names: int, shown: int) -> None:
    """Count a word's uses; where that changes whether it is known or shown, so it is from this state on."""
    before = connection.execute("SELECT names, shown FROM uses WHERE word = ?", (word,)).fetchone() or (0, 0)
    after = (before[0] + names, before[1] + shown)
    connection.execute("INSERT OR REPLACE INTO uses VALUES (?, ?, ?)", (word, *after))
    was, now = (before[0] > 0, before[1] > 0), (after[0] > 0, after[1] > 0)
    if was == now:
        return
    connection.execute("DELETE FROM word WHERE word = ? AND since = ?", (word, state))
    connection.execute("UPDATE word SET until = ? WHERE word = ? AND until = ?", (state, word, NEVER))
    if now[0]:
        connection.execute("INSERT INTO word VALUES (?, ?, ?, ?)", (word, now[1], state, NEVER))
        _spell(connection, word)


def _spell(connection: sqlite3.Connection, word: str) -> None:
    """Enter a word where the correction of spelling looks for it."""
    if len(word) >= SHORTEST:
        rows = ((key, word) for key in {word, *shorter(word)})
        connection.executemany("INSERT OR IGNORE INTO near VALUES (?, ?)", rows)
    if len(word) >= LONG - 1:
        connection.execute("INSERT OR IGNORE INTO long VALUES (?, ?, ?)", (word[0], len(word), word))


def _change_warnings(connection: sqlite3.Connection, state: int, document: str, new: Rows) -> None:
    """From this state on a document has these warnings."""
    query = "SELECT trigger, document, iri, body FROM warning WHERE document = ? AND until = ?"
    found = connection.execute(query, (document, NEVER)).fetchall()
    _change(connection, state, Rows({"warning": frozenset(found)}, {}), new)


def _forget_before(connection: sqlite3.Connection, state: int) -> None:
    """Remove the rows that no longer hold in this state, the last one: nobody reads the file yet."""
    if connection.execute("SELECT COUNT(*) FROM state").fetchone() == (1,):
        return
    with _transaction(connection):
        for table in (*TABLES, "word"):
            connection.execute(f"DELETE FROM {table} WHERE until <= ?", (state,))  # noqa: S608 - names of ours
        connection.execute("DELETE FROM state WHERE number < ?", (state,))
