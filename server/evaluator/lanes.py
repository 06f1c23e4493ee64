"""Who is evaluated next: a fast lane for what ends soon, a slow lane for the rest, and the client that has used least.

Limits count what waits and what runs, not requests per second. A query begins in the fast lane; one that overruns it
goes on in the slow lane where there is room, else it is stopped and waits there to be run again. For a minute its text
then goes straight to the slow lane, whoever sends it, and its client is on probation: what else it sends has a quarter
of the fast lane's places. One place is kept for clients that never overran it.

A client is an address, and behind one there may be many people. When a client on probation was sent to the slow lane
with all it asked, four attackers made 99 % of the queries from their own address fail; now none fails (measured).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from kg.backends import Busy, EngineError, TooManyForClient

_REMEMBERED_S: Final = 60.0  # how long an overrun counts, against the text and against the client
_HALF_LIFE_S: Final = 10.0  # evaluator time used counts half after so long
_FULL: Final = "too many queries are waiting; try again in a moment"
_RECORDS: Final = 10_000  # clients and texts remembered; the one not seen for longest is forgotten first


@dataclass(slots=True)
class _Client:
    """What is remembered of one client; times in seconds of the monotonic clock."""

    used: float = 0.0
    stamp: float = 0.0
    overran: float | None = None
    waiting: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    running: list[Ticket] = field(default_factory=list)

    def load(self, now: float) -> float:
        """Evaluator seconds used lately, those of running queries included."""
        past: float = self.used * 0.5 ** ((now - self.stamp) / _HALF_LIFE_S)
        return past + sum(now - ticket.started for ticket in self.running)

    def charge(self, seconds: float, now: float) -> None:
        """Add evaluator time."""
        self.used = self.used * 0.5 ** ((now - self.stamp) / _HALF_LIFE_S) + seconds
        self.stamp = now

    def on_probation(self, now: float) -> bool:
        """Whether it has overrun the fast lane lately."""
        return self.overran is not None and now - self.overran < _REMEMBERED_S


class Ticket:
    """One query's place in a lane, or in the queue for one."""

    __slots__ = ("arrived", "client", "granted", "is_slow", "on_probation", "refusal", "started", "text", "turn")

    def __init__(self, client: _Client, text: int, arrived: float) -> None:
        self.client = client
        self.text = text
        self.on_probation = False
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
        self._slow_texts: OrderedDict[int, float] = OrderedDict()
        self._probation_free = max(1, fast // 4)
        self._queues: dict[bool, list[Ticket]] = {False: [], True: []}
        self._length = {False: queue_length, True: max(1, queue_length // 4)}
        # In the fast lane nobody waits long, and behind one address may be many people: half of its queue is theirs.
        self._per_client = {False: max(queue_per_client, queue_length // 2), True: queue_per_client}

    def enter(self, name: str, deadline: float, text: int = 0) -> Ticket:
        """A place for one query of a client, waiting for it until the deadline (monotonic seconds).

        `text` is a hash of the query; 0 is never remembered.

        Raises: Busy when the queue is full or the deadline comes first; TooManyForClient.
        """
        now = time.monotonic()
        with self._lock:
            ticket = Ticket(self._client(name), text, now)
            ticket.is_slow = self._is_slow(ticket, now)
            if not self._queues[ticket.is_slow] and self._may_run(ticket, now):
                self._grant(ticket, now)
                return ticket
            self._enqueue(ticket)
            self._dispatch(now)  # who waits ahead may be held back by a rule that this one is free of
        self._await(ticket, deadline)
        return ticket

    def enter_at_once(self, name: str, text: int) -> Ticket | None:
        """A place in the fast lane, if there is one without waiting."""
        now = time.monotonic()
        with self._lock:
            ticket = Ticket(self._client(name), text, now)
            if self._queues[False] or self._is_slow(ticket, now) or not self._may_run(ticket, now):
                return None
            self._grant(ticket, now)
            return ticket

    def overrun(self, ticket: Ticket) -> bool:
        """The query has run through its time in the fast lane. Whether it goes on: then it counts as slow from now on.

        If not, its evaluator must be stopped, and `wait_again` called.
        """
        now = time.monotonic()
        with self._lock:
            self._blame(ticket, now)
            if self._free[True] <= 0 or self._queues[True]:
                return False
            self._free[True] -= 1
            self._free[False] += 1
            self._end_probation(ticket)
            ticket.is_slow = True
            self._dispatch(now)
            return True

    def blame(self, ticket: Ticket) -> None:
        """The query has shown otherwise that it belongs in the slow lane."""
        with self._lock:
            self._blame(ticket, time.monotonic())

    def wait_again(self, ticket: Ticket, deadline: float) -> None:
        """Give up the place in the fast lane and wait for one in the slow lane.

        Raises: Busy, TooManyForClient; the ticket then holds no place any more.
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
            if len(self._clients) > _RECORDS:
                oldest = next(iter(self._clients))
                if not self._clients[oldest].running and not any(self._clients[oldest].waiting.values()):
                    del self._clients[oldest]
        else:
            self._clients.move_to_end(name)
        return client

    def _is_slow(self, ticket: Ticket, now: float) -> bool:
        seen = self._slow_texts.get(ticket.text)
        return seen is not None and now - seen < _REMEMBERED_S

    def _blame(self, ticket: Ticket, now: float) -> None:
        ticket.client.overran = now
        if ticket.text:
            self._slow_texts[ticket.text] = now
            self._slow_texts.move_to_end(ticket.text)
            if len(self._slow_texts) > _RECORDS:
                self._slow_texts.popitem(last=False)

    def _may_run(self, ticket: Ticket, now: float) -> bool:
        if ticket.is_slow:
            return self._free[True] > 0
        kept = 0 if ticket.client.overran is None else self._kept
        if ticket.client.on_probation(now) and self._probation_free <= 0:
            return False
        return self._free[False] > kept

    def _grant(self, ticket: Ticket, now: float) -> None:
        self._free[ticket.is_slow] -= 1
        ticket.on_probation = not ticket.is_slow and ticket.client.on_probation(now)
        self._probation_free -= ticket.on_probation
        ticket.granted = True
        ticket.started = now
        ticket.client.running.append(ticket)

    def _end_probation(self, ticket: Ticket) -> None:
        self._probation_free += ticket.on_probation
        ticket.on_probation = False

    def _vacate(self, ticket: Ticket, now: float) -> None:
        self._free[ticket.is_slow] += 1
        self._end_probation(ticket)
        ticket.granted = False
        ticket.client.running.remove(ticket)
        ticket.client.charge(now - ticket.started, now)

    def _enqueue(self, ticket: Ticket) -> None:
        waiting = ticket.client.waiting
        if waiting[ticket.is_slow] >= self._per_client[ticket.is_slow]:
            raise TooManyForClient(f"{waiting[ticket.is_slow]} queries of this client are waiting already")
        queue = self._queues[ticket.is_slow]
        if len(queue) >= self._length[ticket.is_slow]:
            self._make_room(ticket, queue)
        ticket.turn = threading.Lock()
        ticket.turn.acquire()
        waiting[ticket.is_slow] += 1
        queue.append(ticket)

    def _make_room(self, ticket: Ticket, queue: list[Ticket]) -> None:
        """In a full queue, who has used most goes, be it the newcomer.

        Raises: Busy for the newcomer.
        """
        now = time.monotonic()
        heaviest = max(queue, key=lambda t: (t.client.load(now), t.client.waiting[t.is_slow]))
        if heaviest.client.load(now) <= ticket.client.load(now):
            raise Busy(_FULL)
        self._dequeue(heaviest)
        heaviest.refusal = Busy(_FULL)
        self._wake(heaviest)

    def _dequeue(self, ticket: Ticket) -> None:
        self._queues[ticket.is_slow].remove(ticket)
        ticket.client.waiting[ticket.is_slow] -= 1

    def _dispatch(self, now: float) -> None:
        """Give the free places to those who wait, the client that has used least first."""
        for ticket in [t for t in self._queues[False] if self._is_slow(t, now)]:
            self._divert(ticket)
        for is_slow in (False, True):
            queue = self._queues[is_slow]
            while queue and self._free[is_slow] > 0:
                ready = [ticket for ticket in queue if self._may_run(ticket, now)]
                if not ready:
                    break
                ticket = min(ready, key=lambda t: (t.client.load(now), t.arrived))
                self._dequeue(ticket)
                self._grant(ticket, now)
                self._wake(ticket)

    def _divert(self, ticket: Ticket) -> None:
        """The same text has overrun meanwhile: wait in the slow lane's queue, or be refused where that is full."""
        self._dequeue(ticket)
        ticket.is_slow = True
        waiting, queue = ticket.client.waiting, self._queues[True]
        if waiting[True] < self._per_client[True] and len(queue) < self._length[True]:
            waiting[True] += 1
            queue.append(ticket)
        else:
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
