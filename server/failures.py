"""The error boundary: whatever a route raises becomes a problem document."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from kg.backends import EngineError
from server.pages import problem_page
from server.problems import KIND_OF_STATUS, Problem, from_engine, page, rendered
from server.reply import OUTCOME, REQUEST_ID, service


def register(app: Flask) -> None:
    """Let the application answer every error in the one shape."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(EngineError, engine_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unforeseen)


def answer(problem: Problem) -> Response:
    """The problem as the response to the present request."""
    status, headers, body = rendered(problem, request.headers.get("Accept"), request.environ.get(REQUEST_ID, ""), _page)
    return Response(body, status=status, headers=headers)


def _page(members: Mapping[str, Any]) -> str:
    """The page of a problem: in the house's style where there are pages and they work, else the plain one."""
    if not service().settings.empty and members["status"] < 500:
        return problem_page(members)
    return page(members)


def engine_error(error: EngineError) -> Response:
    """What the engine could not do."""
    request.environ[OUTCOME] = type(error).__name__
    return answer(from_engine(error))


def http_error(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves: unknown paths, methods, hosts."""
    if isinstance(error, RequestRedirect):
        return Response(status=error.code, headers={"Location": error.new_url})
    kind = KIND_OF_STATUS.get(error.code or 500, "bad-request" if (error.code or 500) < 500 else "internal")
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        detail = f"{request.method} is not possible here; possible: {', '.join(allowed)}"
        return answer(Problem(kind, detail, allowed=allowed, headers={"Allow": ", ".join(allowed)}))
    if error.code == 404:
        return answer(Problem(kind, "there is nothing at this address"))
    return answer(Problem(kind, error.description or error.name))


def unforeseen(error: Exception) -> Response:
    """Our own mistakes: the one place that catches broadly, so that no request ends without a problem document.

    The traceback goes to standard error, under the request's id, and never to the client.
    """
    request_id = request.environ.get(REQUEST_ID, "")
    sys.stderr.write(f"request {request_id}: " + "".join(traceback.format_exception(error)))
    return answer(Problem("internal", "something went wrong in the service; it has been written to its log"))
