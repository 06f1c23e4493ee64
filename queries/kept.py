"""A lexicon read from its file: nothing of it is loaded before it is asked for, and little of it is kept in memory."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kg.backends import EngineFailed
from kg.terms import KG
from queries.lexicon import class_label, enter_patterns
from queries.shelf import HOLDS, connect, warning_of, written
from queries.things import Term_, Thing, Warning_, ancestors
from queries.trie import Found, Reading, Trie
from queries.words import Writing

#: What is looked up is kept, so many entries of a kind; then all are let go.
KEPT: Final = 20_000


class Shelf:
    """One state of a lexicon's file, open for reading. Safe to share between threads: each takes a connection."""

    def __init__(self, path: Path, state: int) -> None:
        self.path = path
        self.state = state
        self._idle: deque[sqlite3.Connection] = deque()

    def rows(self, select: str, rest: str = "", **values: object) -> list[tuple[Any, ...]]:
        """What a SELECT (columns, tables, and a WHERE to its end) gives of the rows that hold in this state.

        Raises: EngineFailed for a file that is damaged; it is then made again at the next start.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self.path)
        try:
            query = f"SELECT {select} AND {HOLDS} {rest}"
            return connection.execute(query, {"state": self.state, **values}).fetchall()
        except sqlite3.OperationalError as error:
            raise EngineFailed(f"the file of names cannot be read ({error})") from None
        except sqlite3.DatabaseError as error:
            self.path.unlink(missing_ok=True)
            raise EngineFailed(f"the file of names is damaged ({error}); a restart makes it again") from None
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()


class Things(Mapping[str, Thing]):
    """The things of a lexicon by IRI."""

    def __init__(self, shelf: Shelf, ontology: Mapping[str, Term_]) -> None:
        self._shelf = shelf
        self._ontology = ontology
        self._kept: dict[str, Thing | None] = {}
        self._classes: dict[tuple[str, ...], frozenset[str]] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """The thing, or the default."""
        thing = self._read(key)
        return default if thing is None else thing

    def __getitem__(self, key: str) -> Thing:
        thing = self._read(key)
        if thing is None:
            raise KeyError(key)
        return thing

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._read(key) is not None

    def __iter__(self) -> Iterator[str]:
        return (iri for (iri,) in self._shelf.rows("iri FROM thing WHERE 1", "ORDER BY iri"))

    def __len__(self) -> int:
        return int(self._shelf.rows("COUNT(*) FROM thing WHERE 1")[0][0])

    def _read(self, iri: str) -> Thing | None:
        if iri not in self._kept:
            found = self._shelf.rows("body FROM thing WHERE iri = :iri", iri=iri)
            if len(self._kept) > KEPT:
                self._kept.clear()
            self._kept[iri] = self._made(iri, found[0][0]) if found else None
        return self._kept.get(iri)

    def _made(self, iri: str, body: str) -> Thing:
        label, alts, hidden, patterns, kinds, broader, definition, defined_by = json.loads(body)
        return Thing(
            iri=iri,
            label=label,
            alt_labels=tuple(alts),
            hidden_labels=tuple(hidden),
            patterns=tuple(patterns),
            kind=kinds[0] if kinds else f"{KG}Thing",
            classes=self._all_classes(tuple(kinds)),
            broader=tuple(broader),
            definition=definition,
            defined_by=tuple(defined_by),
            kinds=tuple(kinds),
        )

    def _all_classes(self, kinds: tuple[str, ...]) -> frozenset[str]:
        if kinds not in self._classes:
            self._classes[kinds] = frozenset(one for kind in kinds for one in ancestors(kind, self._ontology))
        return self._classes[kinds]


class Names:
    """The names of a lexicon's things; see `queries.trie.Phrases`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: dict[str, tuple[Reading, ...] | None] = {}

    @property
    def words(self) -> set[str]:
        """None: they are too many to be listed, and are looked up in `Words`."""
        return set()

    def matches(self, words: Sequence[str], start: int) -> Found:
        """The names that begin at `start`: where each ends, and what it names, shortest first."""
        out: Found = []
        run = ""
        for at in range(start, len(words)):
            run += words[at] + " "
            found = self._at(run)
            if found is None:
                break
            if found:
                out.append((at + 1, found))
        return out

    def made_of(self, words: Collection[str]) -> Iterator[tuple[str, ...]]:
        """The names that have no other words than these."""
        todo: list[tuple[str, ...]] = [()]
        while todo:
            before = todo.pop()
            for word in words:
                run = (*before, word)
                found = self._at(written(run))
                if found is not None:
                    todo.append(run)
                    if found:
                        yield run

    def _at(self, run: str) -> tuple[Reading, ...] | None:
        """What a run of words names; nothing where names only go on from there, None where none does."""
        try:
            return self._kept[run]
        except KeyError:
            pass
        if len(self._kept) > KEPT:
            self._kept.clear()
        found = self._kept[run] = self._look_up(run)
        return found

    def _look_up(self, run: str) -> tuple[Reading, ...] | None:
        first = self._shelf.rows("phrase FROM name WHERE phrase >= :run", "ORDER BY phrase LIMIT 1", run=run)
        if not first or not first[0][0].startswith(run):
            return None
        if first[0][0] != run:
            return ()
        named = self._shelf.rows("iri FROM name WHERE phrase = :run", "ORDER BY iri", run=run)
        return tuple(Reading("thing", iri) for (iri,) in named)


class Words:
    """The words of all names; see `queries.lexicon.NameWords`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: dict[str, bool] = {}

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        known = self._kept.get(word)
        if known is None:
            if len(self._kept) > KEPT:
                self._kept.clear()
            found = self._shelf.rows("1 FROM word WHERE word = :word", word=word)
            known = self._kept[word] = bool(found)
        return known

    def near(self, keys: Iterable[str]) -> Iterable[tuple[str, bool]]:
        """See `NameWords.near`."""
        wanted = {f"k{n}": key for n, key in enumerate(dict.fromkeys(keys))}
        marks = ", ".join(f":{name}" for name in wanted)
        found = self._shelf.rows(
            f"DISTINCT word, shown FROM near JOIN word USING (word) WHERE key IN ({marks})", **wanted
        )
        return [(word, bool(shown)) for word, shown in found]

    def long(self, first: str, least: int, most: int) -> Iterable[tuple[str, bool]]:
        """See `NameWords.long`."""
        select = "word, shown FROM long JOIN word USING (word) WHERE first = :first AND length BETWEEN :least AND :most"
        return [(w, bool(shown)) for w, shown in self._shelf.rows(select, first=first, least=least, most=most)]


class Triggers:
    """The warnings of all documents by trigger; see `queries.things.Triggers`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def get(self, finding: str, /) -> Sequence[Warning_]:
        """The warnings that this finding triggers."""
        found = self._shelf.rows("iri, body FROM warning WHERE trigger = :finding", "ORDER BY iri", finding=finding)
        return [warning_of(iri, body) for iri, body in found]


class KeptLexicon:
    """A lexicon in its file; see `queries.lexicon.Lexicon`."""

    def __init__(self, shelf: Shelf, ontology: Mapping[str, Term_], writing: Writing) -> None:
        self.ontology = ontology
        self.things: Mapping[str, Thing] = Things(shelf, ontology)
        self.names = Trie(Names(shelf))
        self.words = Words(shelf)
        self.triggers = Triggers(shelf)
        self.shelf = shelf
        for (iri,) in shelf.rows("iri FROM pattern WHERE 1", "ORDER BY iri"):
            enter_patterns(self.things[iri], self.names, writing)

    def class_label(self, iri: str) -> str:
        """See `Lexicon`."""
        return class_label(iri, self.ontology)

    def in_classes(self, classes: tuple[str, ...], most: int | None = None) -> list[Thing]:
        """See `Lexicon`."""
        kinds = {f"k{n}": kind for n, kind in enumerate(self._kinds(classes))}
        marks = ", ".join(f":{name}" for name in kinds)
        select, rest = f"DISTINCT label, iri FROM member WHERE kind IN ({marks})", "ORDER BY label, iri LIMIT :most"
        found = self.shelf.rows(select, rest, most=-1 if most is None else most, **kinds)
        return [self.things[iri] for _, iri in found]

    def _kinds(self, classes: tuple[str, ...]) -> list[str]:
        """These classes and all narrower ones."""
        return [iri for iri in (*self.ontology, *classes) if not ancestors(iri, self.ontology).isdisjoint(classes)]

    def find(self, text: str, classes: tuple[str, ...]) -> Thing | None:
        """See `Lexicon`."""
        key = text.strip().lower()
        named = self.shelf.rows("iri FROM spoken WHERE key = :key", key=key)
        found = [self.things[iri] for (iri,) in named]
        fitting = [thing for thing in found if not thing.classes.isdisjoint(classes)]
        return min(fitting, key=lambda thing: (thing.label.lower(), thing.iri), default=None)

    def narrower(self, iri: str) -> tuple[str, ...]:
        """See `Lexicon`."""
        return tuple(
            one for (one,) in self.shelf.rows("iri FROM narrower WHERE broader = :iri", "ORDER BY iri", iri=iri)
        )

    def shown_words(self, writing: Writing) -> set[str]:
        """None: each word says so itself (see `Words`)."""
        return set()
