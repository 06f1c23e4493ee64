"""`/openapi.json`, made from the routes and the catalogue, and `/api`, the same to try out."""

from __future__ import annotations

import re
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, request, send_from_directory

from queries.answer import answer_schema
from queries.template import SlotSpec, Template
from server.catalogue import example_value, options
from server.jsontext import json_text
from server.negotiate import HTML, JSON, JSON_LD, PLAIN, PROBLEM
from server.operations import OPERATIONS, Described
from server.pages import api_page
from server.reply import reply, service
from server.service import VERSION

_WORD: Final = re.compile(r"[a-z]+")

blueprint = Blueprint("openapi", __name__)

#: Swagger UI's ready-made files, which the package flask-swagger-ui ships.
_SPEC: Final = find_spec("flask_swagger_ui")
SWAGGER_UI: Final = Path(_SPEC.origin).parent / "dist" if _SPEC and _SPEC.origin else Path()
_INIT: Final = """// Swagger UI over this service's own description; a file of its own: nothing runs inline here.
const start = () =>
  window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });
if (document.readyState === "loading") window.addEventListener("DOMContentLoaded", start);
else start();
"""
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A problem document (RFC 9457); members beyond these say more about one kind of problem.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "line": {"type": ["integer", "null"]},
        "column": {"type": ["integer", "null"]},
    },
}


@blueprint.get("/openapi.json")
def description() -> Response:
    """The whole interface (OpenAPI 3.1)."""
    return reply(json_text(document(request.host_url.rstrip("/"))), JSON, vary=False)


@blueprint.get("/api")
def api() -> Response:
    """The interface to read and to try out; a plain store, which has no pages, shows it bare."""
    if not service().settings.empty:
        return reply(api_page(), HTML, vary=False)
    title = escape("Backstory: the interface")
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/api/swagger-ui.css"></head><body><main id="api"><p>This page needs JavaScript; '
        'the description itself is <a href="/openapi.json">/openapi.json</a>.</p></main>'
        '<script src="/api/swagger-ui-bundle.js"></script><script src="/api/start.js"></script></body></html>'
    )
    return reply(page, HTML, vary=False)


@blueprint.get("/api/start.js")
def start() -> Response:
    """What sets Swagger UI going."""
    return reply(_INIT, "text/javascript", vary=False)


@blueprint.get("/api/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
def swagger_file(name: str) -> Response:
    """A ready-made file of Swagger UI."""
    return send_from_directory(SWAGGER_UI, name, max_age=86400)


def document(host: str) -> dict[str, Any]:
    """The OpenAPI document: every route, and one path for each question of the catalogue."""
    paths: dict[str, Any] = {}
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted(rule.methods or ()):
            written = OPERATIONS.get((method, rule.rule))
            if written is not None:
                path = rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}")
                paths.setdefault(path, {})[method.lower()] = _operation(written, method, rule.rule)
    answering = service().edition.answering
    for template in answering.templates if answering else ():
        paths[f"/questions/{template.id}"] = {"get": _question(template)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Backstory",
            "version": VERSION,
            "summary": "Answers about back spasms, each with the passage that states it.",
            "description": "Ask in words, by the catalogue's questions, or in SPARQL. Not medical advice.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": host}],
        "paths": paths,
        "components": {
            "schemas": {"Answer": answer_schema(), "Problem": _PROBLEM},
            "responses": {"Problem": _problem("What went wrong, in one shape for every error.")},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _problem(text: str) -> dict[str, Any]:
    shown = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {PROBLEM: shown, HTML: {"schema": {"type": "string"}}}}


def _operation(described: Described, method: str, rule: str) -> dict[str, Any]:
    """One operation: the words of its view's docstring, and the rest from the table."""
    endpoint = next(
        r.endpoint for r in current_app.url_map.iter_rules() if r.rule == rule and method in (r.methods or ())
    )
    words = (current_app.view_functions[endpoint].__doc__ or "").strip()
    summary, _, more = words.partition("\n\n")
    responses: dict[str, Any] = {
        str(status): {"description": "Done." if status != 200 else "The answer.", **_content(described, status)}
        for status in described.success
    }
    responses |= {str(status): {"$ref": "#/components/responses/Problem"} for status in sorted(set(described.problems))}
    operation: dict[str, Any] = {
        "operationId": "-".join((method.lower(), *_WORD.findall(rule))),
        "tags": [described.tag],
        "summary": " ".join(summary.split()),
        "parameters": [dict(parameter) for parameter in described.parameters],
        "responses": responses,
    }
    details = more.partition("Raises:")[0].strip()
    if details:
        operation["description"] = " ".join(details.split())
    if described.consumes:
        content = {name: {"schema": dict(schema)} for name, schema in described.consumes.items()}
        operation["requestBody"] = {"required": True, "content": content}
    if described.token:
        operation["security"] = [{"token": []}]
    return operation


def _content(described: Described, status: int) -> dict[str, Any]:
    if status != 200:
        return {}
    reference = {"$ref": f"#/components/schemas/{described.schema}"} if described.schema else {}
    content = {name: {"schema": reference if name == JSON else {}} for name in described.produces}
    return {"content": content}


def _question(template: Template) -> dict[str, Any]:
    """One question of the catalogue as an operation: its slots are its parameters."""
    shown = {JSON: {"schema": {"$ref": "#/components/schemas/Answer"}}, JSON_LD: {}, PLAIN: {}, HTML: {}}
    return {
        "operationId": f"question-{template.id}",
        "tags": ["catalogue", *template.tags],
        "summary": template.summary,
        "parameters": [_slot(spec) for spec in template.slots.values()],
        "responses": {
            "200": {"description": "The answer.", "content": shown},
            "400": {"$ref": "#/components/responses/Problem"},
            "406": {"$ref": "#/components/responses/Problem"},
        },
    }


def _slot(spec: SlotSpec) -> dict[str, Any]:
    answering = service().edition.answering
    names = [option["name"] for option in options(answering, spec)] if answering and spec.type is None else []
    schema: dict[str, Any] = {"type": "string", "examples": names[:5]} if spec.type is None else {"type": "number"}
    takes = "minutes" if spec.type == "duration" else "a number" if spec.type else "local name, IRI or label of a thing"
    return {
        "name": spec.name,
        "in": "query",
        "required": not (spec.optional or spec.topic),
        "description": takes,
        "schema": schema,
        "example": example_value(spec) if spec.type is None else 60,
    }
