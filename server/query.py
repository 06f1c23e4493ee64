"""`/query`: a query's result as a page, for the form that works without JavaScript; programs ask `/sparql`."""

from __future__ import annotations

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from server.negotiate import HTML
from server.pages import show
from server.protocol import url_parameters
from server.reply import reply, service
from server.sparql import evaluated

blueprint = Blueprint("query", __name__)

_ROWS: Final = 1000  # of a result that are shown; the endpoint gives all of it
_ACCEPT: Final = "application/sparql-results+json, text/turtle"


@blueprint.get("/query")
def result_page() -> Response:
    """The result of `query` as a page.

    Raises: Problem, EngineError.
    """
    environ = {**request.environ, "HTTP_ACCEPT": _ACCEPT}
    found = evaluated(service(), environ, url_parameters(request.environ))
    page = show("result.html", "Query", query=request.args.get("query", ""), **_shown(found.body, found.media_type))
    return reply(page, HTML, cacheable=found.cacheable)


def _shown(body: bytes, media_type: str) -> dict[str, Any]:
    """What the page shows of a result: its table, its yes or no, or its graph as text."""
    text = body.decode("utf-8")
    if not media_type.startswith("application/sparql-results+json"):
        return {"graph": text}
    result = json.loads(text)
    if "boolean" in result:
        return {"boolean": result["boolean"]}
    rows = result["results"]["bindings"]
    return {"variables": result["head"]["vars"], "rows": rows[:_ROWS], "count": len(rows)}
