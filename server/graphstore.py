"""`/store`: the SPARQL 1.1 Graph Store HTTP Protocol, readable everywhere, writable on a plain store.

A graph is named by `?graph=IRI`, by `?default`, or directly by its own address below `/store/` (§4.1 and §4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from itertools import islice
from typing import Final, NamedTuple
from uuid import uuid4

import pyoxigraph as ox
from flask import Blueprint, Response, request

from kg.backends.oxigraph import RDF_FORMATS
from server.graphs import GRAPH_TYPES
from server.negotiate import TURTLE
from server.problems import Problem
from server.protocol import absolute_iri, url_parameters
from server.reply import client, deadline, negotiated, plain_engine, reply, service

#: What can be sent, by the media type's name in the request.
INPUT_TYPES: Final = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/trig",
    "application/n-quads",
    "text/n3",
    "application/x-turtle",
)
READ_TYPES: Final = (*GRAPH_TYPES, "application/trig", "application/n-quads", "text/n3")
MULTIPART: Final = "multipart/form-data"
TRIPLES: Final = "application/n-triples"
_PARTS_MAX: Final = 100

blueprint = Blueprint("graphstore", __name__)


class Part(NamedTuple):
    """Triples that were sent: the media type and the bytes."""

    media_type: str
    data: bytes


@blueprint.get("/store", defaults={"path": ""})
@blueprint.get("/store/<path:path>")
def get_graph(path: str) -> Response:
    """The triples of a graph (§5.2); HEAD gives the same headers (§5.7)."""
    graph = named(path)
    media_type = negotiated(READ_TYPES)
    body = service().engine.dump(graph, media_type, client=client(), deadline=deadline())
    if body is None:
        raise Problem("not-found", f"there is no graph <{graph}> here")
    return reply(body, media_type)


@blueprint.put("/store", defaults={"path": ""})
@blueprint.put("/store/<path:path>")
def put_graph(path: str) -> Response:
    """Replace a graph (§5.3): 201 for a new one, 204 for one that was there."""
    graph, engine = named(path), plain_engine()
    triples = sent()
    existed = engine.put_graph(graph, triples.data, triples.media_type, base=_base(graph), deadline=deadline())
    return Response(status=204 if existed else 201)


@blueprint.post("/store", defaults={"path": ""})
@blueprint.post("/store/<path:path>")
def post_graph(path: str) -> Response:
    """Add to a graph (§5.5); sent to the store itself, a new graph is made and its address is the Location."""
    engine = plain_engine()
    names = {name for name, _ in url_parameters(request.environ)}
    fresh = not path and not names & {"graph", "default"}
    graph = f"{request.host_url}store/{uuid4()}" if fresh else named(path)
    triples = sent()
    existed = engine.post_graph(graph, triples.data, triples.media_type, base=_base(graph), deadline=deadline())
    if fresh:
        return Response(status=201, headers={"Location": graph or ""})
    return Response(status=204 if existed else 201)


@blueprint.delete("/store", defaults={"path": ""})
@blueprint.delete("/store/<path:path>")
def delete_graph(path: str) -> Response:
    """Remove a graph (§5.4)."""
    graph = named(path)
    if not plain_engine().delete_graph(graph, deadline=deadline()):
        raise Problem("not-found", f"there is no graph <{graph}> here")
    return Response(status=204)


def named(path: str) -> str | None:
    """The graph that the request is about; None for the default graph.

    Raises: Problem 400 when it names none, two, or no absolute IRI.
    """
    pairs = url_parameters(request.environ)
    graphs = [value for name, value in pairs if name == "graph"]
    default = any(name == "default" for name, _ in pairs)
    if path and not graphs and not default:
        return f"{request.host_url}store/{path}"
    if path or len(graphs) + default != 1:
        raise Problem("bad-parameter", "name one graph, with `graph=IRI` or with `default`", parameter="graph")
    return absolute_iri("graph", graphs[0]) if graphs else None


def _base(graph: str | None) -> str:
    """What relative IRIs in the body resolve against: the graph's own IRI (§4.1)."""
    return graph if graph is not None else request.base_url


def sent() -> Part:
    """The triples of the body; those of several parts of a form are one graph (§5.5), stored as a whole or not at all.

    Raises: Problem 400 or 415.
    """
    if request.mimetype != MULTIPART:
        return Part(_supported(request.mimetype or TURTLE), request.get_data(cache=False))
    parts = list(islice(_parts(), _PARTS_MAX + 1))
    if not 0 < len(parts) <= _PARTS_MAX:
        raise Problem("bad-body", f"the form holds {'no part' if not parts else f'more than {_PARTS_MAX} parts'}")
    return parts[0] if len(parts) == 1 else Part(TRIPLES, b"".join(map(_triples, parts)))


def _supported(media_type: str) -> str:
    if media_type not in INPUT_TYPES:
        detail = f"triples cannot be read from {media_type[:100]!r}"
        supported = [*INPUT_TYPES, MULTIPART]
        headers = {"Accept-Post": ", ".join(supported)}
        raise Problem("unsupported-media-type", detail, supported=supported, headers=headers)
    return media_type


def _parts() -> Iterator[Part]:
    """The parts of a form; one that says no media type is Turtle."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + request.get_data(cache=False))
    for part in message.iter_parts() if message.is_multipart() else ():
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        yield Part(_supported(part.get_content_type() if "Content-Type" in part else TURTLE), data)


def _triples(part: Part) -> bytes:
    """A part as N-Triples; blank nodes of different parts stay different.

    Raises: Problem 400.
    """
    try:
        parsed = ox.parse(part.data, RDF_FORMATS[part.media_type], base_iri=request.base_url, rename_blank_nodes=True)
        return "".join(f"{quad.triple} .\n" for quad in parsed).encode()
    except (SyntaxError, ValueError) as error:
        raise Problem("bad-body", f"a part of the form cannot be read: {error}") from None
