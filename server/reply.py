"""What every route needs: the service it belongs to, the deadline of its request, and a reply in a media type."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

from flask import Response, current_app, request

from server.access import HOW_DATA_CHANGES
from server.evaluator.engine import IsolatedEngine
from server.negotiate import choose
from server.problems import Problem
from server.service import Service

#: Set in a request's environment by a route: the reply depends on nothing but the request and the edition.
CACHEABLE = "backstory.cacheable"
ARRIVAL = "backstory.arrival"
CLIENT = "backstory.client"
REQUEST_ID = "backstory.request_id"
#: What the request log says about how a query ended, and for Server-Timing the milliseconds by name.
OUTCOME = "backstory.outcome"
TIMINGS = "backstory.timings"
#: The text of the question or query, for a log that was asked to hold it.
QUESTION = "backstory.question"


def service() -> Service:
    """The service that this request came to."""
    return cast(Service, current_app.extensions["backstory"])


def deadline() -> float:
    """When this request's work must have ended, in seconds of `time.monotonic()`: the time counts from its arrival."""
    return deadline_of(service(), request.environ)


def deadline_of(found: Service, environ: Mapping[str, Any]) -> float:
    """The same for a request that is not in Flask's hands."""
    arrival: float = environ.get(ARRIVAL) or time.monotonic()
    return arrival + float(found.settings.deadline_ms) / 1000


def client() -> str:
    """Whose queries this request's are counted with."""
    return str(request.environ.get(CLIENT) or request.remote_addr or "")


def content_type(media_type: str) -> str:
    """The Content-Type: with the charset where a text type would otherwise be read as something else."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def reply(body: bytes | str, media_type: str, cacheable: bool = True, *, vary: bool = True) -> Response:
    """A complete reply; a cacheable one gets an entity tag, and may be answered by the front the next time."""
    headers = [("Vary", "Accept")] if vary else []
    request.environ[CACHEABLE] = cacheable
    return Response(body, 200, headers, content_type=content_type(media_type))


def keep_page(response: Response) -> Response:
    """Let the front keep a page or a picture of the graph: it depends on nothing but its address and the edition."""
    if request.blueprint in ("pages", "explore") and response.status_code == 200 and CACHEABLE not in request.environ:
        response.direct_passthrough = False
        request.environ[CACHEABLE] = True
    return response


def negotiated(offers: tuple[str, ...]) -> str:
    """The media type that the client likes best.

    Raises: Problem 406, which lists the offers.
    """
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise Problem(
            "not-acceptable", "the Accept header excludes every media type of this address", available=list(offers)
        )
    return chosen


def plain_engine() -> IsolatedEngine:
    """The engine of a plain store, which takes writes.

    Raises: Problem 403 where the data is published and changes by whole documents.
    """
    engine = service().engine
    if not service().writable_store or not isinstance(engine, IsolatedEngine):
        raise Problem("not-writable", HOW_DATA_CHANGES)
    return engine
