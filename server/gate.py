"""The gate: the body of a request, whole and within limits; a write is refused before its body is read.

Here is what holds under any WSGI server. What takes time – bodies that come slowly – is `server.gateway`'s part: a WSGI
server's read can neither be given a time nor be cancelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import IO, Any, Final

from server import access
from server.problems import Problem, rendered
from server.reply import REQUEST_ID
from server.settings import Settings

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})
_CHUNK: Final = 1 << 16
#: An URL-encoded character takes three bytes.
_ENCODED: Final = 3
_SLACK_BYTES: Final = 16 * 1024


class Gate:
    """WSGI middleware that gives the application a body that is there."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self._application = application
        self._settings = settings

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request, or refuse its body."""
        try:
            access.admit(self._settings, environ)
            body = b"" if environ["REQUEST_METHOD"] in BODILESS else self._body(environ)
        except Problem as problem:
            status, headers, page = rendered(problem, environ.get("HTTP_ACCEPT"), environ.get(REQUEST_ID, ""))
            start_response(f"{status} {problem.kind}", [*headers, ("Connection", "close")])
            return [page]
        give(environ, body)
        return self._application(environ, start_response)

    def _body(self, environ: Environ) -> bytes:
        check_coding(environ)
        limit = limit_of(self._settings, environ["PATH_INFO"])
        length = declared(environ.get("CONTENT_LENGTH"), environ.get("HTTP_TRANSFER_ENCODING", ""))
        if length == 0:
            return b""
        if length is not None and length > limit:
            raise too_large(limit)
        body = _read(environ["wsgi.input"], limit + 1 if length is None else length)
        if len(body) > limit:
            raise too_large(limit)
        return whole(body, length)


def give(environ: Environ, body: bytes) -> None:
    """Put a body that has come whole into a request's environment."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def limit_of(settings: Settings, path: str) -> int:
    """How long a body may be at a path, in bytes."""
    most = int(settings.body_max_bytes)
    if path == "/sparql" and not settings.empty:
        return min(most, _ENCODED * int(settings.query_max_bytes) + _SLACK_BYTES)
    return min(most, int(settings.question_body_max_bytes)) if path == "/ask" else most


def declared(length: str | None, transfer_encoding: str) -> int | None:
    """The length that a request declares: 0 without a body, None for one sent in chunks.

    Raises: Problem 400 for what is no number.
    """
    if "chunked" in transfer_encoding.lower():
        return None
    length = length or "0"
    if not length.isascii() or not length.isdigit():
        raise Problem("bad-request", "the Content-Length is no number")
    return int(length)


def check_coding(environ: Environ) -> None:
    """Bodies come as they are.

    Raises: Problem 415 for a packed one (RFC 9110 §8.4).
    """
    coding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in ("", "identity"):
        detail = f"the body is packed with {coding[:50]!r}; send it as it is"
        raise Problem("unsupported-media-type", detail, supported=["identity"], headers={"Accept-Encoding": "identity"})


def whole(body: bytes, length: int | None) -> bytes:
    """The body, if it is as long as was declared.

    Raises: Problem 400 for one that ended early.
    """
    if length is not None and len(body) != length:
        raise Problem("bad-body", f"the body ended after {len(body)} of {length} bytes")
    return body


def too_large(limit: int) -> Problem:
    """The problem that a body is longer than its limit."""
    return Problem("too-large", f"the body is longer than {limit} bytes", limit_bytes=limit)


def _read(stream: IO[bytes], most: int) -> bytes:
    """The body as far as it comes, at most so many bytes.

    Never past the declared length: a server need not end the stream there (PEP 3333), and reading on would wait.
    """
    parts: list[bytes] = []
    left = most
    while left > 0 and (part := stream.read(min(_CHUNK, left))):
        parts.append(part)
        left -= len(part)
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
                detail = "too many slow request bodies are coming in already"
                raise Problem("busy", detail, headers={"Retry-After": "1"})
            self._taken[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[client] -= 1
                if not self._taken[client]:
                    del self._taken[client]
