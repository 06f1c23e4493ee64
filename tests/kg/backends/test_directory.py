"""A data directory after a clean stop, a crash in the middle of a write, and while somebody else has it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.backends.directory import Acknowledged, DataDirectory

TRIPLES = [ox.Quad(ox.NamedNode(f"http://example.org/{n}"), ox.NamedNode("x:p"), ox.Literal(str(n))) for n in range(9)]


@pytest.fixture
def files(tmp_path: Path) -> DataDirectory:
    """A directory with one triple acknowledged in snapshot 1."""
    made = DataDirectory(tmp_path)
    made.prepare()
    store = ox.Store(made.data)
    store.add(TRIPLES[0])
    store.flush()
    store.backup(made.snapshot(1))
    made.commit(Acknowledged(1, "sha256:1"))
    return made


def size(path: Path) -> int:
    return len(ox.Store.read_only(str(path)))


def test_a_new_directory_has_acknowledged_nothing(tmp_path: Path) -> None:
    assert DataDirectory(tmp_path / "new").prepare() is None


def test_what_was_acknowledged_is_found_again(files: DataDirectory) -> None:
    assert files.prepare() == Acknowledged(1, "sha256:1")
    assert size(files.data) == 1


def test_a_write_that_was_interrupted_is_undone(files: DataDirectory) -> None:
    files.begin()
    store = ox.Store(files.data)
    store.extend(TRIPLES)
    store.flush()
    store.backup(files.snapshot(2))  # and the crash comes before the acknowledgement
    del store
    assert files.prepare() == Acknowledged(1, "sha256:1")
    assert size(files.data) == 1
    assert not files.snapshot(2).exists()


def test_a_write_that_was_given_up_untouched_needs_no_repair(files: DataDirectory) -> None:
    files.begin()
    files.abort()
    assert not (files.root / "writing").exists()


def test_a_store_made_again_from_a_snapshot_can_be_written_to_and_leaves_the_snapshot_alone(
    files: DataDirectory,
) -> None:
    files.begin()
    files.restore()
    store = ox.Store(files.data)
    store.extend(TRIPLES)
    store.flush()
    store.optimize()
    del store
    assert size(files.data) == 9
    assert size(files.snapshot(1)) == 1


def test_a_load_without_a_snapshot_supersedes_what_was_acknowledged(files: DataDirectory) -> None:
    files.supersede()
    assert files.current() is None


def test_a_directory_is_locked_until_its_holder_lets_go(files: DataDirectory) -> None:
    with files.lock(), pytest.raises(OSError, match="in use"):
        files.lock()
    files.lock().close()
