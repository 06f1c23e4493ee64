"""HTTP with a deadline on the whole exchange.

`urllib` and SPARQLWrapper set a timeout per read: a server that drips one byte a second is never late (measured: a
timeout of 1 s ended after 6 s). Here a timer shuts the socket down at the deadline, so that whatever is being waited
for (the connection, the status line, a header, the body) ends then.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Final

#: No exchange lasts longer than that, whatever the deadline (timers take no infinite one).
LONGEST_S: Final = 86_400.0


class Watch:
    """Shuts down the sockets it has been given at `deadline` (seconds on `time.monotonic()`'s clock).

    Use as a context manager; afterwards `expired` says whether the deadline came first.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(min(max(0.0, deadline - time.monotonic()), LONGEST_S), self._expire)
        self._timer.daemon = True

    def remaining(self) -> float:
        """Seconds until the deadline, never less than a millisecond (a timeout of 0 would mean non-blocking)."""
        return min(max(0.001, self.deadline - time.monotonic()), LONGEST_S)

    def add(self, sock: socket.socket) -> None:
        """Watch this socket too; it is shut down at once where the deadline has passed."""
        with self._lock:
            self._sockets.append(sock)
            late = self.expired
        if late:
            _shut(sock)

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)

    def __enter__(self) -> Watch:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by whoever used it
        sock.shutdown(socket.SHUT_RDWR)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An engine's address is what the operator gave; a redirect would send the query, and credentials, elsewhere."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def opener(watch: Watch) -> urllib.request.OpenerDirector:
    """An opener whose connections are under `watch`; it follows no redirect and no proxy of the environment."""

    class Connection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.timeout = watch.remaining()
            super().connect()
            watch.add(self.sock)

    class SecureConnection(http.client.HTTPSConnection):
        def connect(self) -> None:
            self.timeout = watch.remaining()
            super().connect()
            watch.add(self.sock)

    class Plain(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Connection, req)

    class Secure(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(SecureConnection, req)

    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect(), Plain(), Secure())
