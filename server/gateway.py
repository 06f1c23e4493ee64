"""Between Granian and the front: the event loop gives what is known and takes bodies in, threads do the rest.

Measured with Granian 2.8.7: as a WSGI server it hands a request over before its body has come, and ten half-sent
bodies, each read by a thread of its own so that it could be given up in time, stopped the whole process: a reader waits
with Python's lock held. Over RSGI a slow body costs a connection and no thread, and the connection ends at its time.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from queue import SimpleQueue
from typing import Any, Final, Protocol

from server import access
from server.arrivals import Arrivals, settle
from server.asked import Asked, takes_gzip, told
from server.front import Answered, Front
from server.gate import BODILESS, Environ, Places, check_coding, declared, give, limit_of, too_large, whole
from server.problems import Problem

_PLAIN: Final[Environ] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
}


class Scope(Protocol):
    """A request of RSGI (Granian's specification, version 1.5)."""

    method: str
    path: str
    query_string: str
    scheme: str
    http_version: str
    server: str
    client: str
    authority: str | None
    headers: Any


class Channel(Protocol):
    """The protocol object of RSGI: the body comes and the response goes through it."""

    async def __call__(self) -> bytes: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Gateway:
    """The RSGI application around a front."""

    def __init__(self, front: Front) -> None:
        settings = front.settings
        self._front = front
        self._settings = settings
        self._arrivals: Arrivals | None = None
        self._fast_s = settings.fast_lane_ms / 1000
        self._slow = Places(settings.bodies_per_client, settings.bodies)
        self._workers = Workers(front, settings.threads, settings.requests_waiting)

    async def __rsgi__(self, scope: Scope, channel: Channel) -> None:
        """Answer one request."""
        asked = self._asked(scope)
        answered = self._front.kept(asked)
        if answered is not None:
            channel.response_bytes(*answered)
            return
        environ = environ_of(scope, asked)
        try:
            access.admit(self._settings, environ)
            if asked.method not in BODILESS:
                give(environ, await self._body(channel, environ, asked.client))
            await self._answer(asked, environ, channel)
        except Problem as problem:
            channel.response_bytes(*self._front.refuse(asked, problem))

    async def _answer(self, asked: Asked, environ: Environ, channel: Channel) -> None:
        """Answer from here where nothing is to be waited for but an evaluator's short reply, else from a thread.

        Eight threads that each waited for an evaluator of its own took the interpreter's lock from one another. Beside
        a bare Flask route their share was 0.16 on a busy machine where this one's is 0.41 (measured, two processors).

        Raises: Problem 503.
        """
        pending = self._front.begin(asked, environ) if Arrivals.are_possible() else None
        if pending is None:
            await self._workers.answer(asked, environ, channel)
            return
        try:
            if self._arrivals is None:
                self._arrivals = Arrivals()
            await self._arrivals.wait(pending.fileno(), self._fast_s)
            if pending.arrived():
                channel.response_bytes(*self._front.answer(asked, environ))
            else:
                await self._workers.answer(asked, environ, channel)
        finally:
            pending.close()

    def _asked(self, scope: Scope) -> Asked:
        header = scope.headers.get
        proxies = self._settings.trusted_proxies
        host = header("host") or scope.authority or ""
        address = scope.client.rpartition(":")[0].strip("[]")
        return Asked(
            scope.method,
            scope.path,
            scope.query_string,
            told(host, header("x-forwarded-host"), proxies) if proxies else host,
            told(scope.scheme, header("x-forwarded-proto"), proxies) if proxies else scope.scheme,
            header("accept"),
            takes_gzip(header("accept-encoding")),
            header("if-none-match"),
            told(address, header("x-forwarded-for"), proxies) if proxies else address,
        )

    async def _body(self, channel: Channel, environ: Environ, client: str) -> bytes:
        """The body when it has come; one that is slow needs a place to wait in.

        Raises: Problem 400, 408, 413, 503.
        """
        check_coding(environ)
        limit = limit_of(self._settings, environ["PATH_INFO"])
        length = declared(environ.get("CONTENT_LENGTH"), environ.get("HTTP_TRANSFER_ENCODING", ""))
        if length == 0:
            return b""
        if length is not None and length > limit:
            raise too_large(limit)
        reading = asyncio.ensure_future(_collected(channel, limit, length))
        patience, limit_ms = self._settings.body_patience_ms, self._settings.body_timeout_ms
        try:
            if not (await asyncio.wait({reading}, timeout=patience / 1000))[0]:
                with self._slow.taken(client):
                    await asyncio.wait({reading}, timeout=(limit_ms - patience) / 1000)
            if not reading.done():
                raise Problem("body-timeout", f"the body had not come whole within {limit_ms} ms", limit_ms=limit_ms)
            return whole(reading.result(), length)
        finally:
            reading.cancel()


async def _collected(channel: Channel, limit: int, length: int | None) -> bytes:
    """The body as far as it comes.

    Raises: Problem 413 beyond the limit.
    """
    if length is not None:
        return await channel()  # no longer than declared: the server sees to that
    parts: list[bytes] = []
    size = 0
    async for part in channel:
        parts.append(bytes(part))
        size += len(part)
        if size > limit:
            raise too_large(limit)
    return b"".join(parts)


def environ_of(scope: Scope, asked: Asked) -> Environ:
    """The WSGI environment of a request (PEP 3333), without its body."""
    name, _, port = scope.server.rpartition(":")
    environ: Environ = {
        **_PLAIN,
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": asked.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": asked.query,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": asked.client,
        "wsgi.url_scheme": asked.scheme,
    }
    headers: Mapping[str, str] = scope.headers
    for header, value in headers.items():
        variable = header.upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = f"HTTP_{variable}"
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    give(environ, b"") if asked.method in BODILESS else None
    return environ


class Workers:
    """Threads that ask the application, started as they are needed."""

    def __init__(self, front: Front, most: int, waiting: int) -> None:
        self._front = front
        self._most, self._waiting = most, waiting
        self._queue: SimpleQueue[tuple[Asked, Environ, Channel, asyncio.Future[None]]] = SimpleQueue()
        self._started = 0
        self._busy = 0

    async def answer(self, asked: Asked, environ: Environ, channel: Channel) -> None:
        """Wait until a thread has answered.

        Raises: Problem 503 when too many wait already.
        """
        if self._busy >= self._most + self._waiting:
            raise Problem("busy", "too many requests are being answered", headers={"Retry-After": "1"})
        if self._busy >= self._started < self._most:
            self._started += 1
            threading.Thread(target=self._work, name="worker", daemon=True).start()
        self._busy += 1
        done = asyncio.get_running_loop().create_future()
        try:
            self._queue.put((asked, environ, channel, done))
            await done
        finally:
            self._busy -= 1

    def _work(self) -> None:
        while True:
            asked, environ, channel, done = self._queue.get()
            try:
                answered: Answered = self._front.answer(asked, environ)
                channel.response_bytes(*answered)
            except BaseException:
                done.get_loop().call_soon_threadsafe(self._lose)
                raise  # this thread ends, with its traceback on standard error
            finally:  # whatever happens, nobody waits for ever
                done.get_loop().call_soon_threadsafe(settle, done)

    def _lose(self) -> None:
        self._started -= 1
