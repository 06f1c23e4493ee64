"""How a process died, read from its wait status and from how much it had grown, as the error to tell."""

from __future__ import annotations

import os
import signal
from typing import Final, NamedTuple

from kg.backends import EngineError, EngineFailed, OutOfMemory, QueryTooDeep

#: Of its stack, what a process that has overflown it has at least touched: the rest lies on the page before.
_TOUCHED: Final = 0.9
_CRASHED: Final = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP)


class Death(NamedTuple):
    """A wait status, and whether the process had grown by a whole stack since it was forked; None: nobody knows."""

    status: int | None
    by_a_stack: bool | None = None

    @classmethod
    def seen(cls, status: int, grown_kib: int | None, stack_bytes: int) -> Death:
        """The death of a process that had grown by so many KiB, and ran on a stack of so many bytes."""
        return cls(status, None if grown_kib is None else grown_kib * 1024 >= _TOUCHED * stack_bytes)


def error_of(death: Death) -> EngineError | None:
    """The error that a death stands for; None when somebody else killed the process, or nobody knows.

    SIGSEGV (SIGBUS on macOS) is the guard page below the stack where the process had grown by a whole stack, else a
    fault of the engine. SIGABRT is Rust's answer to an allocation that failed, here always against the address-space
    limit (measured).
    """
    if death.status is None:
        return None
    if not os.WIFSIGNALED(death.status):
        return EngineFailed("the evaluator ended in the middle of the query")
    number = os.WTERMSIG(death.status)
    if number in _CRASHED:
        if death.by_a_stack is False:
            return EngineFailed("the engine crashed on this query, and would again; nobody else was harmed")
        return QueryTooDeep("the query is nested too deep for the engine's stack")
    if number == signal.SIGABRT:
        return OutOfMemory("the query needs more memory than a query is given here")
    return None
