"""Who is evaluated next: a fast lane for what ends soon, a slow lane for the rest, and the client that has used least.

Limits count what waits and what runs, not requests per second. A query begins in the fast lane; one that overruns it
goes on in the slow lane where there is room, else it is stopped and waits there to be run again. Its client then goes
straight to the slow lane for a minute. One place of the fast lane is kept for clients that never overran it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from kg.backends import Busy, EngineError, TooManyForClient

_REMEMBERED_S: Final = 60.0  # a client that overran the fast lane goes straight to the slow one for so long
_HALF_LIFE_S: Final = 10.0  # evaluator time used counts half after so long
_FULL: Final = "too many queries are waiting; try again in a moment"
_CLIENTS: Final = 10_000  # records kept; the one not seen for longest is forgotten first


@dataclass(slots=True)
class _Client:
    """What is remembered of one client; times in seconds of the monotonic clock."""

    used: float = 0.0
    stamp: float = 0.0
    overran: float | None = None
    waiting: int = 0
    running: list[Ticket] = field(default_factory=list)

    def load(self, now: float) -> float:
        """Evaluator seconds used lately, those of running queries included."""
        past: float = self.used * 0.5 ** ((now - self.stamp) / _HALF_LIFE_S)
        return past + sum(now - ticket.started for ticket in self.running)

    def charge(self, seconds: float, now: float) -> None:
        """Add evaluator time."""
        self.used = self.used * 0.5 ** ((now - self.stamp) / _HALF_LIFE_S) + seconds
        self.stamp = now

    def is_slow(self, now: float) -> bool:
        """Whether it goes straight to the slow lane."""
        return self.overran is not None and now - self.overran < _REMEMBERED_S


class Ticket:
    """One query's place in a lane, or in the queue for one."""

    __slots__ = ("arrived", "client", "granted", "is_slow", "refusal", "started", "turn")

    def __init__(self, client: _Client, arrived: float) -> None:
        self.client = client
        self.arrived = arrived
        self.started = arrived
        self.is_slow = False
        self.granted = False
        self.refusal: EngineError | None = None
        self.turn: threading.Lock | None = None


class Lanes:
    """The places of both lanes and the queues for them. Safe to use from several threads."""

    def __init__(self, *, fast: int, slow: int, queue_length: int, queue_per_client: int) -> None:
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, _Client] = OrderedDict()
        self._free = {False: fast, True: slow}
        self._kept = 1 if fast > 1 else 0
        self._queues: dict[bool, list[Ticket]] = {False: [], True: []}
        self._length = {False: queue_length, True: max(1, queue_length // 4)}
        self._per_client = queue_per_client

    def enter(self, name: str, deadline: float) -> Ticket:
        """A place for one query of a client, waiting for it until the deadline (monotonic seconds).

        Raises: Busy when the queue is full or the deadline comes first; TooManyForClient.
        """
        now = time.monotonic()
        with self._lock:
            client = self._client(name)
            ticket = Ticket(client, now)
            ticket.is_slow = client.is_slow(now)
            if not self._queues[ticket.is_slow] and self._may_run(ticket):
                self._grant(ticket, now)
                return ticket
            if client.waiting >= self._per_client:
                raise TooManyForClient(f"{client.waiting} queries of this client are waiting already")
            self._enqueue(ticket)
        self._await(ticket, deadline)
        return ticket

    def overrun(self, ticket: Ticket) -> bool:
        """The query has run through its time in the fast lane. Whether it goes on: then it counts as slow from now on.

        If not, its evaluator must be stopped, and `wait_again` called.
        """
        now = time.monotonic()
        with self._lock:
            ticket.client.overran = now
            if self._free[True] <= 0 or self._queues[True]:
                return False
            self._free[True] -= 1
            self._free[False] += 1
            ticket.is_slow = True
            self._dispatch(now)
            return True

    def blame(self, ticket: Ticket) -> None:
        """The query has shown otherwise that it belongs in the slow lane."""
        ticket.client.overran = time.monotonic()

    def wait_again(self, ticket: Ticket, deadline: float) -> None:
        """Give up the place in the fast lane and wait for one in the slow lane.

        Raises: Busy; the ticket then holds no place any more.
        """
        now = time.monotonic()
        with self._lock:
            self._vacate(ticket, now)
            ticket.is_slow = True
            self._enqueue(ticket)
            self._dispatch(now)
        self._await(ticket, deadline)

    def leave(self, ticket: Ticket) -> None:
        """The query has ended, however it did; harmless where the ticket holds no place."""
        now = time.monotonic()
        with self._lock:
            if ticket.granted:
                self._vacate(ticket, now)
                self._dispatch(now)

    def waiting(self) -> tuple[int, int]:
        """How many queries wait for the fast and for the slow lane."""
        return len(self._queues[False]), len(self._queues[True])

    # What follows is called with the lock held, but for `_await`.

    def _client(self, name: str) -> _Client:
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = _Client(stamp=time.monotonic())
            if len(self._clients) > _CLIENTS:
                oldest = next(iter(self._clients))
                if not self._clients[oldest].running and not self._clients[oldest].waiting:
                    del self._clients[oldest]
        else:
            self._clients.move_to_end(name)
        return client

    def _may_run(self, ticket: Ticket) -> bool:
        kept = self._kept if not ticket.is_slow and ticket.client.overran is not None else 0
        return self._free[ticket.is_slow] > kept

    def _grant(self, ticket: Ticket, now: float) -> None:
        self._free[ticket.is_slow] -= 1
        ticket.granted = True
        ticket.started = now
        ticket.client.running.append(ticket)

    def _vacate(self, ticket: Ticket, now: float) -> None:
        self._free[ticket.is_slow] += 1
        ticket.granted = False
        ticket.client.running.remove(ticket)
        ticket.client.charge(now - ticket.started, now)

    def _enqueue(self, ticket: Ticket) -> None:
        queue = self._queues[ticket.is_slow]
        if len(queue) >= self._length[ticket.is_slow]:
            self._make_room(ticket, queue)
        ticket.turn = threading.Lock()
        ticket.turn.acquire()
        ticket.client.waiting += 1
        queue.append(ticket)

    def _make_room(self, ticket: Ticket, queue: list[Ticket]) -> None:
        """In a full queue, who has used most goes, be it the newcomer.

        Raises: Busy for the newcomer.
        """
        now = time.monotonic()
        heaviest = max(queue, key=lambda t: (t.client.load(now), t.client.waiting))
        if heaviest.client.load(now) <= ticket.client.load(now):
            raise Busy(_FULL)
        self._dequeue(heaviest)
        heaviest.refusal = Busy(_FULL)
        self._wake(heaviest)

    def _dequeue(self, ticket: Ticket) -> None:
        self._queues[ticket.is_slow].remove(ticket)
        ticket.client.waiting -= 1

    def _dispatch(self, now: float) -> None:
        """Give the free places to those who wait, the client that has used least first."""
        for ticket in [t for t in self._queues[False] if t.client.is_slow(now)]:
            self._divert(ticket)
        for is_slow in (False, True):
            queue = self._queues[is_slow]
            while queue and self._free[is_slow] > 0:
                ready = [ticket for ticket in queue if self._may_run(ticket)]
                if not ready:
                    break
                ticket = min(ready, key=lambda t: (t.client.load(now), t.arrived))
                self._dequeue(ticket)
                self._grant(ticket, now)
                self._wake(ticket)

    def _divert(self, ticket: Ticket) -> None:
        """Its client has overrun meanwhile: wait in the slow lane's queue, or be refused where that is full."""
        self._queues[False].remove(ticket)
        if len(self._queues[True]) < self._length[True]:
            ticket.is_slow = True
            self._queues[True].append(ticket)
            return
        ticket.client.waiting -= 1
        ticket.refusal = Busy(_FULL)
        self._wake(ticket)

    @staticmethod
    def _wake(ticket: Ticket) -> None:
        if ticket.turn is not None:
            ticket.turn.release()

    def _await(self, ticket: Ticket, deadline: float) -> None:
        turn = ticket.turn
        if turn is not None and not turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
            with self._lock:
                if not ticket.granted and ticket.refusal is None:
                    self._dequeue(ticket)
                    ticket.refusal = Busy("the deadline came while the query was waiting for an evaluator")
        if ticket.refusal is not None:
            raise ticket.refusal
