"""The evaluators that are ready, and the zygote they come from: replaced at once when they are killed or outdated.

A generation is one zygote and its evaluators. A write makes a new generation: idle evaluators of the old one go at
once, running ones end on the data they began on, and then their zygote goes. The same happens when a zygote dies; in
memory a standby, forked from it beforehand, takes its place with all that was written.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Final

from kg.backends import EngineError, EngineUnreachable
from server.evaluator import wire
from server.evaluator.deaths import error_of
from server.evaluator.process import Evaluator, Zygote

_SPARES: Final = 3  # evaluators that are ready at any time; where more were needed, more are kept for a while
_QUIET_ROUNDS: Final = 30  # the keeper's rounds until one of those goes
_WATCH_S: Final = 1.0  # the keeper looks after the zygote at least so often


class Pool:
    """Evaluators of the current generation. Safe to use from several threads."""

    def __init__(self, zygote: Zygote, reopen: Callable[[], Zygote], *, most: int, standby: bool) -> None:
        self._zygote = zygote
        self._reopen = reopen
        self._spares = min(_SPARES, most)
        self._most = most
        self._quiet_rounds = 0
        self._wants_standby = standby
        self._standby: Zygote | None = None
        self._idle: dict[bool, list[Evaluator]] = {False: [], True: []}
        self._lock = threading.Lock()
        self._repair = threading.Lock()
        self._wanted = threading.Event()
        self._closed = False
        self._families = {zygote.family}
        self.restarts = 0
        self._fill()
        self._keeper = threading.Thread(target=self._keep, name="evaluator keeper", daemon=True)
        self._keeper.start()

    @property
    def zygote(self) -> Zygote:
        """The zygote of the current generation."""
        return self._zygote

    def take(self, *, slow: bool) -> Evaluator:
        """An evaluator of the current generation; if it turns out to be dead, `after_kill`.

        Raises: EngineUnreachable when no evaluator can be made.
        """
        for _ in range(20):
            evaluator = self._pop(slow) or self._fork()
            if evaluator is not None:
                if slow:
                    evaluator.slow_down()
                return evaluator
        raise EngineUnreachable("no evaluator can be started at the moment")

    def take_ready(self) -> Evaluator | None:
        """The same for a fast query, if one is ready: nobody waits here."""
        return self._pop(slow=False)

    def give_back(self, evaluator: Evaluator) -> None:
        """It has answered and may answer again."""
        with self._lock:
            current = evaluator.zygote is self._zygote and not self._closed
            if current and len(self._idle[evaluator.is_slow]) < self._most + self._spares:
                evaluator.zygote.evaluators -= 1
                self._idle[evaluator.is_slow].append(evaluator)
                return
        self.discard(evaluator)

    def discard(self, evaluator: Evaluator) -> None:
        """Kill it; another takes its place."""
        evaluator.kill()
        with self._lock:
            zygote = evaluator.zygote
            zygote.evaluators -= 1
            outdated = zygote is not self._zygote and zygote.evaluators == 0
        evaluator.close()
        if outdated:
            zygote.close()
        self._wanted.set()

    def dismiss(self, zygote: Zygote) -> None:
        """End a process that was to become a zygote and will not."""
        zygote.kill()
        zygote.close()

    def after_kill(self, evaluator: Evaluator) -> None:
        """Somebody killed an evaluator: let nobody else meet those that were killed with it.

        A killed zygote takes its evaluators along, and on a busy machine they still look alive for a while: a query
        met one after the other and was given up for lost.
        """
        if not evaluator.zygote.is_alive():
            self.recover(evaluator.zygote)
        self._sweep()

    def _sweep(self) -> None:
        """Drop the idle evaluators that are dead."""
        with self._lock:
            dead = [evaluator for idle in self._idle.values() for evaluator in idle if not evaluator.is_alive()]
            for evaluator in dead:
                self._idle[evaluator.is_slow].remove(evaluator)
                evaluator.zygote.evaluators += 1  # as if it were running, for `discard`
        for evaluator in dead:
            self.discard(evaluator)

    def cause_of_death(self, evaluator: Evaluator) -> EngineError | None:
        """Why it died by itself; None where somebody else killed it."""
        return error_of(evaluator.zygote.death_of(evaluator.pid))

    def switch(self, zygote: Zygote, standby: Zygote | None = None) -> None:
        """Begin a new generation: whoever asks for an evaluator from now on gets one of this zygote.

        A write in memory brings its standby along, so that no kill between two moments loses what was acknowledged.
        """
        with self._lock:
            old, self._zygote = self._zygote, zygote
            self._families.add(zygote.family)
            standby, self._standby = self._standby, standby
            idle = self._idle[False] + self._idle[True]
            self._idle = {False: [], True: []}
            outdated = old.evaluators == 0
        for evaluator in idle:
            evaluator.close()
        if standby is not None:
            standby.close()
        if outdated:
            old.close()
        self._wanted.set()

    def recover(self, dead: Zygote) -> None:
        """Replace a zygote that is dead, once, however many notice it."""
        with self._repair:
            if dead is not self._zygote or self._closed:
                return
            self.restarts += 1
            dead.kill()
            with self._lock:
                standby, self._standby = self._standby, None
            if standby is not None and standby.is_alive():
                self.switch(standby)
                return
            self.switch(self._reopen())

    def close(self) -> None:
        """End all children: idle ones at once, running ones with their zygote."""
        with self._lock:
            self._closed = True
            idle = self._idle[False] + self._idle[True]
            self._idle = {False: [], True: []}
        self._wanted.set()
        self._keeper.join(5)
        for child in (*idle, self._standby, self._zygote):
            if child is not None:
                child.close()
        self._standby = None
        for _ in range(100):
            self._reap()
            if all(family.reap() for family in self._families):
                return
            time.sleep(0.01)

    def pids(self) -> dict[str, int]:
        """The process ids of the zygote and, where there is one, the standby: for the log and the tests."""
        standby = self._standby
        return {"zygote": self._zygote.pid} | ({"standby": standby.pid} if standby is not None else {})

    def _pop(self, slow: bool) -> Evaluator | None:
        with self._lock:
            idle = self._idle[True] if slow and self._idle[True] else self._idle[False]
            if not idle:
                return None
            evaluator = idle.pop()
            evaluator.zygote.evaluators += 1
            short = len(self._idle[False]) < self._spares
        if short:
            self._wanted.set()
        return evaluator

    def _fork(self) -> Evaluator | None:
        """A fresh evaluator, counted as running; None where the zygote was dead, and has been replaced."""
        zygote = self._zygote
        try:
            evaluator = zygote.fork()
        except wire.Hangup:
            self.recover(zygote)
            return None
        with self._lock:
            zygote.evaluators += 1
            if zygote is self._zygote:
                return evaluator
        self.discard(evaluator)
        return None

    def _keep(self) -> None:
        """The keeper's thread: spares and standby are there again soon after they were used, a dead zygote is seen."""
        while not self._closed:
            self._wanted.wait(_WATCH_S)
            self._wanted.clear()
            if self._closed:
                return
            # what fails is tried again in a second, and by whoever needs an evaluator
            with contextlib.suppress(EngineError, OSError):
                zygote = self._zygote
                if not zygote.is_alive():
                    self.recover(zygote)
                self._fill()
            self._thin_out()
            self._reap()

    def _fill(self) -> None:
        if self._wants_standby and (self._standby is None or not self._standby.is_alive()):
            self._stand_by()
        for _ in range(2 * self._spares):  # not for ever: where a zygote dies of each fork, this ends nevertheless
            if self._closed or len(self._idle[False]) >= self._spares:
                return
            evaluator = self._fork()
            if evaluator is not None:
                self.give_back(evaluator)

    def _thin_out(self) -> None:
        """Let go of an idle evaluator beyond the spares, if there have been some for half a minute."""
        with self._lock:
            idle = self._idle[False] if len(self._idle[False]) > self._spares else self._idle[True]
            self._quiet_rounds = self._quiet_rounds + 1 if idle else 0
            if self._quiet_rounds < _QUIET_ROUNDS or not idle:
                return
            evaluator = idle.pop(0)
        evaluator.close()

    def _stand_by(self) -> None:
        zygote = self._zygote
        try:
            standby = zygote.succeed()
        except wire.Hangup:
            return
        with self._lock:
            useful = zygote is self._zygote and not self._closed
            unneeded = self._standby if useful else standby
            if useful:
                self._standby = standby
        if unneeded is not None:
            unneeded.close()

    def _reap(self) -> None:
        with self._lock:
            families = list(self._families)
        gone = {family for family in families if family.reap()}
        with self._lock:
            self._families -= gone - {self._zygote.family}
