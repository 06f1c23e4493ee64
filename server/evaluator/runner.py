"""Runs one request in an evaluator: a place in a lane, an evaluator, the deadline, and what to do when it dies."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

from kg.backends import DeadlineExceeded, EngineError, EngineFailed, OutOfMemory
from server.evaluator import wire
from server.evaluator.errors import raise_described
from server.evaluator.lanes import Lanes, Ticket
from server.evaluator.pool import Pool
from server.evaluator.process import Evaluator

_RERUNS: Final = 2  # how often a query whose evaluator was killed by somebody else is run again
_SHORT_WORK: Final = 0.8  # with that much of the fast lane's time unused, a query that met its deadline was held up
_MOMENT_S: Final = 0.002
Reply = tuple[wire.Header, bytes]


class _Killed(Exception):
    """Somebody else killed the evaluator: the query is innocent."""


class _NoRoom(Exception):
    """The query has overrun the fast lane and the slow one is full, or it needs the slow lane's memory."""


@dataclass(frozen=True, slots=True)
class Work:
    """One request for an evaluator: whose it is, and when it must have ended (monotonic seconds)."""

    head: bytes  # as `wire.encoded` makes it
    body: bytes
    client: str
    deadline: float

    @property
    def text(self) -> int:
        """What the lanes remember a slow query by."""
        return hash(self.body)


@dataclass(slots=True)
class Begun:
    """A request of the fast lane that an evaluator works on while nobody waits for the reply."""

    ticket: Ticket
    evaluator: Evaluator
    worked: float  # the processor time of the evaluator when the request was sent, in seconds
    came: bytes | None = None  # the beginning of the reply; empty where the evaluator hung up, None: nothing yet


class Runner:
    """Runs requests in the evaluators of a pool. Safe to use from several threads."""

    def __init__(self, pool: Pool, lanes: Lanes, fast_s: float) -> None:
        self._pool = pool
        self._lanes = lanes
        self._fast_s = fast_s
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()

    def counts(self) -> dict[str, int]:
        """How requests ended so far: `ok`, the class of an error, `killed` (evaluators lost to somebody else)."""
        return dict(self._counts)

    def count(self, outcome: str) -> None:
        """Note one outcome."""
        with self._counting:
            self._counts[outcome] += 1

    def begin(self, work: Work) -> Begun | None:
        """Send a request without waiting for anything; None where it would have to wait: for its turn, an evaluator.

        What was begun is ended by `run`, or by `abandon`.
        """
        ticket = self._lanes.enter_at_once(work.client, work.text)
        if ticket is None:
            return None
        evaluator = self._pool.take_ready()
        if evaluator is not None:
            try:
                return Begun(ticket, evaluator, self._sent(evaluator, work))
            except (_Killed, TimeoutError):
                self._pool.discard(evaluator)
        self._lanes.leave(ticket)
        return None

    def abandon(self, begun: Begun) -> None:
        """Nobody will read the reply."""
        self._pool.discard(begun.evaluator)
        self._lanes.leave(begun.ticket)

    def run(self, work: Work, begun: Begun | None = None) -> Reply:
        """The evaluator's reply to a request, which may have been begun.

        Raises: EngineError.
        """
        try:
            ticket = begun.ticket if begun is not None else self._lanes.enter(work.client, work.deadline, work.text)
            try:
                header, data = self._until_answered(ticket, work, begun)
            finally:
                self._lanes.leave(ticket)
            raise_described(header)
        except EngineError as error:
            self.count(type(error).__name__)
            raise
        self.count("ok")
        return header, data

    def _until_answered(self, ticket: Ticket, work: Work, begun: Begun | None) -> Reply:
        for _ in range(_RERUNS + 2):  # one more: the slow lane may be full once
            try:
                return self._attempt(ticket, work, begun)
            except _NoRoom:
                self._lanes.wait_again(ticket, work.deadline)
            except _Killed:
                self.count("killed")
            begun = None
        raise EngineFailed("the evaluator was killed again and again while it worked on this query")

    def _attempt(self, ticket: Ticket, work: Work, begun: Begun | None) -> Reply:
        """Run the request once; whatever happens, its evaluator is given back or replaced.

        Raises: EngineError, for a death of its own making too; _Killed; _NoRoom.
        """
        evaluator = begun.evaluator if begun is not None else self._pool.take(slow=ticket.is_slow)
        healthy = False
        try:
            reply = self._exchange(evaluator, ticket, work, begun)
            healthy = not reply[0]["retire"]
            if reply[0].get("error") == OutOfMemory.__name__:
                self._ask_for_more(ticket)
            return reply
        except TimeoutError:
            raise DeadlineExceeded("the query did not end before its deadline") from None
        except wire.Hangup:
            cause = self._pool.cause_of_death(evaluator)
            if cause is None:
                self._pool.after_kill(evaluator)
            if isinstance(cause, OutOfMemory):
                self._ask_for_more(ticket)
            raise (cause or _Killed()) from None
        finally:
            if healthy:
                self._pool.give_back(evaluator)
            else:
                self._pool.discard(evaluator)

    def _ask_for_more(self, ticket: Ticket) -> None:
        """The memory of the fast lane was too little: there is more in the slow one.

        Raises: _NoRoom, unless that was in the slow lane.
        """
        if not ticket.is_slow:
            self._lanes.blame(ticket)
            raise _NoRoom

    def _exchange(self, evaluator: Evaluator, ticket: Ticket, work: Work, begun: Begun | None) -> Reply:
        if ticket.is_slow:
            self._send(evaluator, work, _until(work.deadline))
            return evaluator.receive(work.deadline)
        if begun is None:
            begun = Begun(ticket, evaluator, self._sent(evaluator, work))
        elif begun.came is None:
            evaluator.wait_at_most(_MOMENT_S)  # the reply has been waited for already
        reply = self._fast_reply(begun, work.deadline)
        if reply is not None:
            return reply
        if not self._lanes.overrun(ticket):
            raise _NoRoom
        evaluator.slow_down()
        evaluator.wait_at_most(max(_MOMENT_S, work.deadline - time.monotonic()))
        return evaluator.receive(work.deadline)

    def _sent(self, evaluator: Evaluator, work: Work) -> float:
        """Send a request in the fast lane; gives the processor time that the evaluator has used before, in seconds.

        Raises: TimeoutError past the deadline; _Killed where the evaluator was dead already.
        """
        worked = evaluator.worked_s()
        self._send(evaluator, work, min(_until(work.deadline), self._fast_s))
        return worked

    def _send(self, evaluator: Evaluator, work: Work, seconds: float) -> None:
        evaluator.wait_at_most(seconds)
        try:
            wire.send(evaluator.sock, work.head, work.body)
        except wire.Hangup:  # whatever it died of, it was not this query
            self._pool.after_kill(evaluator)
            raise _Killed from None

    def _fast_reply(self, begun: Begun, deadline: float) -> Reply | None:
        """The reply if it comes within the fast lane's time; None if not.

        That is processor time: a query that had to wait for its processor is not to blame, and its client would be in
        the slow lane among the guilty for a minute.
        """
        evaluator = begun.evaluator
        while True:
            try:
                return evaluator.receive(deadline, begun.came)
            except TimeoutError:
                until_deadline = deadline - time.monotonic()
                left = self._fast_s - (evaluator.worked_s() - begun.worked)
                if until_deadline <= 0:
                    if left < self._fast_s * _SHORT_WORK:
                        self._lanes.blame(begun.ticket)
                    raise
                if left <= 0:
                    return None
                evaluator.wait_at_most(min(max(_MOMENT_S, left), until_deadline))


def _until(deadline: float) -> float:
    """Seconds until the deadline.

    Raises: TimeoutError when it has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
