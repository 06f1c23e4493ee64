"""How a process died, read from its wait status, as the error to tell."""

from __future__ import annotations

import os
import signal

from kg.backends import EngineError, EngineFailed, OutOfMemory, QueryTooDeep


def error_of(status: int | None) -> EngineError | None:
    """The error that a wait status stands for; None when somebody else killed the process, or nobody knows.

    SIGSEGV (SIGBUS on macOS) is the guard page below the stack: nothing else in the engine is unsafe. SIGABRT is
    Rust's answer to an allocation that failed, here always against the address-space limit (measured).
    """
    if status is None:
        return None
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL):
            return QueryTooDeep("the query is nested too deep for the engine's stack")
        if number == signal.SIGABRT:
            return OutOfMemory("the query needs more memory than a query is given here")
        return None
    return EngineFailed("the evaluator ended in the middle of the query")
