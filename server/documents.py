"""`/documents`: the published documents; the administrator replaces and removes them whole."""

from __future__ import annotations

import re
import time
from typing import Final

from flask import Blueprint, Response, request

from kg.dataset import DatasetError
from kg.terms import document_iri
from server import pages
from server.graphs import DATASET_TYPES, dataset_bytes
from server.jsontext import json_text
from server.negotiate import HTML, JSON
from server.problems import Problem
from server.protocol import body_text
from server.reply import negotiated, reply, service

TRIG: Final = "application/trig"
#: What a document may be called: it stands in addresses and file names.
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")

blueprint = Blueprint("documents", __name__)


@blueprint.get("/documents")
def list_documents() -> Response:
    """The documents that the graph holds, with the addresses of their pages and of their TriG."""
    if negotiated((JSON, HTML)) == HTML:
        return reply(pages.documents_page(), HTML)
    listed = [
        {"name": name, "iri": document_iri(name), "url": f"/doc/{name}/", "trig": f"/documents/{name}"}
        for name in service().documents()
    ]
    return reply(json_text({"documents": listed}), JSON)


@blueprint.get("/documents/<name>")
def get_document(name: str) -> Response:
    """The graphs of one document."""
    _known(name)
    media_type = negotiated(DATASET_TYPES)
    quads = service().quads(f'GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{document_iri(name)}"))')
    return reply(dataset_bytes(quads, media_type), media_type)


@blueprint.put("/documents/<name>")
def put_document(name: str) -> Response:
    """Check a document and publish it in place of what was there: 201 for a new one, 204 otherwise."""
    if not _NAME.fullmatch(name):
        raise Problem("bad-parameter", "a document's name is lower-case letters, digits and hyphens", parameter="name")
    if request.mimetype != TRIG:
        raise Problem("unsupported-media-type", "a document is sent as TriG", supported=[TRIG])
    existed = name in service().documents()
    try:
        quads = service().check_document(name, body_text(request.environ))
        if not quads:
            raise Problem("bad-body", "the document states nothing; DELETE removes a document")
        service().replace_document(name, quads, deadline=_until())
    except DatasetError as error:
        raise Problem("document-invalid", error.message, file=error.file, line=error.line, rule=error.rule) from None
    except ValueError as error:
        raise Problem("document-invalid", str(error), rule="graphs") from None
    return Response(status=204 if existed else 201, headers={} if existed else {"Location": f"/doc/{name}/"})


@blueprint.delete("/documents/<name>")
def delete_document(name: str) -> Response:
    """Remove a document with all its graphs."""
    _known(name)
    service().replace_document(name, [], deadline=_until())
    return Response(status=204)


def _until() -> float:
    """When a write must have ended: it loads the catalogue anew, which a query's time is too short for."""
    return time.monotonic() + float(service().settings.document_deadline_ms) / 1000


def _known(name: str) -> None:
    if name not in service().documents():
        raise Problem("not-found", f"there is no document {name[:100]!r}")
