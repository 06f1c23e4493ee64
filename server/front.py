"""The front: WSGI middleware above Flask that answers what it has answered before, and finishes every answer.

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
from itertools import count
from os import urandom
from typing import Any, Final, NamedTuple

from server.cache import AnswerCache, Kept
from server.gate import Application, Environ, StartResponse
from server.negotiate import accepts_gzip, names_tag
from server.observe import route_of
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
_PREFLIGHT: Final[Headers] = [
    ("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
]
_STATUS_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_PACKABLE: Final = ("text/", "application/json", "application/xml", "application/n-", "application/trig", "image/svg")
_PACK_FROM_BYTES: Final = 1024
_PACK_QUICKLY_FROM_BYTES: Final = 1 << 18
#: Headers that a 304 keeps (RFC 9110 §15.4.5).
_KEPT_IN_304: Final = frozenset({"etag", "vary", "cache-control", "link", "content-location"})


class Answered(NamedTuple):
    """A complete response, before the headers of this one request are added."""

    status: int
    headers: Headers
    body: bytes
    cache: str


class Front:
    """The outermost layer of the service."""

    def __init__(self, application: Application, service: Service) -> None:
        self._application = application
        self._service = service
        self._observer = service.observer
        self._proxies = int(service.settings.trusted_proxies)
        self._cache: AnswerCache = service.cache
        self._ids = map(f"{urandom(5).hex()}-{{:x}}".format, count(1))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        arrival = environ[ARRIVAL] = time.monotonic()
        request_id = environ[REQUEST_ID] = next(self._ids)
        method = environ["REQUEST_METHOD"]
        if method == "GET" or method == "HEAD":
            answered, route = self._read(environ)
        else:
            answered, route = self._missed(environ), route_of(environ["PATH_INFO"])
        ms = (time.monotonic() - arrival) * 1000
        body = b"" if method == "HEAD" or answered.status in (204, 304) else answered.body
        timing = f"total;dur={ms:.2f}" if answered.cache != "hit" else f"cache;desc=hit, total;dur={ms:.2f}"
        for name, spent in environ.get(TIMINGS, {}).items():
            timing += f", {name};dur={spent:.2f}"
        headers = [*answered.headers, ("X-Request-Id", request_id), ("Server-Timing", timing)]
        start_response(_STATUS_LINES.get(answered.status) or f"{answered.status} Unknown", headers)
        self._told(environ, answered, route, ms)
        return [body]

    def _read(self, environ: Environ) -> tuple[Answered, str]:
        """A GET or HEAD, from what is kept where possible."""
        state = self._service.state()
        key = (
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT"),
            accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
            environ.get("HTTP_HOST"),
            environ.get("wsgi.url_scheme"),
        )
        kept = self._cache.get(key, state) if state is not None else None
        if kept is not None:
            answered = Answered(200, kept.headers, kept.body, "hit")
            return _unless_known(answered, kept.tag, environ), kept.route
        route = route_of(environ["PATH_INFO"])
        answered = self._missed(environ)
        if answered.status != 200 or not environ.get(CACHEABLE) or state is None:
            return answered, route
        tag = _tag(key, state, answered)
        headers = [header for header in answered.headers if header[0].lower() != "etag"] + [("ETag", tag)]
        if not any(name.lower() == "cache-control" for name, _ in headers):
            headers.append(("Cache-Control", "no-cache"))
        if state == self._service.state():  # else a write came in between: whose state it shows is not known
            self._cache.put(key, state, Kept(headers, answered.body, tag, route))
        return _unless_known(answered._replace(headers=headers), tag, environ), route

    def _missed(self, environ: Environ) -> Answered:
        """Let the application answer, whole, and add what every response has."""
        environ[CLIENT] = client_of(environ, self._proxies)
        method = environ["REQUEST_METHOD"]
        if method == "HEAD":
            environ["REQUEST_METHOD"] = "GET"  # its headers are those of a GET, the body is dropped here
        started: list[Any] = []
        chunks = self._application(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        environ["REQUEST_METHOD"] = method
        status, headers = int(started[-1][0][:3]), list(started[-1][1])
        return Answered(status, *_finished(headers, body, environ), "miss")

    def _told(self, environ: Environ, answered: Answered, route: str, ms: float) -> None:
        """Count the request and write its log line."""
        self._observer.request(route, answered.status, ms / 1000, answered.cache)
        if not self._observer.logs:
            return
        entry = {
            "time": round(time.time(), 3),
            "request_id": environ[REQUEST_ID],
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "status": answered.status,
            "ms": round(ms, 2),
            "bytes": len(answered.body),
            "client": environ.get(CLIENT) or client_of(environ, self._proxies),
            "cache": answered.cache,
        }
        if OUTCOME in environ:
            entry["outcome"] = environ[OUTCOME]
        if self._observer.log_questions and QUESTION in environ:
            entry["question"] = environ[QUESTION]
        self._observer.line(entry)


def client_of(environ: Environ, proxies: int) -> str:
    """Whose request it is: the socket's address, or behind trusted proxies the last hop that none of them added."""
    address = str(environ.get("REMOTE_ADDR", ""))
    if not proxies:
        return address
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else (hops[0] if hops else address)


def _finished(headers: Headers, body: bytes, environ: Environ) -> tuple[Headers, bytes]:
    """The headers that every response has, and the body packed where the client takes that and it is worth it."""
    names = {name.lower(): value for name, value in headers}
    kind = names.get("content-type", "")
    drop = {"content-length"}
    added = list(EVERYWHERE)
    packable = len(body) >= _PACK_FROM_BYTES and (kind.startswith(_PACKABLE) or "+json" in kind or "+xml" in kind)
    if packable and "content-encoding" not in names:
        drop.add("vary")
        vary = names.get("vary")
        added.append(("Vary", f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"))
        if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = gzip.compress(body, 5 if len(body) < _PACK_QUICKLY_FROM_BYTES else 1, mtime=0)
            added.append(("Content-Encoding", "gzip"))
    if environ["REQUEST_METHOD"] == "OPTIONS":
        added += [*_PREFLIGHT, ("Access-Control-Allow-Methods", names.get("allow", "GET, HEAD, OPTIONS"))]
    added = [header for header in added if header[0].lower() not in names or header[0] == "Vary"]
    kept = [(name, value) for name, value in headers if name.lower() not in drop]
    return [*kept, *added, ("Content-Length", str(len(body)))], body


def _tag(key: tuple[Hashable, ...], state: Hashable, answered: Answered) -> str:
    """A strong entity tag (RFC 9110 §8.8.3): of the request, the state of the data, the headers and the body."""
    kind = [value for name, value in answered.headers if name.lower() in ("content-type", "content-encoding", "link")]
    digest = blake2b(repr((key[:2], key[4:], state, kind)).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(answered.body)
    return f'"{digest.hexdigest()}"'


def _unless_known(answered: Answered, tag: str, environ: Environ) -> Answered:
    """304 when the client has this very answer already (RFC 9110 §13.1.2)."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is None or not names_tag(known, tag):
        return answered
    kept = [header for header in answered.headers if header[0].lower() in _KEPT_IN_304]
    return Answered(304, [*kept, *EVERYWHERE], b"", answered.cache)
