"""Where writes go: a successor of the zygote in memory, one writer and its snapshots on disk. One write at a time.

Either way readers see all of it or nothing, and no process that a reader runs in is touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from kg.backends import DeadlineExceeded, EngineError, EngineFailed, QuerySyntaxError
from kg.backends.directory import Acknowledged, DataDirectory
from kg.backends.union import EMPTY_DIGEST
from server.evaluator import wire
from server.evaluator.deaths import Death, error_of
from server.evaluator.errors import DatasetInText, DataSyntaxError, ServiceRefused
from server.evaluator.evaluation import Limits
from server.evaluator.pool import Pool
from server.evaluator.process import Zygote

_REOPEN_S: Final = 60.0
_STILL_READ_S: Final = 120.0  # longer than any query runs
#: Errors found before the first change: the writer is as good as before.
_UNTOUCHED: Final = (QuerySyntaxError, DataSyntaxError, DatasetInText, ServiceRefused)
#: Called when a write is settled and about to become visible, with the snapshot it lies in (None in memory).
Publish = Callable[[Path | None, str], None]


class Writes(Protocol):
    """What takes writes. Safe to call from several threads."""

    def apply(self, request: wire.Header, body: bytes, deadline: float, publish: Publish) -> wire.Header:
        """Do a write, visible to every query that begins after this returns.

        Raises: EngineError; then nothing has changed.
        """
        ...

    def close(self) -> None:
        """End what runs."""
        ...


def opened(message: wire.Header, body: bytes, limits: Limits, started: Zygote | None = None) -> Zygote:
    """A fresh zygote, or one started beforehand, that has opened its data.

    Raises: EngineFailed when it cannot.
    """
    zygote = started or Zygote.start()
    try:
        zygote.call({"op": "open", "limits": _as_json(limits), **message}, body)
    except (wire.Hangup, TimeoutError) as error:
        zygote.close()
        raise EngineFailed("the process that holds the graph ended while it was starting") from error
    except EngineError:
        zygote.close()
        raise
    return zygote


def _as_json(limits: Limits) -> wire.Header:
    return {name: getattr(limits, name) for name in limits.__slots__}


def _call(process: Zygote, request: wire.Header, body: bytes, deadline: float) -> wire.Header:
    """A write in a process; whatever goes wrong, the process is not to be used again.

    Raises: EngineError; wire.Hangup when it died.
    """
    try:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return process.call(request, body, timeout=left)[0]
    except TimeoutError:
        raise DeadlineExceeded("the write did not end before its deadline; nothing was changed") from None


class InMemory:
    """A successor of the zygote takes the write and, if it succeeds, is the zygote."""

    def __init__(self, pool: Pool, limits: Limits) -> None:
        self._pool = pool
        self._memory = limits.memory_bytes
        self._one = Lock()

    def apply(self, request: wire.Header, body: bytes, deadline: float, publish: Publish) -> wire.Header:
        """See `Writes.apply`."""
        message = {"op": "write", "memory_bytes": self._memory, **request}
        with self._one:
            for _ in range(3):
                parent = self._pool.zygote
                try:
                    successor = parent.succeed()
                except wire.Hangup:
                    self._pool.recover(parent)
                    continue
                reply = self._written(parent, successor, message, body, deadline)
                if reply is not None:
                    publish(None, reply.get("digest", ""))
                    self._pool.switch(successor, self._standby_of(successor))
                    return reply
        raise EngineFailed("the process that takes the write was killed again and again; nothing was changed")

    def _written(
        self, parent: Zygote, successor: Zygote, message: wire.Header, body: bytes, deadline: float
    ) -> wire.Header | None:
        """The successor's reply to the write; None where somebody killed it, or its parent: then it is ended.

        Raises: EngineError.
        """
        done = False
        try:
            reply = _call(successor, message, body, deadline)
            done = self._pool.zygote is parent  # else the parent has died meanwhile, and another has taken its place
            return reply if done else None
        except wire.Hangup:
            error = error_of(parent.death_of(successor.pid))
            if error is not None:
                raise error from None
            return None
        finally:
            if not done:
                self._pool.dismiss(successor)

    @staticmethod
    def _standby_of(successor: Zygote) -> Zygote | None:
        try:
            return successor.succeed()
        except wire.Hangup:
            return None  # the pool will notice, and nothing is lost that was acknowledged

    def close(self) -> None:
        """Nothing of its own runs."""


class OnDisk:
    """One writer applies the write to the store and makes a snapshot, which a new zygote opens read-only."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        """Raises: OSError when another process uses the directory; EngineFailed when it holds no good store."""
        self.files = DataDirectory(directory)
        self._limits = limits
        self._one = Lock()
        self._lock = self.files.lock()
        self._pool: Pool | None = None
        self._blank: Zygote | None = None
        self._starting = Lock()
        self._read_before: list[tuple[float, int]] = []
        current = self.files.prepare()
        try:
            self._writer: Zygote | None = self._open_writer()
        except EngineFailed:
            self._lock.close()
            raise
        self.current = current or self._first_snapshot()

    def serve(self, pool: Pool) -> None:
        """The pool whose readers see the writes."""
        self._pool = pool

    def open_reader(self) -> Zygote:
        """A zygote on the snapshot acknowledged last."""
        return self._reader(self.current.number)

    def apply(self, request: wire.Header, body: bytes, deadline: float, publish: Publish) -> wire.Header:
        """See `Writes.apply`. Acknowledged means that the snapshot and the pointer to it are synced."""
        with self._one:
            for _ in range(3):
                reader, done, reply = self._attempt(request, body, deadline)
                if reader is None:
                    continue
                publish(self.files.snapshot(done.number), done.digest)
                before, self.current = self.current, done
                if self._pool is not None:
                    self._pool.switch(reader)
                self._forget_before(before.number)
                return reply
        raise EngineFailed("the writer was killed again and again; nothing was changed")

    def _attempt(
        self, request: wire.Header, body: bytes, deadline: float
    ) -> tuple[Zygote | None, Acknowledged, wire.Header]:
        """The write, its snapshot, a reader of that, the acknowledgement; no reader where somebody killed the writer.

        Raises: EngineError, OSError; then, too, a next attempt begins on the snapshot acknowledged last.
        """
        writer = self._writer if self._writer is not None and self._writer.is_alive() else self._reopened()
        number = self.current.number + 1
        memory = self._limits.memory_bytes
        message = {"op": "write", "memory_bytes": memory, "digest": self.current.digest, **request}
        self.files.begin()
        try:
            reply = _call(writer, message, body, deadline)
            done = Acknowledged(number, reply.get("digest", f"generation:{number}"))
            writer.call({"op": "backup", "path": str(self.files.snapshot(number))}, timeout=_REOPEN_S)
            reader = self._reader(number)
            self.files.commit(done)
            return reader, done, reply
        except wire.Hangup:
            cause = error_of(Death(writer.family.founder_status()))
            self._abandon(writer, number)
            if cause is not None:
                raise cause from None
            return None, self.current, {}
        except _UNTOUCHED:
            self.files.abort()
            raise
        except (EngineError, OSError, TimeoutError) as error:
            self._abandon(writer, number)
            if isinstance(error, EngineError):
                raise
            raise EngineFailed(f"the write could not be stored: {error}; nothing was changed") from error

    def _forget_before(self, number: int) -> None:
        """Remove snapshots that were read until a while ago: a query on one may still open its files."""
        now = time.monotonic()
        self._read_before.append((now, number))
        while self._read_before[0][0] < now - _STILL_READ_S:
            self.files.forget(self._read_before.pop(0)[1])

    def close(self) -> None:
        """End the writer and let other processes use the directory."""
        with self._one:
            for process in (self._writer, self._blank):
                if process is not None:
                    _end(process)
            self._writer = self._blank = None
            for _, number in self._read_before:
                self.files.forget(number)
            self._lock.close()

    def _open_writer(self) -> Zygote:
        try:
            return opened({"mode": "directory", "path": str(self.files.data)}, b"", self._limits)
        except EngineError as error:
            raise EngineFailed(self.files.unopened(error)) from error

    def _reader(self, number: int) -> Zygote:
        """A zygote on a snapshot. The next one is started at once and waits: a start takes longer than a write."""
        with self._starting:  # the pool asks for readers too, when a zygote has died
            ready, self._blank = self._blank, None
        if ready is not None and not ready.is_alive():
            _end(ready)
            ready = None
        reader = opened({"mode": "snapshot", "path": str(self.files.snapshot(number))}, b"", self._limits, ready)
        with self._starting:
            if self._blank is None:
                self._blank = Zygote.start()
        return reader

    def _first_snapshot(self) -> Acknowledged:
        path = self.files.root / "digest"
        digest = path.read_text("ascii").strip() if path.is_file() else EMPTY_DIGEST
        if self._writer is not None:
            self._writer.call({"op": "backup", "path": str(self.files.snapshot(1))})
        first = Acknowledged(1, digest)
        self.files.commit(first)
        return first

    def _reopened(self) -> Zygote:
        if self._writer is not None:
            self._abandon(self._writer, self.current.number + 1)
        self.files.restore()
        self._writer = self._open_writer()
        return self._writer

    def _abandon(self, writer: Zygote, number: int) -> None:
        """After a failed write the writer and its snapshot go."""
        _end(writer)
        self._writer = None
        self.files.forget(number)


def _end(process: Zygote) -> None:
    process.kill()
    process.close()
    process.family.founder_status()
