"""HTTP with a deadline on the whole exchange.

`urllib` and SPARQLWrapper set a timeout per read: a server that drips one byte a second is never late (measured: a
timeout of 1 s ended after 6 s). Here a timer shuts the socket down at the deadline, so that whatever is being waited
for (the connection, the status line, a header, the body) ends then.
"""

from __future__ import annotations

import contextlib
import heapq
import http.client
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from itertools import count
from types import TracebackType
from typing import Any, Final

#: No exchange lasts longer than that, whatever the deadline (timers take no infinite one).
LONGEST_S: Final = 86_400.0
#: A connection that was idle for so long is not used again.
IDLE_S: Final = 2.0


class Watch:
    """Shuts down the sockets it has been given at `deadline` (seconds on `time.monotonic()`'s clock).

    Use as a context manager; afterwards `expired` says whether the deadline came first.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._over = False

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

    def expire(self) -> None:
        """The deadline has come: shut down what is watched, unless it is over already."""
        with self._lock:
            if self._over:
                return
            self.expired = True
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)

    def __enter__(self) -> Watch:
        _WATCHDOG.await_(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over = True
            self._sockets.clear()


class _Watchdog:
    """One thread that tells each watch when its deadline has come: a thread for each exchange took 0.1 ms of it."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Watch]] = []
        self._changed = threading.Condition()
        self._order = count()
        self._thread: threading.Thread | None = None

    def await_(self, watch: Watch) -> None:
        """Tell this watch at its deadline."""
        due = min(watch.deadline, time.monotonic() + LONGEST_S)
        with self._changed:
            if self._thread is None or not self._thread.is_alive():  # the first, or after a fork
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            heapq.heappush(self._due, (due, next(self._order), watch))
            if self._due[0][2] is watch:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                watch = heapq.heappop(self._due)[2]
            watch.expire()


_WATCHDOG: Final = _Watchdog()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already closed by whoever used it
        sock.shutdown(socket.SHUT_RDWR)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An engine's address is what the operator gave; a redirect would send the query, and credentials, elsewhere."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


class Connections:
    """Connections to one server that are open and idle; a connection is of one exchange at a time."""

    def __init__(self) -> None:
        self._idle: deque[tuple[float, http.client.HTTPConnection]] = deque(maxlen=16)

    def take(self) -> http.client.HTTPConnection | None:
        """One that was used a moment ago: what has been idle for long the server may have closed."""
        while self._idle:
            with contextlib.suppress(IndexError):  # another thread has taken it
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_S:
                    return connection
                connection.close()
        return None

    def give(self, connection: http.client.HTTPConnection) -> None:
        """Give one back whose answer was read to its end."""
        if connection.sock is not None:
            self._idle.append((time.monotonic(), connection))


def send(
    watch: Watch, request: urllib.request.Request, kept: http.client.HTTPConnection | None = None
) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
    """The answer to a request, over a kept or a new connection under `watch`: what `opener` does, without its
    millisecond.

    Raises: urllib.error.HTTPError for a status that is no success, a redirect too; OSError; http.client.HTTPException.
    """
    address = urllib.parse.urlsplit(request.full_url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kept or kind(address.netloc.rpartition("@")[2], timeout=watch.remaining())
    if connection.sock is None:
        connection.connect()
    else:
        connection.sock.settimeout(watch.remaining())
    watch.add(connection.sock)
    body: Any = request.data
    connection.request(request.get_method(), request.selector, body, dict(request.header_items()))
    response = connection.getresponse()
    if not 200 <= response.status < 300:
        raise urllib.error.HTTPError(request.full_url, response.status, response.reason, response.headers, response)
    return response, connection


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
