"""The front: the layer above Flask that answers what it has answered before, and finishes every answer.

A finished answer depends on nothing but the request and the state of the data. Its entity tag is a hash of both, of the
media type, the coding and the body, so it is strong: equal tags mean equal bytes. The front also gives each request its
id, HEAD, 304, gzip, the headers that every response has, the log line and the counters, on hits and misses alike.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Hashable, Iterable
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from server import sparql
from server.asked import Asked, from_environ
from server.cache import AnswerCache, Kept
from server.evaluator.asking import Pending
from server.failures import problem_of
from server.gate import Application, Environ, StartResponse
from server.negotiate import names_tag
from server.observe import route_of
from server.problems import Problem, Show, page, rendered
from server.reply import ARRIVAL, CACHEABLE, CLIENT, OUTCOME, QUESTION, REQUEST_ID, TIMINGS
from server.service import Service
from server.web.site import PAGE_HEADERS

Headers = list[tuple[str, str]]

#: On every response: the content policy of the pages, and that other origins may read.
EVERYWHERE: Final[Headers] = [
    *PAGE_HEADERS.items(),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, Server-Timing, X-Request-Id"),
]
_EVERYWHERE_NAMES: Final = frozenset(name.lower() for name, _ in EVERYWHERE)
_PREFLIGHT: Final[Headers] = [
    ("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
]
_STATUS_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_PACKABLE: Final = ("text/", "application/json", "application/xml", "application/n-", "application/trig", "image/svg")
_PACK_FROM_BYTES: Final = 1024
_PACK_QUICKLY_FROM_BYTES: Final = 1 << 18
#: In a request's environment: the state of the data when its answer was begun.
_STATE: Final = "backstory.state"
_LOGGED_MAX: Final = 500  # characters of a path in the log
#: Headers that a 304 keeps (RFC 9110 §15.4.5).
_KEPT_IN_304: Final = frozenset({"etag", "vary", "cache-control", "link", "content-location"})


class Answered(NamedTuple):
    """A complete response."""

    status: int
    headers: Headers
    body: bytes


class Front:
    """The outermost layer of the service, for WSGI servers and for `server.gateway`."""

    def __init__(self, application: Application, service: Service, show: Show = page) -> None:
        self._application = application
        self._service = service
        self._show = show
        self._observer = service.observer
        self._cache: AnswerCache = service.cache
        self.settings = service.settings

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request of a WSGI server."""
        asked = from_environ(environ, self.settings.trusted_proxies)
        answered = self.kept(asked) or self.answer(asked, environ)
        start_response(_STATUS_LINES.get(answered.status) or f"{answered.status} Unknown", answered.headers)
        return [answered.body]

    def kept(self, asked: Asked) -> Answered | None:
        """The answer that was given before, if there is one and the data is as it was."""
        if not asked.reads:
            return None
        state = self._service.state()
        kept = self._cache.get(asked.key, state) if state is not None else None
        if kept is None:
            return None
        answered = _unless_known(Answered(200, kept.headers, kept.body), kept.tag, asked)
        return self._told(asked, answered, kept.route, "hit", {})

    def begin(self, asked: Asked, environ: Environ) -> Pending | None:
        """Begin to evaluate a query, if that takes no waiting; `answer` then takes its result."""
        if asked.path != "/sparql":
            return None
        self._complete(asked, environ)
        return sparql.begin(self._service, environ)

    def answer(self, asked: Asked, environ: Environ) -> Answered:
        """Let the application answer, whole, and keep the answer where it depends on nothing else."""
        self._complete(asked, environ)
        state = environ[_STATE]
        answered = self._asked_application(asked, environ)
        if state is not None and answered.status == 200 and environ.get(CACHEABLE):
            tag = _tag(asked, state, answered)
            names = {name.lower() for name, _ in answered.headers}
            headers = answered.headers
            if "etag" in names:
                headers = [header for header in headers if header[0].lower() != "etag"]
            headers = [*headers, ("ETag", tag)]
            if "cache-control" not in names:
                headers.append(("Cache-Control", "no-cache"))
            if state == self._service.state():  # else a write came in between: whose state it shows is not known
                self._cache.put(asked.key, state, Kept(headers, answered.body, tag, route_of(asked.path)))
            answered = _unless_known(answered._replace(headers=headers), tag, asked)
        return self._told(asked, answered, route_of(asked.path), "miss", environ)

    def refuse(self, asked: Asked, problem: Problem) -> Answered:
        """Answer with a problem that was found before the application was asked; the connection ends with it."""
        status, headers, body = rendered(problem, asked.accept, asked.id, self._show)
        answered = Answered(status, *_finished([*headers, ("Connection", "close")], body, asked))
        return self._told(asked, answered, route_of(asked.path), "miss", {})

    def _complete(self, asked: Asked, environ: Environ) -> None:
        """Add to the environment what the front knows: of the request, and the state of the data when it began."""
        if _STATE in environ:
            return
        environ[_STATE] = self._service.state() if asked.reads else None
        environ[CLIENT], environ[ARRIVAL], environ[REQUEST_ID] = asked.client, asked.arrival, asked.id
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = asked.host, asked.scheme
        if asked.accept is not None:
            environ["HTTP_ACCEPT"] = asked.accept
        if asked.method == "HEAD":
            environ["REQUEST_METHOD"] = "GET"  # its headers are those of a GET, the body is dropped here

    def _asked_application(self, asked: Asked, environ: Environ) -> Answered:
        try:
            status, headers, body = self._called(environ, asked.path)
        except Exception as error:  # noqa: BLE001 - the one error boundary: no request ends without its problem document
            problem = problem_of(error, asked.id)
            environ[OUTCOME] = type(error).__name__
            status, headers, body = rendered(problem, asked.accept, asked.id, self._show)
        return Answered(status, *_finished(headers, body, asked))

    def _called(self, environ: Environ, path: str) -> tuple[int, Headers, bytes]:
        """What the application, or the query operation past Flask, answers."""
        if path == "/sparql":
            made = sparql.direct(self._service, environ)
            if made is not None:
                return 200, *made
        started: list[Any] = []
        chunks = self._application(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return int(started[-1][0][:3]), started[-1][1], body

    def _told(self, asked: Asked, answered: Answered, route: str, cache: str, environ: Environ) -> Answered:
        """Count the request, write its log line, and add what is said of this one request only."""
        seconds = time.monotonic() - asked.arrival
        self._observer.request(route, answered.status, seconds, cache)
        if self._observer.logs:
            self._observer.line(_entry(asked, answered, seconds, cache, environ, self._observer.log_questions))
        timing = f"total;dur={seconds * 1000:.2f}"
        if cache == "hit":
            timing = f"cache;desc=hit, {timing}"
        for name, spent in environ.get(TIMINGS, {}).items():
            timing += f", {name};dur={spent:.2f}"
        headers = [*answered.headers, ("X-Request-Id", asked.id), ("Server-Timing", timing)]
        bodiless = asked.method == "HEAD" or answered.status in (204, 304)
        return Answered(answered.status, headers, b"" if bodiless else answered.body)


def _entry(
    asked: Asked, answered: Answered, seconds: float, cache: str, environ: Environ, with_question: bool
) -> dict[str, Any]:
    """The members of a log line."""
    entry = {
        "time": round(time.time(), 3),
        "request_id": asked.id,
        "method": asked.method,
        "path": asked.path[:_LOGGED_MAX],
        "status": answered.status,
        "ms": round(seconds * 1000, 2),
        "bytes": len(answered.body),
        "client": asked.client,
        "cache": cache,
    }
    if OUTCOME in environ:
        entry["outcome"] = environ[OUTCOME]
    if with_question and QUESTION in environ:
        entry["question"] = environ[QUESTION]
    return entry


def _finished(headers: Headers, body: bytes, asked: Asked) -> tuple[Headers, bytes]:
    """The headers that every response has, and the body packed where the client takes that and it is worth it."""
    names = {name.lower(): value for name, value in headers}
    kind = names.get("content-type", "")
    drop = {"content-length"}
    added = list(EVERYWHERE)
    if not _EVERYWHERE_NAMES.isdisjoint(names):
        added = [header for header in EVERYWHERE if header[0].lower() not in names]
    packable = len(body) >= _PACK_FROM_BYTES and (kind.startswith(_PACKABLE) or "+json" in kind or "+xml" in kind)
    if packable and "content-encoding" not in names:
        drop.add("vary")
        vary = names.get("vary")
        added.append(("Vary", f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"))
        if asked.gzip:
            body = gzip.compress(body, 5 if len(body) < _PACK_QUICKLY_FROM_BYTES else 1, mtime=0)
            added.append(("Content-Encoding", "gzip"))
    if asked.method == "OPTIONS":
        added += [*_PREFLIGHT, ("Access-Control-Allow-Methods", names.get("allow", "GET, HEAD, OPTIONS"))]
    if not drop.isdisjoint(names):
        headers = [header for header in headers if header[0].lower() not in drop]
    return [*headers, *added, ("Content-Length", str(len(body)))], body


def _tag(asked: Asked, state: tuple[Hashable, ...], answered: Answered) -> str:
    """A strong entity tag (RFC 9110 §8.8.3): of the request, the digests of the data, the headers and the body."""
    kind = [value for name, value in answered.headers if name.lower() in ("content-type", "content-encoding", "link")]
    said = (asked.path, asked.query, asked.host, asked.scheme, state[1:], kind)
    digest = blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(answered.body)
    return f'"{digest.hexdigest()}"'


def _unless_known(answered: Answered, tag: str, asked: Asked) -> Answered:
    """304 when the client has this very answer already (RFC 9110 §13.1.2)."""
    if asked.if_none_match is None or not names_tag(asked.if_none_match, tag):
        return answered
    kept = [header for header in answered.headers if header[0].lower() in _KEPT_IN_304]
    return Answered(304, [*kept, *EVERYWHERE], b"")
