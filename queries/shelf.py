"""The file that keeps a lexicon: its tables, and the rows that a thing and a warning take in them.

SQLite, since it comes with Python, is read a page at a time, and changes in transactions. Each row holds for the states
`[since, until)` of the graph: a write of a document makes the next state in the same file, while answers in flight, and
the edition before, still read theirs. A state is named by the digest of the graph.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queries.lexicon import entries, spoken_keys, words_shown
from queries.things import Thing, Warning_
from queries.triage import document_of
from queries.words import Writing

#: Another number for each other shape of the tables, or other way to make their rows from a graph.
FORMAT: Final = 1
#: The state at which a row that still holds will cease to.
NEVER: Final = 1 << 62
#: A row holds in state ?.
HOLDS: Final = "since <= :state AND until > :state"
BUSY_S: Final = 30.0

Row = tuple[str, ...]
#: The versioned tables: their columns, of which those before the bar make a row unique.
TABLES: Final[Mapping[str, str]] = {
    "thing": "iri | body",
    "name": "phrase iri |",
    "spoken": "key iri |",
    "member": "kind label iri |",
    "narrower": "broader iri |",
    "pattern": "iri |",
    "warning": "trigger document iri | body",
}
_OTHERS: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE state (number INTEGER PRIMARY KEY, digest TEXT);
CREATE TABLE word (word TEXT, shown INTEGER, since INTEGER, until INTEGER, PRIMARY KEY (word, since)) WITHOUT ROWID;
CREATE TABLE uses (word TEXT PRIMARY KEY, names INTEGER, shown INTEGER) WITHOUT ROWID;
CREATE TABLE near (key TEXT, word TEXT, PRIMARY KEY (key, word)) WITHOUT ROWID;
CREATE TABLE long (first TEXT, length INTEGER, word TEXT, PRIMARY KEY (first, length, word)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by table, and the words of names with whether each stands in a name that is shown."""

    tables: Mapping[str, frozenset[Row]]
    words: Mapping[str, bool]


NOTHING: Final = Rows({}, {})


def columns(table: str) -> tuple[list[str], list[str]]:
    """The columns of a versioned table: those that make a row unique, and all."""
    unique, _, others = TABLES[table].partition("|")
    return unique.split(), unique.split() + others.split()


def create(connection: sqlite3.Connection) -> None:
    """Make the tables."""
    for table in TABLES:
        unique, every = columns(table)
        texts = ", ".join(f"{name} TEXT" for name in every)
        key = ", ".join([*unique, "since"])
        connection.execute(
            f"CREATE TABLE {table} ({texts}, since INTEGER, until INTEGER, PRIMARY KEY ({key})) WITHOUT ROWID"
        )
    connection.executescript(_OTHERS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; the connection commits each statement unless a transaction is begun.

    Raises: sqlite3.Error.
    """
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    # Pages are mapped, so that all connections, and the system's cache, share them; each has little of its own.
    connection.execute("PRAGMA mmap_size = 4294967296")
    connection.execute("PRAGMA cache_size = -256")
    return connection


def rows_of_thing(thing: Thing, writing: Writing) -> Rows:
    """What a thing takes in the tables."""
    runs = list(entries(thing, writing))
    shown = words_shown(thing, writing)
    named = {word for run in runs for word in run} | shown
    label = thing.label.lower()
    tables = {
        "thing": frozenset({(thing.iri, _thing_body(thing))}),
        "name": frozenset((written(run), thing.iri) for run in runs),
        "spoken": frozenset((key, thing.iri) for key in spoken_keys(thing)),
        "member": frozenset((kind, label, thing.iri) for kind in thing.kinds),
        "narrower": frozenset((broader, thing.iri) for broader in thing.broader),
        "pattern": frozenset({(thing.iri,)} if thing.patterns else ()),
    }
    return Rows(tables, {word: word in shown for word in named if word.isalpha()})


def rows_of_warnings(warnings: Iterable[Warning_]) -> Rows:
    """What warnings take in the tables."""
    rows = frozenset(
        (trigger, document_of(warning), warning.iri, _warning_body(warning))
        for warning in warnings
        for trigger in warning.triggers
    )
    return Rows({"warning": rows}, {})


def written(words: Sequence[str]) -> str:
    """A run of words as it is kept: each with a space after it, so that a run is a prefix of those that go on."""
    return "".join(f"{word} " for word in words)


def _thing_body(thing: Thing) -> str:
    return json.dumps(
        (
            thing.label,
            thing.alt_labels,
            thing.hidden_labels,
            thing.patterns,
            thing.kinds,
            thing.broader,
            thing.definition,
            thing.defined_by,
        ),
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _warning_body(warning: Warning_) -> str:
    parts = (warning.passage, sorted(warning.triggers), warning.action, warning.rank, warning.level)
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def warning_of(iri: str, body: str) -> Warning_:
    """The warning of a row."""
    passage, triggers, action, rank, level = json.loads(body)
    return Warning_(iri, passage, frozenset(triggers), action, rank, level)


def shorter(word: str) -> Iterator[str]:
    """The word, and the word with each of its letters left out in turn."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
