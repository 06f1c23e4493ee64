"""The gate: reads a request's body whole before anything else happens, within limits.

Granian hands a request over before its body has come, and a read can neither be given a time nor be cancelled: after
the answer, a half-sent body keeps its reader until the client goes. So a thread of its own reads each body while the
request waits. A body that is there at once is never refused; of those that are slow, few may keep a request waiting.
A write is refused before its body is read when its token is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import IO, Any, Final

from server import access
from server.problems import Problem, rendered
from server.reply import CLIENT, REQUEST_ID
from server.settings import Settings

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_CHUNK: Final = 1 << 16
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})
#: An URL-encoded character takes three bytes.
_ENCODED: Final = 3
_SLACK_BYTES: Final = 16 * 1024


class Gate:
    """WSGI middleware that gives the application a body that is there."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self._application = application
        self._settings = settings
        self._slow = Places(settings.bodies_per_client, settings.bodies)
        self._readers = ThreadPoolExecutor(settings.body_readers, "body")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request, or refuse its body."""
        try:
            access.admit(self._settings, environ)
            body = b"" if environ["REQUEST_METHOD"] in _BODILESS else self._body(environ)
        except Problem as problem:
            status, headers, page = rendered(problem, environ.get("HTTP_ACCEPT"), environ.get(REQUEST_ID, ""))
            start_response(f"{status} {problem.kind}", [*headers, ("Connection", "close")])
            return [page]
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._application(environ, start_response)

    def _limit(self, path: str) -> int:
        """How long a body may be at a path, in bytes."""
        settings = self._settings
        most = int(settings.body_max_bytes)
        if path == "/sparql" and not settings.empty:
            return min(most, _ENCODED * int(settings.query_max_bytes) + _SLACK_BYTES)
        return min(most, int(settings.question_body_max_bytes)) if path == "/ask" else most

    def _body(self, environ: Environ) -> bytes:
        limit = self._limit(environ["PATH_INFO"])
        declared = _declared(environ)
        if declared == 0:
            return b""
        if declared is not None and declared > limit:
            raise _too_large(limit)
        coming = self._readers.submit(_read, environ["wsgi.input"], limit, declared)
        body = self._awaited(coming, environ.get(CLIENT, ""))
        if body is None:
            raise _too_large(limit)
        if declared is not None and len(body) != declared:
            raise Problem("bad-body", f"the body ended after {len(body)} of {declared} bytes")
        return body

    def _awaited(self, coming: Future[bytes | None], client: str) -> bytes | None:
        """The body when it has come; one that is slow needs a place to wait in."""
        patience, limit_ms = self._settings.body_patience_ms, self._settings.body_timeout_ms
        wait([coming], patience / 1000)
        if not coming.done():
            with self._slow.taken(client):
                wait([coming], (limit_ms - patience) / 1000)
        if not coming.done():
            raise Problem("body-timeout", f"the body had not come whole within {limit_ms} ms", limit_ms=limit_ms)
        return coming.result()


def _declared(environ: Environ) -> int | None:
    """The length that the request declares: 0 without a body, None for one sent in chunks."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise Problem("bad-request", "the Content-Length is no number")
    return int(length)


def _too_large(limit: int) -> Problem:
    return Problem("too-large", f"the body is longer than {limit} bytes", limit_bytes=limit)


def _read(stream: IO[bytes], limit: int, declared: int | None) -> bytes | None:
    """The body, as far as it came; None when it is longer than the limit.

    Never past the declared length: a server need not end the stream there (PEP 3333), and reading on would wait.
    """
    parts: list[bytes] = []
    length = 0
    end = limit + 1 if declared is None else declared
    try:
        while length < end and (part := stream.read(min(_CHUNK, end - length))):
            parts.append(part)
            length += len(part)
            if length > limit:
                return None
    except OSError:  # the client is gone; the declared length tells
        pass
    return b"".join(parts)


class Places:
    """So many for each client and so many in all; whoever finds none is told to come back."""

    def __init__(self, per_client: int, in_all: int) -> None:
        self._per_client, self._in_all = per_client, in_all
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """Hold one of the client's places.

        Raises: Problem 503 when there is none.
        """
        with self._lock:
            if self._taken[client] >= self._per_client or self._taken.total() >= self._in_all:
                raise Problem(
                    "busy", "too many slow request bodies are coming in already", headers={"Retry-After": "1"}
                )
            self._taken[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[client] -= 1
                if not self._taken[client]:
                    del self._taken[client]
