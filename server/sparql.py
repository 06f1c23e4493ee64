"""`/sparql` and `/update`: the SPARQL 1.1 Protocol over the engine for other people's queries."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, request

from server import describe, pages
from server.adhoc import Accept
from server.graphs import GRAPH_TYPES
from server.negotiate import HTML, JSON, PLAIN, choose
from server.problems import Problem
from server.protocol import read_query, read_update, url_parameters
from server.reply import OUTCOME, QUESTION, client, deadline, plain_engine, reply, service

_RESULTS_JSON: Final = "application/sparql-results+json"
_RESULTS_XML: Final = "application/sparql-results+xml"
#: What each kind of result can be written as, the first where the client has no preference.
MEDIA_TYPES: Final = MappingProxyType(
    {
        "select": (
            _RESULTS_JSON,
            _RESULTS_XML,
            "text/csv",
            "text/tab-separated-values",
            JSON,
            "application/xml",
            "text/xml",
        ),
        "ask": (_RESULTS_JSON, _RESULTS_XML, JSON, "application/xml", "text/xml"),
        "graph": (
            "text/turtle",
            "application/n-triples",
            "application/ld+json",
            "application/rdf+xml",
            "application/trig",
            "application/n-quads",
            "text/n3",
            "text/plain",
        ),
    }
)
#: These give something new at each evaluation; a result with one of them gets no entity tag and is not kept.
_VOLATILE: Final = re.compile(r"\b(?:rand|now|uuid|struuid|bnode)\s*\(", re.IGNORECASE)

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
def get_query() -> Response:
    """A query by GET; without one, the editor for a browser and the service description for everybody else."""
    pairs = url_parameters(request)
    names = {name for name, _ in pairs}
    if "query" in names:
        return answer_query()
    if names & {"default-graph-uri", "named-graph-uri", "update"}:
        raise Problem("bad-parameter", "exactly one `query` parameter is needed; it is missing", parameter="query")
    media_type = choose(request.headers.get("Accept"), (*GRAPH_TYPES, HTML))
    if media_type == HTML and not service().settings.empty:
        edited = next((value for name, value in pairs if name == "edit"), "")
        return reply(pages.editor_page(edited), HTML)
    return describe.service_description()


@blueprint.post("/sparql")
def post_query() -> Response:
    """A query by either POST."""
    return answer_query()


def answer_query() -> Response:
    """Evaluate the query of the request.

    Raises: Problem, EngineError.
    """
    operation = read_query(request)
    accept = request.headers.get("Accept")
    accepted = accepted_types(accept)
    if not any(accepted.values()):
        raise not_acceptable(sorted({name for names in MEDIA_TYPES.values() for name in names}))
    request.environ[QUESTION] = operation.text
    result = service().engine.query(
        operation.text,
        client=client(),
        deadline=deadline(),
        accept=accepted,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        base=request.base_url,
    )
    request.environ[OUTCOME] = "ok"
    return reply(result.body or b"", result.media_type or PLAIN, cacheable=_VOLATILE.search(operation.text) is None)


def accepted_types(accept: str | None) -> Accept:
    """For each kind of result the media type that the client likes best, None where it accepts none."""
    return {kind: choose(accept, offers) for kind, offers in MEDIA_TYPES.items()}


def not_acceptable(available: list[str]) -> Problem:
    """The problem that none of the media types is accepted (RFC 9110 §15.5.7)."""
    return Problem("not-acceptable", "the Accept header excludes every media type of this result", available=available)


@blueprint.post("/update")
def post_update() -> Response:
    """An update of a writable plain store; the gate has seen the token.

    Raises: Problem, EngineError.
    """
    operation = read_update(request)
    plain_engine().update(
        operation.text,
        deadline=deadline(),
        using_graphs=operation.default_graphs,
        using_named=operation.named_graphs,
        base=request.base_url,
    )
    return Response(status=204)
