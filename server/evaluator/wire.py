"""Messages between the front, the zygote and the evaluators: a JSON header and raw bytes, length first.

The sockets are blocking and have no timeout on the evaluators' side: `poll` fails where no descriptors are allowed.
JSON and not pickle: the front takes nothing from an evaluator that could make it run code.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from functools import lru_cache
from typing import Any, Final, TypeVar

_LENGTHS: Final = struct.Struct(">IQ")
_TIMEVAL: Final = struct.Struct("@ll")
_FIRST: Final = 1 << 16
_REMEMBERED: Final = 512  # bytes of a header that is remembered
Header = dict[str, Any]


class Hangup(Exception):
    """The other side is gone."""


def encoded(header: Header) -> bytes:
    """A header as it is sent."""
    return json.dumps(header, separators=(",", ":")).encode()


@lru_cache(maxsize=64)
def _decoded(head: bytes) -> Header:
    """A short header as it was meant; the same few come again and again. Whoever gets it does not change it."""
    found: Header = json.loads(head)
    return found


def send(sock: socket.socket, header: Header | bytes, body: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
    """Send one message, its header encoded already or not, with open descriptors where given.

    Raises: Hangup; TimeoutError where the socket has a timeout.
    """
    head = header if isinstance(header, bytes) else encoded(header)
    small = len(body) < _FIRST
    first = _LENGTHS.pack(len(head), len(body)) + head + (body if small else b"")
    try:
        if descriptors:
            sent = socket.send_fds(sock, [first], descriptors)
            first = first[sent:]
        if first:
            sock.sendall(first)
        if not small:
            sock.sendall(body)
    except BlockingIOError:
        raise TimeoutError from None
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Hangup from error


def receive(sock: socket.socket, deadline: float | None = None, came: bytes | None = None) -> tuple[Header, bytes]:
    """Wait for one message: the socket's own timeout for its beginning, then until the deadline (monotonic seconds).

    `came` is the beginning, where that has been read already.

    Raises: Hangup when the other side closed; TimeoutError.
    """
    try:
        return _finish(sock, sock.recv(_FIRST) if came is None else came, deadline)
    except BlockingIOError:
        raise TimeoutError from None
    except (ConnectionResetError, BrokenPipeError) as error:
        raise Hangup from error


def beginning(sock: socket.socket) -> bytes | None:
    """What has come of a message, without waiting: empty where the other side is gone, None where nothing is there."""
    try:
        return sock.recv(_FIRST, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except (ConnectionResetError, BrokenPipeError):
        return b""


def head_of_whole(came: bytes, most: int) -> bytes | None:
    """The header of a message that has come whole and is no longer than so many bytes; None of any other."""
    if not _LENGTHS.size <= len(came) <= most:
        return None
    head, body = _LENGTHS.unpack_from(came)
    return came[_LENGTHS.size : _LENGTHS.size + head] if _LENGTHS.size + head + body == len(came) else None


def receive_with_descriptors(sock: socket.socket, most: int = 2) -> tuple[Header, bytes, list[int]]:
    """Wait for one message and the descriptors that came with it.

    Raises: Hangup when the other side closed.
    """
    try:
        # A message is at most one sendmsg long up to its descriptors, and its sender waits for the reply: one read
        # never swallows the beginning of a second message.
        data, descriptors, _, _ = socket.recv_fds(sock, _FIRST, most)
        header, body = _finish(sock, data)
    except (ConnectionResetError, BrokenPipeError) as error:
        raise Hangup from error
    return header, body, descriptors


def _finish(sock: socket.socket, data: bytes, deadline: float | None = None) -> tuple[Header, bytes]:
    """The message that begins with `data`, the rest of it read from the socket."""
    if not data:
        raise Hangup
    while len(data) < _LENGTHS.size:
        _allow(sock, deadline)
        data += _some(sock.recv(_LENGTHS.size - len(data)))
    head_length, body_length = _LENGTHS.unpack_from(data)
    start = _LENGTHS.size + head_length
    end = start + body_length
    if len(data) < end:
        whole = bytearray(end)
        whole[: len(data)] = data
        view, at = memoryview(whole), len(data)
        while at < end:
            _allow(sock, deadline)
            at += _some(sock.recv_into(view[at:]))
        data = bytes(whole)
    head = data[_LENGTHS.size : start]
    return (_decoded(head) if len(head) <= _REMEMBERED else json.loads(head)), data[start:end]


def set_timeout(sock: socket.socket, option: int, seconds: float) -> None:
    """`SO_RCVTIMEO` or `SO_SNDTIMEO` of a blocking socket: a wait without `poll`.

    Each of Python's own timeouts costs two system calls more, and each of these lets go of the interpreter's lock,
    which another thread then takes: with eight threads that halved the throughput.
    """
    whole = max(1, int(seconds * 1_000_000))
    sock.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(whole // 1_000_000, whole % 1_000_000))


def _allow(sock: socket.socket, deadline: float | None) -> None:
    if deadline is not None:
        set_timeout(sock, socket.SO_RCVTIMEO, deadline - time.monotonic())


_Got = TypeVar("_Got", bytes, int)


def _some(got: _Got) -> _Got:
    if not got:
        raise Hangup
    return got
