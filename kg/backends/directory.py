"""A data directory: the store, the snapshots that readers open, and what was acknowledged last.

    data/              the store, open for writing in one process at a time
    snapshots/<n>/     hard-linked copies, opened read-only
    current            the number of the snapshot acknowledged last, and its digest; absent: `data/` is what counts
    digest             of what is in `data/`, where there is no `current`; absent: it must be counted
    lock               held by the process that uses the directory
    writing            there while a write that ends with a snapshot is under way

A write is acknowledged when `current` names its snapshot, all of it synced. After a crash in the middle of a write,
`data/` is made again from that snapshot: a restart finds exactly what was acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

#: The folder of a data directory that holds its snapshots.
SNAPSHOTS: Final = "snapshots"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The snapshot acknowledged last."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The files of one data directory."""

    root: Path

    def lock(self) -> IO[bytes]:
        """Keep other processes out for as long as the file that this gives stays open.

        Raises: OSError when another process is in.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        file = (self.root / "lock").open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise OSError(f"the data directory {self.root} is in use by another process") from error
        return file

    @property
    def data(self) -> Path:
        """The store that is written to."""
        return self.root / "data"

    @property
    def _fresh(self) -> Path:
        """Where a store is made; it is the store when it is renamed."""
        return self.data.with_name(self.data.name + ".new")

    def open(self) -> ox.Store:
        """The store, for writing.

        Raises: OSError, saying where it lies and what can be done.
        """
        try:
            return ox.Store(self.data)
        except (OSError, RuntimeError) as error:  # what is damaged is a RuntimeError
            raise OSError(self.unopened(error)) from error

    def unopened(self, error: Exception) -> str:
        """What to say where the store cannot be opened."""
        return (
            f"the store in {self.data} cannot be opened ({error}); if its files are damaged, put back a copy of "
            f"{self.root}, or empty it and load again"
        )

    def fill(self, quads: Iterable[ox.Quad], digest: Callable[[], str] | None) -> None:
        """Make the store of a new directory from quads, all of it or nothing; `digest` tells theirs once they are read.

        Raises: OSError, such as for a full disk; then the directory is as it was.
        """
        try:
            store = ox.Store(self._fresh)
            store.bulk_extend(quads)
            store.optimize()
            store.flush()
            del store
            sync_tree(self._fresh)
        except BaseException as error:
            shutil.rmtree(self._fresh, ignore_errors=True)
            if isinstance(error, OSError | RuntimeError):
                raise OSError(f"the store in {self.root} could not be made ({error}); nothing was kept") from error
            raise
        self._fresh.rename(self.data)
        sync_directory(self.root)
        if digest is not None:
            write_synced(self.root / "digest", digest() + "\n")

    def snapshot(self, number: int) -> Path:
        """Where a snapshot lies, or will."""
        return self.root / SNAPSHOTS / str(number)

    def prepare(self) -> Acknowledged | None:
        """Make the directory usable after whatever happened, before the store is opened; nobody reads it yet.

        Raises: OSError.
        """
        (self.root / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._fresh, ignore_errors=True)  # a load that was killed
        current = self.restore()
        for path in (self.root / SNAPSHOTS).iterdir():
            if current is None or path.name != str(current.number):
                shutil.rmtree(path)
        return current

    def restore(self) -> Acknowledged | None:
        """Undo a write that was interrupted; the store is not open.

        Raises: OSError.
        """
        current = self.current()
        interrupted = self.root / "writing"
        if current is not None and (interrupted.exists() or not self.data.is_dir()):
            _clone(self.snapshot(current.number), self.data)
        if interrupted.exists():
            interrupted.unlink()
            sync_directory(self.root)
        return current

    def current(self) -> Acknowledged | None:
        """What was acknowledged last; None when no snapshot was made since the store was last loaded."""
        path = self.root / "current"
        if not path.is_file():
            return None
        number, digest = path.read_text("ascii").split()
        return Acknowledged(int(number), digest)

    def begin(self) -> None:
        """A write begins: from now on a crash leads back to `current`."""
        (self.root / "writing").touch()
        sync_directory(self.root)

    def commit(self, done: Acknowledged) -> None:
        """The snapshot of the write lies there whole: acknowledge it.

        Raises: OSError.
        """
        sync_tree(self.snapshot(done.number))
        write_synced(self.root / "current", f"{done.number} {done.digest}\n")
        (self.root / "writing").unlink(missing_ok=True)

    def abort(self) -> None:
        """The write that began has changed nothing."""
        (self.root / "writing").unlink(missing_ok=True)

    def supersede(self) -> None:
        """The store is about to be written to without a snapshot: from now on `data/` is what counts."""
        for name in ("current", "digest"):
            (self.root / name).unlink(missing_ok=True)
        sync_directory(self.root)

    def forget(self, number: int) -> None:
        """Remove a snapshot that nobody reads any more."""
        shutil.rmtree(self.snapshot(number), ignore_errors=True)


def write_synced(path: Path, text: str) -> None:
    """Write a small file, synced: it is there whole, or as it was."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Sync the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path) -> None:
    """Sync the files of a flat directory, its names, and its own name."""
    for file in path.iterdir():
        sync_directory(file)  # a file is opened and synced in the same way
    sync_directory(path)
    sync_directory(path.parent)


def _clone(snapshot: Path, target: Path) -> None:
    """A writable store from a snapshot: table files are never changed, so they are linked; the rest is copied."""
    fresh = target.with_name(target.name + ".new")
    for path in (fresh, target):
        shutil.rmtree(path, ignore_errors=True)
    fresh.mkdir()
    for file in snapshot.iterdir():
        if file.suffix == ".sst":
            os.link(file, fresh / file.name)
        else:
            shutil.copy2(file, fresh / file.name)
    sync_tree(fresh)
    fresh.rename(target)
    sync_directory(target.parent)
