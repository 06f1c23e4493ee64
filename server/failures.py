"""The error boundary: whatever a request raises becomes a problem."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from kg.backends import EngineError
from server.problems import KIND_OF_STATUS, Problem, from_engine, page


def register(app: Flask) -> None:
    """Let every error out of the application, to the front, where all become problem documents in one place."""
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_error_handler(HTTPException, http_error)


def http_error(error: HTTPException) -> HTTPException:
    """What Flask and Werkzeug refuse by themselves (unknown paths, methods, hosts), as a problem.

    Raises: Problem, but for a redirect.
    """
    if isinstance(error, RequestRedirect):
        return error
    kind = KIND_OF_STATUS.get(error.code or 500, "bad-request" if (error.code or 500) < 500 else "internal")
    if isinstance(error, MethodNotAllowed):
        _not_allowed(kind, sorted(error.valid_methods or ()))
    if error.code == 404:
        raise Problem(kind, "there is nothing at this address")
    raise Problem(kind, error.description or error.name)


def _not_allowed(kind: str, allowed: list[str]) -> NoReturn:
    listed = ", ".join(allowed)
    raise Problem(
        kind, f"this method is not possible here; possible: {listed}", allowed=allowed, headers={"Allow": listed}
    )


def problem_of(error: Exception, request_id: str) -> Problem:
    """The problem that an error is; the traceback of one that nobody foresaw goes to standard error, and only there."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, EngineError):
        return from_engine(error)
    sys.stderr.write(f"request {request_id}: " + "".join(traceback.format_exception(error)))
    return Problem("internal", "something went wrong in the service; it has been written to its log")


def page_of(app: Flask, members: Mapping[str, Any]) -> str:
    """The page of a problem: in the house's style where there are pages, and of our own mistakes the plain one."""
    if app.extensions["backstory"].settings.empty or members["status"] >= 500:
        return page(members)
    from server.pages import problem_page

    with app.app_context():
        return problem_page(members)
