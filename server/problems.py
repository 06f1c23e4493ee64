"""Every error of the service, in one shape: a problem document (RFC 9457).

    Problem                       status, kind, title, detail, request_id and members of its own
    ├── raised by the routes      bad parameters, unknown things, what cannot be negotiated or written
    ├── from EngineError          one kind for each class of kg.backends (KIND_OF_ENGINE_ERROR)
    └── from HTTPException        what Flask refuses by itself: unknown paths, methods

`type` is an IRI that this service answers at its path (`/problem/<kind>`). A client that prefers HTML gets the same
members as a page. The members never hold a traceback or a path of this machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kg import backends
from kg.terms import BASE
from server.evaluator import errors as evaluator_errors
from server.negotiate import HTML, PROBLEM, prefers_html

#: Makes the page of a problem document.
Show = Callable[[Mapping[str, Any]], str]


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, its title, and what a client can do about it."""

    status: int
    title: str
    advice: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "bad-request": Kind(400, "Bad request", "The detail says what is wrong with the request."),
        "bad-parameter": Kind(400, "Bad parameter", "The detail names the parameter and what it takes."),
        "bad-body": Kind(400, "Unreadable body", "The body is not what its Content-Type says."),
        "question-missing": Kind(400, "No question", "Ask with `q`, up to the limit in `max_characters`."),
        "question-too-long": Kind(400, "Question too long", "Ask in at most `max_characters` characters."),
        "unknown-slot-value": Kind(400, "Unknown value", "Use one of `choices`."),
        "query-syntax": Kind(400, "Invalid SPARQL", "`line` and `column` say where the parser stopped."),
        "query-too-deep": Kind(400, "Query nested too deep", "Use fewer nested brackets."),
        "token-missing": Kind(401, "Token needed", "Send the administrator's token as `Authorization: Bearer`."),
        "not-writable": Kind(403, "Not writable", "The detail says how this data changes."),
        "not-found": Kind(404, "Not found", "There is nothing at this address."),
        "method-not-allowed": Kind(405, "Method not allowed", "`allowed` lists the methods of this address."),
        "not-acceptable": Kind(406, "Not acceptable", "`available` lists the media types of this address."),
        "body-timeout": Kind(408, "Body too slow", "Send the whole body within `limit_ms` milliseconds."),
        "conflict": Kind(409, "Conflict", "The detail says what stands in the way."),
        "too-large": Kind(413, "Too large", "Send at most `limit_bytes` bytes."),
        "address-too-long": Kind(414, "Address too long", "Send long queries in the body of a POST."),
        "unsupported-media-type": Kind(415, "Unsupported media type", "`supported` lists what can be sent here."),
        "result-too-large": Kind(
            422, "Result too large", "Ask for less, with LIMIT for example: no result is ever cut."
        ),
        "document-invalid": Kind(422, "Document breaks a rule", "`file`, `line` and `rule` say where and which."),
        "too-many-requests": Kind(429, "Too many at once", "Wait for your queries to end, then try again."),
        "internal": Kind(500, "Internal error", "This is our mistake; `request_id` finds it in the log."),
        "federation-refused": Kind(501, "Federation is not offered", "This service fetches nothing from elsewhere."),
        "engine-failed": Kind(502, "The engine failed", "Try again; `request_id` finds it in the log."),
        "out-of-memory": Kind(503, "Query needs too much memory", "Ask for less."),
        "busy": Kind(503, "Busy", "Try again after the seconds in Retry-After."),
        "engine-unreachable": Kind(503, "The engine does not answer", "Try again after the seconds in Retry-After."),
        "stopping": Kind(503, "Stopping", "The service is stopping; try again after the seconds in Retry-After."),
        "deadline-exceeded": Kind(504, "Deadline exceeded", "Ask for less: a query has a limited time."),
    }
)

KIND_OF_ENGINE_ERROR: Final[tuple[tuple[type[backends.EngineError], str], ...]] = (
    (backends.QuerySyntaxError, "query-syntax"),
    (evaluator_errors.DatasetInText, "bad-parameter"),
    (evaluator_errors.DataSyntaxError, "bad-body"),
    (evaluator_errors.KindNotAcceptable, "not-acceptable"),
    (evaluator_errors.QueryTooLong, "too-large"),
    (evaluator_errors.ServiceRefused, "federation-refused"),
    (backends.QueryTooLarge, "result-too-large"),
    (backends.QueryTooDeep, "query-too-deep"),
    (backends.DeadlineExceeded, "deadline-exceeded"),
    (backends.OutOfMemory, "out-of-memory"),
    (backends.Busy, "busy"),
    (backends.TooManyForClient, "too-many-requests"),
    (backends.EngineUnreachable, "engine-unreachable"),
    (backends.NotWritable, "not-writable"),
    (backends.EngineError, "engine-failed"),
)

KIND_OF_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "bad-request",
        401: "token-missing",
        403: "not-writable",
        404: "not-found",
        405: "method-not-allowed",
        406: "not-acceptable",
        408: "body-timeout",
        409: "conflict",
        413: "too-large",
        414: "address-too-long",
        415: "unsupported-media-type",
        422: "document-invalid",
        429: "too-many-requests",
        501: "federation-refused",
        503: "busy",
    }
)


class Problem(Exception):
    """An error for the client: its kind (a key of `KINDS`), one sentence of detail, and members of its own."""

    def __init__(self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.members = members
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return KINDS[self.kind].status

    def document(self, request_id: str) -> dict[str, Any]:
        """The members of the problem document (RFC 9457 §3)."""
        return {
            "type": f"{BASE}problem/{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.members,
        }


def from_engine(error: backends.EngineError) -> Problem:
    """The problem that an engine's error is."""
    kind = next(kind for cls, kind in KIND_OF_ENGINE_ERROR if isinstance(error, cls))
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    members: dict[str, Any] = {}
    if isinstance(error, backends.QuerySyntaxError | evaluator_errors.DataSyntaxError):
        members = {"line": error.line, "column": error.column}
    return Problem(kind, str(error), headers=headers, **members)


def page(document: Mapping[str, Any]) -> str:
    """The problem document as a page that needs nothing else, so that it can be shown whatever has failed."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value if isinstance(value, str) else json.dumps(value))}</dd>"
        for name, value in document.items()
        if name not in ("title", "detail") and value is not None
    )
    title, detail = escape(str(document["title"])), escape(str(document["detail"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f'{title} – Backstory</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'</head><body><main><h1>{title}</h1><p>{detail}</p><dl>{rows}</dl><p><a href="/">Ask a question</a></p>'
        "</main></body></html>"
    )


def rendered(
    problem: Problem, accept: str | None, request_id: str, show: Show = page
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of a problem, as a page for a client that prefers HTML, else as JSON."""
    document = problem.document(request_id)
    if prefers_html(accept):
        media_type, body = f"{HTML}; charset=utf-8", show(document).encode()
    else:
        media_type, body = PROBLEM, json.dumps(document, ensure_ascii=False).encode() + b"\n"
    headers = [("Content-Type", media_type), ("Vary", "Accept"), ("Cache-Control", "no-store")]
    return problem.status, headers + list(problem.headers.items()), body
