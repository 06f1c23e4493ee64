"""`/sparql` and `/update`: the SPARQL 1.1 Protocol over the engine for other people's queries."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from flask import Blueprint, Response, request

from kg.backends import EngineError, Result
from server import describe, pages
from server.evaluator.asking import Accept, AdHocQuery, Pending
from server.graphs import GRAPH_TYPES
from server.negotiate import HTML, JSON, PLAIN, choose
from server.problems import Problem
from server.protocol import Environ, is_iri, read_query, read_update, url_parameters
from server.reply import (
    CACHEABLE,
    CLIENT,
    OUTCOME,
    QUESTION,
    content_type,
    deadline,
    deadline_of,
    plain_engine,
    reply,
    service,
)
from server.service import Service

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

#: Longer than any host's name and the path of an endpoint.
_ADDRESS_MAX: Final = 1024
#: A longer request is read by a thread: an event loop has others to serve.
_SHORT_BYTES: Final = 8 * 1024
#: In a request's environment: the query that has been begun for it.
_BEGUN: Final = "backstory.begun"

blueprint = Blueprint("sparql", __name__)


class Evaluated(NamedTuple):
    """A query's result as it is sent, and whether the front may keep it."""

    body: bytes
    media_type: str
    cacheable: bool


@blueprint.get("/sparql")
def get_query() -> Response:
    """A query by GET; without one, the editor for a browser and the service description for everybody else."""
    pairs = url_parameters(request.environ)
    names = {name for name, _ in pairs}
    if "query" in names:
        return reply(*evaluated(service(), request.environ, pairs))
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
    return reply(*evaluated(service(), request.environ, url_parameters(request.environ)))


def begin(found: Service, environ: Environ) -> Pending | None:
    """Send a short query on its way to an evaluator, if that takes no waiting; `direct` then takes its result.

    None for whatever is unusual, errors included: `direct` sees to it in a thread, where waiting holds nobody up.
    """
    body = environ.get("wsgi.input")
    if len(environ["QUERY_STRING"]) + int(environ.get("CONTENT_LENGTH") or 0) > _SHORT_BYTES:
        return None
    try:
        pairs = _query_pairs(environ)
        query = None if pairs is None else query_of(found, environ, pairs)
        pending = None if query is None else found.engine.begin(query)
    except (Problem, EngineError):
        pending = None
    if pending is None and body is not None:
        body.seek(0)
    environ[_BEGUN] = pending and (query, pending)
    return pending


def direct(found: Service, environ: Environ) -> tuple[list[tuple[str, str]], bytes] | None:
    """A query answered past Flask, whose dispatch costs as much as a small query: headers and body.

    None for what the routes answer: the description, the editor, other methods.

    Raises: Problem, EngineError.
    """
    begun = environ.get(_BEGUN)
    if begun is not None:
        query, pending = begun
        result = _evaluated(query, pending.result(), environ)
    else:
        pairs = _query_pairs(environ)
        if pairs is None:
            return None
        result = evaluated(found, environ, pairs)
    environ[CACHEABLE] = result.cacheable
    return [("Content-Type", content_type(result.media_type)), ("Vary", "Accept")], result.body


def _query_pairs(environ: Environ) -> list[tuple[str, str]] | None:
    """The parameters in the address of a request that is a query; None of any other.

    Raises: Problem.
    """
    method = environ["REQUEST_METHOD"]
    if method == "POST":  # a plain WSGI server's stream: the gate, further in, reads it and knows where it ends
        return url_parameters(environ) if environ.get("wsgi.input_terminated") else None
    if method != "GET" or "query=" not in environ.get("QUERY_STRING", ""):
        return None
    pairs = url_parameters(environ)
    return pairs if any(name == "query" for name, _ in pairs) else None


def evaluated(found: Service, environ: Environ, pairs: list[tuple[str, str]]) -> Evaluated:
    """Evaluate the query of a request.

    Raises: Problem, EngineError.
    """
    query = query_of(found, environ, pairs)
    return _evaluated(query, found.engine.query(query), environ)


def query_of(found: Service, environ: Environ, pairs: list[tuple[str, str]]) -> AdHocQuery:
    """The query of a request, as the engine takes it.

    Raises: Problem.
    """
    operation = read_query(environ, pairs)
    accepted = accepted_types(environ.get("HTTP_ACCEPT"))
    if not any(accepted):
        available = sorted({name for names in MEDIA_TYPES.values() for name in names})
        raise Problem("not-acceptable", "the Accept header excludes every media type of a result", available=available)
    environ[QUESTION] = operation.text
    return AdHocQuery(
        operation.text,
        environ.get(CLIENT, ""),
        deadline_of(found, environ),
        accepted,
        operation.default_graphs,
        operation.named_graphs,
        base(environ),
    )


def _evaluated(query: AdHocQuery, result: Result, environ: Environ) -> Evaluated:
    environ[OUTCOME] = "ok"
    volatile = _VOLATILE.search(query.text) is not None
    return Evaluated(result.body or b"", result.media_type or PLAIN, not volatile)


def base(environ: Environ) -> str:
    """What relative IRIs in the text resolve against: the address that it was sent to (SPARQL 1.1 Protocol §2.1.5).

    Raises: Problem 400 where the Host header makes no address.
    """
    host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    address = f"{environ['wsgi.url_scheme']}://{host}{environ['PATH_INFO']}"
    if not _is_address(address):
        raise Problem("bad-request", "the Host header names no host")
    return address


@lru_cache(maxsize=64)
def _is_address(text: str) -> bool:
    return len(text) <= _ADDRESS_MAX and is_iri(text)


@lru_cache(maxsize=512)
def accepted_types(accept: str | None) -> Accept:
    """For each kind of result the media type that the client likes best, None where it accepts none."""
    return Accept(**{kind: choose(accept, offers) for kind, offers in MEDIA_TYPES.items()})


@blueprint.post("/update")
def post_update() -> Response:
    """An update of a writable plain store; the gate has seen the token.

    Raises: Problem, EngineError.
    """
    operation = read_update(request.environ)
    plain_engine().update(
        operation.text,
        deadline=deadline(),
        using_graphs=operation.default_graphs,
        using_named=operation.named_graphs,
        base=base(request.environ),
    )
    return Response(status=204)
