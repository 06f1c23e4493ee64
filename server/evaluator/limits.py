"""The limits of an evaluator process, set by itself after the fork and before the first query.

On Linux all of them; elsewhere `missing()` says which are not to be had.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Final

from server.evaluator.sockets import forbid_sockets

MIB: Final = 1024 * 1024
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NAME: Final = 15


def _prctl(option: int, argument: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent process dies (Linux), also if it has died already."""
    _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(0)


def adopt_orphans() -> None:
    """Be the parent of descendants whose own parent has died (Linux): a retired zygote leaves its successor behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def name_process(name: str) -> None:
    """The name in `ps` and `top` (Linux; at most 15 bytes)."""
    _prctl(_PR_SET_NAME, name.encode()[:15] + b"\0")


def wake_politely() -> None:
    """Do not take the processor from who is running at the moment of being woken (Linux: SCHED_BATCH, sched(7)).

    An evaluator that is sent a query otherwise stops the front in the middle of answering somebody else: a quarter of
    the queries a second were lost to that (measured, two processors).
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):  # a sandbox may forbid it, and nothing is wrong then
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def address_space_bytes() -> int:
    """The address space that this process uses now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def inherited_kib() -> int:
    """The memory that a child forked now begins with, in KiB: what of files is mapped, it maps anew when it needs it.

    0 where the system does not say.
    """
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            _, resident, of_files = map(int, file.read().split()[:3])
            return (resident - of_files) * resource.getpagesize() // 1024
    except OSError:
        return 0


def peak_rss_kib() -> int:
    """The most memory this process has had resident, in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def narrow(extra_bytes: int, *, descriptors: bool) -> None:
    """Let the address space grow by at most `extra_bytes` and, unless `descriptors`, no file or socket be opened.

    The hard limits stay, so that `widen` can undo it.
    """
    now = address_space_bytes()
    if now:
        resource.setrlimit(resource.RLIMIT_AS, (now + extra_bytes, resource.getrlimit(resource.RLIMIT_AS)[1]))
    if not descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def widen() -> None:
    """Undo `narrow`."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (hard, hard))


def seal(extra_bytes: int, most_bytes: int, *, on_disk: bool) -> None:
    """Close the door for good: address space, no core dump, no new descriptor (for a store on disk: no socket).

    The address space may grow by `extra_bytes`; the front may raise that to `most_bytes`, and nobody beyond.
    """
    now = address_space_bytes()
    if now:
        resource.setrlimit(resource.RLIMIT_AS, (now + extra_bytes, now + most_bytes))
    kinds = [resource.RLIMIT_CORE]
    if on_disk:
        forbid_sockets()
    else:
        kinds.append(resource.RLIMIT_NOFILE)
    for kind in kinds:
        # macOS refuses some of them; `missing` tells at the start of the service
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (0, 0))


def missing() -> list[str]:
    """The limits that this system does not have, for the message at the start."""
    if sys.platform == "linux":
        return []
    lacking = [
        "with a store on disk, SERVICE is refused by the first look at a query only",
        "the address space of a query is not limited",
        "an evaluator may outlive a killed zygote",
    ]
    if not hasattr(os, "pidfd_open"):
        lacking.append("evaluators are stopped by process id, without a pidfd")
    return lacking
