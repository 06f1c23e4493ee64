"""The front's hands on its child processes: start a zygote, have it fork, kill by pidfd, ask how somebody died."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Final

from kg.backends import EngineError
from server.evaluator import wire
from server.evaluator.deaths import Death
from server.evaluator.errors import raise_described

#: Exec'd without `site` and without the packages' own `__init__`, which bring Flask: some 20 MiB and 0.2 s saved.
_BOOT: Final = """
import sys, types
descriptor, *packages = sys.argv[1:3]; sys.path[:] = sys.argv[3:]
for name, path in (("server", packages[0]), ("server.evaluator", packages[0] + "/evaluator")):
    module = types.ModuleType(name); module.__path__ = [path]; sys.modules[name] = module
from server.evaluator.zygote import main
main(int(descriptor))
"""
_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL
_FORK_S: Final = 5.0  # a zygote that takes longer for a fork is stopped or gone
_PROCESS_CLOCK: Final = 2  # CPUCLOCK_SCHED of the kernel's dynamic clock ids, as clock_getcpuclockid(3) makes them
_ONE_PIECE: Final = 16 * 1024
_SLOW_NICE: Final = 10


class Family:
    """A zygote that was exec'd here and all that descend from it: one process group, so that none is left a zombie.

    Whoever loses its parent becomes a child of this process (`limits.adopt_orphans`); not all are known by pid, since a
    zygote may die between a fork and its reply.
    """

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen

    def reap(self) -> bool:
        """Let go of the dead. Whether nobody of the family is left to this process."""
        try:
            while True:
                pid, status = os.waitpid(-self._popen.pid, os.WNOHANG)
                if pid == 0:
                    return False
                if pid == self._popen.pid:
                    self._popen.returncode = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            return True

    def founder_status(self) -> int | None:
        """The wait status of the exec'd process, waited for a little; None while it lives."""
        patience = time.monotonic() + 1
        while self._popen.returncode is None and time.monotonic() < patience:
            self.reap()
            time.sleep(0.0005)
        code = self._popen.returncode
        return None if code is None else -code if code < 0 else code << 8


class Child:
    """A process: its socket, pid and, on Linux, pidfd, so that a kill never meets a stranger with the same pid."""

    def __init__(self, sock: socket.socket, pid: int, pidfd: int | None) -> None:
        self.sock = sock
        self.pid = pid
        self._pidfd = pidfd
        self._closed = False
        self._closing = Lock()
        self._poll = select.poll()
        self._poll.register(sock, 0)  # a hang-up is told unasked

    def kill(self) -> None:
        """End it now; harmless where it is dead already."""
        with self._closing, contextlib.suppress(ProcessLookupError, PermissionError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            elif not self._closed:
                os.kill(self.pid, signal.SIGKILL)

    def is_alive(self) -> bool:
        """Whether it has not hung up."""
        return self.sock.fileno() >= 0 and not any(event & _GONE for _, event in self._poll.poll(0))

    def close(self) -> None:
        """Hang up: whoever still runs there ends by itself, and its family reaps it."""
        self.sock.close()
        with self._closing:
            if self._pidfd is not None:
                os.close(self._pidfd)
            self._pidfd, self._closed = None, True


class Evaluator(Child):
    """An evaluator, and the zygote it was forked from."""

    def __init__(self, sock: socket.socket, pid: int, pidfd: int | None, zygote: Zygote) -> None:
        super().__init__(sock, pid, pidfd)
        self.zygote = zygote
        self.is_slow = False
        self._wait = 0.0

    def wait_at_most(self, seconds: float) -> None:
        """How long the next message to it, and the beginning of its reply, may take."""
        if seconds != self._wait:
            self._wait = seconds
            wire.set_timeout(self.sock, socket.SO_SNDTIMEO, seconds)
            wire.set_timeout(self.sock, socket.SO_RCVTIMEO, seconds)

    def receive(self, deadline: float, came: bytes | None = None) -> tuple[wire.Header, bytes]:
        """Its reply, of which the beginning may have been read already; see `wire.receive`."""
        header, body = wire.receive(self.sock, deadline, came)
        if len(body) > _ONE_PIECE:
            self._wait = 0.0  # what came in several pieces has moved the timeout
        return header, body

    def worked_s(self) -> float:
        """Seconds of processor time that it has used in its life; on macOS, and when it is dead, the time of day.

        On a busy machine a query may have waited for most of its time: that is nothing to hold against it.
        """
        if sys.platform != "linux":
            return time.monotonic()
        try:
            return time.clock_gettime((~self.pid << 3) | _PROCESS_CLOCK)
        except OSError:
            return time.monotonic()

    def slow_down(self) -> None:
        """Give way to everybody else from now on, and use a slow query's share of memory; there is no way back."""
        if self.is_slow:
            return
        self.is_slow = True
        with contextlib.suppress(OSError, ValueError):  # it may have died
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOW_NICE)
            if hasattr(resource, "prlimit"):
                _, most = resource.prlimit(self.pid, resource.RLIMIT_AS)
                resource.prlimit(self.pid, resource.RLIMIT_AS, (most, most))


class Zygote(Child):
    """A zygote, a successor or a writer: whatever answers on a control socket. Safe to call from several threads."""

    def __init__(self, sock: socket.socket, pid: int, pidfd: int | None, family: Family) -> None:
        super().__init__(sock, pid, pidfd)
        self.family = family
        self.evaluators = 0  # running ones; kept by the pool, under its lock
        self._calls = Lock()

    @classmethod
    def start(cls) -> Zygote:
        """Exec a fresh one, which holds nothing yet.

        Raises: OSError when the system gives no process.
        """
        here = Path(__file__).resolve().parent
        ours, theirs = socket.socketpair()
        paths = [path for path in (str(here.parent.parent), *sys.path) if path]
        environment = {**os.environ, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0"}
        environment.pop("BACKSTORY_TOKEN", None)
        with theirs:
            popen = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", _BOOT, str(theirs.fileno()), str(here.parent), *paths],
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        pidfd = os.pidfd_open(popen.pid) if hasattr(os, "pidfd_open") else None
        return cls(ours, popen.pid, pidfd, Family(popen))

    def call(
        self, header: wire.Header, body: bytes = b"", *, timeout: float | None = None, give: socket.socket | None = None
    ) -> tuple[wire.Header, list[int]]:
        """Ask it something; gives the reply and the descriptors that came with it.

        Raises: EngineError as described in the reply; wire.Hangup when it is dead; TimeoutError, after which it counts
        as dead, since its reply would be taken for that to the next question.
        """
        with self._calls:
            try:
                self.sock.settimeout(timeout)
                wire.send(self.sock, header, body, () if give is None else (give.fileno(),))
                reply, _, descriptors = wire.receive_with_descriptors(self.sock)
            except TimeoutError:
                self.sock.close()
                raise
            except OSError as error:
                raise wire.Hangup from error
        raise_described(reply)
        return reply, descriptors

    def fork(self) -> Evaluator:
        """A fresh evaluator.

        Raises: wire.Hangup when the zygote is dead.
        """
        sock, pid, pidfd = self._offspring("fork")
        return Evaluator(sock, pid, pidfd, self)

    def succeed(self) -> Zygote:
        """A copy of itself, which shares its memory and takes the next write, or stands by.

        Raises: wire.Hangup when the zygote is dead.
        """
        return Zygote(*self._offspring("succeed"), self.family)

    def _offspring(self, kind: str) -> tuple[socket.socket, int, int | None]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                reply, descriptors = self.call({"op": kind}, timeout=_FORK_S, give=theirs)
        except (wire.Hangup, TimeoutError, EngineError) as error:
            ours.close()
            raise wire.Hangup from error
        return ours, reply["pid"], descriptors[0] if descriptors else None

    def death_of(self, pid: int) -> Death:
        """How a child died; with no status when nobody knows any more."""
        try:
            reply, _ = self.call({"op": "status", "pid": pid}, timeout=5)
        except (wire.Hangup, TimeoutError):
            return Death(None)
        return Death(reply["status"], reply["by_a_stack"])

    def close(self) -> None:
        """See `Child.close`. A call that waits is woken first: its descriptor, closed, might soon be another's."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        with self._calls:
            super().close()
