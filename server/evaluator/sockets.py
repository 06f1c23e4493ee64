"""No new socket in this thread: where an evaluator must be able to open files, the limit on descriptors cannot do it.

A store on disk opens its table files when they are first needed (RocksDB opens 16 beforehand), so that its evaluators
keep their descriptors and lose the system call `socket` instead, by a seccomp filter (Linux; seccomp(2), filter mode).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from types import MappingProxyType
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EACCES
#: By machine: the audit architecture, and the number of the system call `socket`.
_SOCKET_CALL: Final = MappingProxyType({"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)})
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF: LD|W|ABS, JMP|JEQ|K, RET|K


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _instructions(architecture: int, number: int) -> bytes:
    """Refuse one system call, allow all others. Offset 4 of `struct seccomp_data` is the architecture, 0 the call."""
    steps = (
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, 2, architecture),
        (_LOAD, 0, 0, 0),
        (_EQUAL, 1, 0, number),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def forbid_sockets() -> bool:
    """From now on `socket` fails in this thread and in what it starts. Whether the system could promise that."""
    known = _SOCKET_CALL.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    buffer = ctypes.create_string_buffer(_instructions(*known))
    program = _Program(6, ctypes.cast(buffer, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)
