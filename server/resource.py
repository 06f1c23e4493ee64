"""Every IRI of the graph at its path under this host: a page, Turtle, JSON-LD, N-Triples or RDF/XML.

The form is negotiated, or chosen by a suffix (`/id/Heat.ttl`). A passage's page is its place in its document's page.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request

from kg.terms import BASE, DOC, ENTITIES_GRAPH, ID, ONTOLOGY_GRAPH, Quad
from server import pages
from server.graphs import GRAPH_TYPES, SUFFIXES, graph_bytes
from server.negotiate import HTML
from server.problems import Problem
from server.protocol import is_iri
from server.reply import negotiated, reply, service

#: A page for whoever likes nothing better, after the forms for programs.
_OFFERS: Final = (*GRAPH_TYPES, HTML)
_SUFFIX: Final = re.compile(rf"(.+)\.({'|'.join(name for name, kind in SUFFIXES.items() if kind in GRAPH_TYPES)})")
_FILES: Final = {kind: name for name, kind in SUFFIXES.items() if kind in GRAPH_TYPES}

blueprint = Blueprint("resource", __name__)


@blueprint.get("/id/<path:name>")
def thing(name: str) -> Response:
    """A thing: what is said of it and what refers to it, with the statements of several parts that it is part of."""
    name, media_type = _form(name)
    iri = f"{ID}{name}"
    if media_type == HTML:
        page = pages.thing_page(iri)
        if page is None:
            raise _unknown(iri)
        return _described(reply(page, HTML), iri)
    return _graph(iri, _about(iri), media_type)


@blueprint.get("/doc/<document>", strict_slashes=True)
def document_without_slash(document: str) -> Response:
    """A document's IRI ends with a slash: its passages resolve against it."""
    if match := _SUFFIX.fullmatch(document):
        return _document(match[1], SUFFIXES[match[2]])
    return redirect(f"/doc/{quote(document)}/", 308)  # type: ignore[return-value]


@blueprint.get("/doc/<document>/")
def document(document: str) -> Response:
    """A document: its metadata, its sections, and the place of each passage."""
    return _document(document, negotiated(_OFFERS))


def _document(name: str, media_type: str) -> Response:
    iri = f"{DOC}{name}/"
    _safe(iri)
    if media_type == HTML:
        page = pages.source_page(iri)
        if page is None:
            raise _unknown(iri)
        return _described(reply(page, HTML), iri, f"/doc/{quote(name)}")
    return _graph(
        iri, service().quads(f"BIND(<{iri}> AS ?g) GRAPH <{iri}> {{ ?s ?p ?o }}"), media_type, f"/doc/{quote(name)}"
    )


@blueprint.get("/doc/<document>/<passage>")
def passage(document: str, passage: str) -> Response:
    """A passage: what it states, and where it stands."""
    passage, media_type = _form(passage)
    whole, iri = f"{DOC}{document}/", f"{DOC}{document}/{passage}"
    _safe(iri)
    place = f'GRAPH <{whole}> {{ ?s ?p ?o }} FILTER(?s = <{iri}> || STRSTARTS(STR(?s), "{iri}#"))'
    quads = service().quads(f"{{ GRAPH <{iri}> {{ ?s ?p ?o }} }} UNION {{ {place} }}")
    if media_type == HTML:
        if not quads:
            raise _unknown(iri)
        return redirect(f"/doc/{quote(document)}/#{quote(passage)}", 303)  # type: ignore[return-value]
    return _graph(iri, quads, media_type)


@blueprint.get("/graph/<name>")
def graph(name: str) -> Response:
    """A graph that belongs to no document: the things, or the vocabulary."""
    name, media_type = _form(name)
    iri = f"{BASE}graph/{name}"
    if iri not in (ENTITIES_GRAPH, ONTOLOGY_GRAPH):
        raise _unknown(iri)
    if media_type == HTML:
        return redirect("/explore" if iri == ENTITIES_GRAPH else "/ontology", 303)  # type: ignore[return-value]
    return _graph(iri, service().quads(f"GRAPH <{iri}> {{ ?s ?p ?o }}"), media_type)


@blueprint.get("/ns")
@blueprint.get("/ontology")
@blueprint.get("/ns.<suffix>")
@blueprint.get("/ontology.<suffix>")
@blueprint.get("/ns/<version>")
def ontology(suffix: str = "", version: str = "") -> Response:
    """The vocabulary."""
    if version and not service().quads(
        f"GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o FILTER(?o = <{BASE}ns/{_safe(version)}>) }}"
    ):
        raise _unknown(f"{BASE}ns/{version}")
    if suffix and SUFFIXES.get(suffix) not in GRAPH_TYPES:
        raise _unknown(f"{BASE}ns.{suffix}")
    media_type = SUFFIXES[suffix] if suffix else negotiated(_OFFERS)
    if media_type == HTML:
        return _described(reply(pages.ontology_page(), HTML), f"{BASE}ns", "/ontology")
    return _graph(f"{BASE}ns", service().quads(f"GRAPH <{ONTOLOGY_GRAPH}> {{ ?s ?p ?o }}"), media_type, "/ontology")


def _form(name: str) -> tuple[str, str]:
    """The name without its suffix, and the media type that the suffix or the client chooses."""
    _safe(name)
    match = _SUFFIX.fullmatch(name)
    return (match[1], SUFFIXES[match[2]]) if match else (name, negotiated(_OFFERS))


def _safe(text: str) -> str:
    """The text, if it can stand in an IRI.

    Raises: Problem 404: nothing here has such a name.
    """
    if not is_iri(f"{BASE}{text.removeprefix(BASE)}"):
        raise Problem("not-found", "no IRI of this graph has such characters")
    return text


def _unknown(iri: str) -> Problem:
    return Problem("not-found", f"the graph says nothing of <{iri}>")


def _about(iri: str) -> list[Quad]:
    """What is stated of a thing and with it; a statement of several parts comes whole, with all its parts."""
    return service().quads(
        f"{{ GRAPH ?g {{ <{iri}> ?p ?o }} BIND(<{iri}> AS ?s) }} "
        f"UNION {{ GRAPH ?g {{ ?s ?p <{iri}> }} BIND(<{iri}> AS ?o) }} "
        f'UNION {{ GRAPH ?g {{ ?s ?part <{iri}> . ?s ?p ?o }} FILTER(CONTAINS(STR(?s), "#")) }}'
    )


def _graph(iri: str, quads: list[Quad], media_type: str, file: str | None = None) -> Response:
    if not quads:
        raise _unknown(iri)
    return _described(reply(graph_bytes(quads, media_type), media_type), iri, file)


def _described(response: Response, iri: str, file: str | None = None) -> Response:
    """The response with links to what it describes (RFC 6892) and to its other forms."""
    path = file or quote(_SUFFIX.sub(r"\1", request.path))
    links = [f'<{quote(iri, safe=":/#%")}>; rel="describes"']
    links += [f'<{path}.{name}>; rel="alternate"; type="{kind}"' for kind, name in _FILES.items()]
    response.headers["Link"] = ", ".join(links)
    return response
