"""The lexicon in its file answers as the one in memory, is made again when it is of no use, and follows each write."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kg.backends.embedded import EmbeddedBackend
from kg.dataset import load_dataset
from kg.terms import DOC, ENTITIES_GRAPH, ID, KG, PREFIXES, Iri, Literal, Quad, document_iri
from queries.answering import Answering
from queries.keeping import FILE
from queries.kept import KeptLexicon
from queries.shelf import TABLES, columns

ENTITIES = Iri(ENTITIES_GRAPH)
RDFS_LABEL = Iri(f"{PREFIXES['rdfs']}label")
ALT = Iri(f"{PREFIXES['skos']}altLabel")
TYPE = Iri(f"{PREFIXES['rdf']}type")
NEW = document_iri("new")


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedBackend:
    return EmbeddedBackend.on_disk(tmp_path, load_dataset().quads)


def damaged(path: Path, where: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(where)
        file.write(b"\xa5" * length)


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows that hold in the last state, by table; the index of spellings by what it finds."""
    with closing(sqlite3.connect(path)) as connection:
        state = connection.execute("SELECT MAX(number) FROM state").fetchone()[0]
        found = {}
        for table in (*TABLES, "word"):
            names = ", ".join(columns(table)[1]) if table in TABLES else "word, shown"
            query = f"SELECT {names} FROM {table} WHERE since <= ? AND until > ? ORDER BY {names}"
            found[table] = connection.execute(query, (state, state)).fetchall()
        return found


def named(iri: str, *names: str) -> list[Quad]:
    """A document that says nothing but that there is a thing with these names."""
    own = Iri(NEW)
    quads = [
        Quad(own, TYPE, Iri(f"{KG}Document"), own),
        Quad(Iri(iri), TYPE, Iri(f"{KG}Drug"), ENTITIES),
        Quad(Iri(iri), RDFS_LABEL, Literal(names[0], f"{PREFIXES['rdf']}langString", "en"), ENTITIES),
    ]
    return quads + [Quad(Iri(iri), ALT, Literal(n, f"{PREFIXES['rdf']}langString", "en"), ENTITIES) for n in names[1:]]


def test_every_example_of_the_catalogue_is_answered_as_from_memory(store: EmbeddedBackend) -> None:
    kept, loaded = Answering.load(store), Answering.load(EmbeddedBackend.in_memory(load_dataset().quads))
    assert isinstance(kept.lexicon, KeptLexicon)
    asked = [str(example["ask"]) for template in kept.templates for example in template.examples]
    misspelt = ["side efects of methocarbamol", "what cuases back spasms", "is cyclobenzaprin a relaxant", "xyzzy"]
    differing = [text for text in (*asked, *misspelt) if kept.ask(text).as_json() != loaded.ask(text).as_json()]
    assert differing == []


def test_a_second_start_finds_the_file_and_leaves_it_as_it_is(store: EmbeddedBackend, tmp_path: Path) -> None:
    Answering.load(store)
    before = (tmp_path / FILE).stat().st_ino
    Answering.load(store)
    assert (tmp_path / FILE).stat().st_ino == before


@pytest.mark.parametrize("damage", ["missing", "empty", "no database", "cut off", "overwritten", "another graph's"])
def test_a_file_that_is_of_no_use_is_made_again(store: EmbeddedBackend, tmp_path: Path, damage: str) -> None:
    Answering.load(store)
    path, whole = tmp_path / FILE, contents(tmp_path / FILE)
    size = path.stat().st_size
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "no database":
        path.write_bytes(b"these are no names\n" * 1000)
    elif damage == "cut off":
        with path.open("r+b") as file:
            file.truncate(size // 2)
    elif damage == "overwritten":
        damaged(path, size // 3, size // 3)
    else:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE state SET digest = 'sha256:0'")
            connection.execute("DELETE FROM name")
    answer = Answering.load(store).ask("side effects of methocarbamol")
    assert answer.status == "answered"
    assert contents(path) == whole


def test_a_making_that_breaks_off_leaves_no_file(
    store: EmbeddedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("queries.keeping.rows_of_warnings", broken)
        with pytest.raises(KeyboardInterrupt):
            Answering.load(store)
    assert list(tmp_path.glob(f"{FILE}*")) == []
    assert Answering.load(store).ask("side effects of methocarbamol").status == "answered"


def test_where_no_file_can_be_kept_the_names_are_read_into_memory_and_that_is_said(
    store: EmbeddedBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).mkdir()  # nothing can be put in the place of a directory
    with caplog.at_level(logging.WARNING, "backstory"):
        answering = Answering.load(store)
    assert not isinstance(answering.lexicon, KeptLexicon)
    assert answering.ask("side effects of methocarbamol").status == "answered"
    assert "cannot be kept beside the store" in caplog.text


def test_a_write_changes_what_it_changes_and_the_edition_before_stays_as_it_was(
    store: EmbeddedBackend, tmp_path: Path
) -> None:
    before = Answering.load(store)
    quads = named(f"{ID}Zorbitol", "zorbitol", "zorba tablet")
    store.replace(NEW, quads)
    after = before.after(store, NEW, quads)
    assert after.lexicon.things[f"{ID}Zorbitol"].label == "zorbitol"
    assert after.knows("zorbitol")
    assert [r.name for r in after.lexicon.names.readings(["zorba", "tablets"])] == [f"{ID}Zorbitol"]
    assert f"{ID}Zorbitol" not in before.lexicon.things
    assert before.lexicon.names.readings(["zorbitol"]) == ()
    assert not before.knows("zorbitol")
    followed = contents(tmp_path / FILE)
    (tmp_path / FILE).unlink()
    Answering.load(store)
    assert contents(tmp_path / FILE) == followed


def test_what_a_write_has_changed_is_found_after_a_restart(store: EmbeddedBackend, tmp_path: Path) -> None:
    quads = named(f"{ID}Zorbitol", "zorbitol")
    before = Answering.load(store)
    store.replace(NEW, quads)
    before.after(store, NEW, quads)
    made = (tmp_path / FILE).stat().st_ino
    again = Answering.load(store)
    assert (tmp_path / FILE).stat().st_ino == made
    assert again.lexicon.find("Zorbitol", (f"{KG}Drug",)) is not None


def test_the_warnings_of_a_document_go_with_it(store: EmbeddedBackend) -> None:
    before = Answering.load(store)
    text = "I cannot control my bladder"
    assert before.ask(text).safety.level != "none"
    page = f"{DOC}back-spasms/"
    store.replace(page, [])
    assert before.after(store, page, []).ask(text).safety.level == "none"
