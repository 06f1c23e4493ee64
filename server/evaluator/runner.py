"""Runs one request in an evaluator: a place in a lane, an evaluator, the deadline, and what to do when it dies."""

from __future__ import annotations

import threading
import time
from collections import Counter
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

    def run(self, request: wire.Header, body: bytes, client: str, deadline: float) -> Reply:
        """The evaluator's reply to a request of a client.

        Raises: EngineError.
        """
        try:
            ticket = self._lanes.enter(client, deadline, hash(body))
            try:
                header, data = self._until_answered(ticket, request, body, deadline)
            finally:
                self._lanes.leave(ticket)
            raise_described(header)
        except EngineError as error:
            self.count(type(error).__name__)
            raise
        self.count("ok")
        return header, data

    def _until_answered(self, ticket: Ticket, request: wire.Header, body: bytes, deadline: float) -> Reply:
        for _ in range(_RERUNS + 2):  # one more: the slow lane may be full once
            try:
                return self._attempt(ticket, request, body, deadline)
            except _NoRoom:
                self._lanes.wait_again(ticket, deadline)
            except _Killed:
                self.count("killed")
        raise EngineFailed("the evaluator was killed again and again while it worked on this query")

    def _attempt(self, ticket: Ticket, request: wire.Header, body: bytes, deadline: float) -> Reply:
        """Run the request once; whatever happens, its evaluator is given back or replaced.

        Raises: EngineError, for a death of its own making too; _Killed; _NoRoom.
        """
        evaluator = self._pool.take(slow=ticket.is_slow)
        healthy = False
        try:
            reply = self._exchange(evaluator, ticket, request, body, deadline)
            healthy = not reply[0]["retire"]
            if reply[0].get("error") == OutOfMemory.__name__:
                self._ask_for_more(ticket)
            return reply
        except TimeoutError:
            raise DeadlineExceeded("the query did not end before its deadline") from None
        except wire.Hangup:
            cause = self._pool.cause_of_death(evaluator)
            if cause is None:
                self._pool.sweep()
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

    def _exchange(
        self, evaluator: Evaluator, ticket: Ticket, request: wire.Header, body: bytes, deadline: float
    ) -> Reply:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if ticket.is_slow:
            evaluator.wait_at_most(left)
            wire.send(evaluator.sock, request, body)
            return evaluator.receive(deadline)
        evaluator.wait_at_most(min(left, self._fast_s))
        worked = evaluator.worked_s()
        wire.send(evaluator.sock, request, body)
        reply = self._fast_reply(evaluator, ticket, worked, deadline)
        if reply is not None:
            return reply
        if not self._lanes.overrun(ticket):
            raise _NoRoom
        evaluator.slow_down()
        evaluator.wait_at_most(max(_MOMENT_S, deadline - time.monotonic()))
        return evaluator.receive(deadline)

    def _fast_reply(self, evaluator: Evaluator, ticket: Ticket, worked: float, deadline: float) -> Reply | None:
        """The reply if it comes within the fast lane's time; None if not.

        That is processor time: a query that had to wait for its processor is not to blame, and its client would be in
        the slow lane among the guilty for a minute.
        """
        while True:
            try:
                return evaluator.receive(deadline)
            except TimeoutError:
                until_deadline = deadline - time.monotonic()
                left = self._fast_s - (evaluator.worked_s() - worked)
                if until_deadline <= 0:
                    if left < self._fast_s * _SHORT_WORK:
                        self._lanes.blame(ticket)
                    raise
                if left <= 0:
                    return None
                evaluator.wait_at_most(min(max(_MOMENT_S, left), until_deadline))
