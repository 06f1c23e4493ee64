"""What OpenAPI says of each route beyond its docstring: parameters, bodies, media types, and which problems it has.

A test holds this table to the routes: every route stands here, or in `UNLISTED` with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from server.graphs import DATASET_TYPES, GRAPH_TYPES
from server.graphstore import INPUT_TYPES, MULTIPART, READ_TYPES
from server.negotiate import HTML, JSON, JSON_LD, PLAIN
from server.protocol import FORM, QUERY_TYPE, UPDATE_TYPE
from server.sparql import MEDIA_TYPES

Parameter = Mapping[str, Any]


class Described(NamedTuple):
    """One operation: its tag, the media types of its answer, and the rest that a client has to know."""

    tag: str
    produces: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    consumes: Mapping[str, Any] = MappingProxyType({})
    success: tuple[int, ...] = (200,)
    problems: tuple[int, ...] = ()
    token: bool = False
    schema: str | None = None


def query(name: str, text: str, *, required: bool = False, many: bool = False, **schema: Any) -> Parameter:
    """A parameter of the address."""
    one = {"type": "string", **schema}
    kind = {"type": "array", "items": one} if many else one
    return {"name": name, "in": "query", "required": required, "description": text, "schema": kind}


def path(name: str, text: str, example: str) -> Parameter:
    """A part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "schema": {"type": "string"},
        "example": example,
    }


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_FORMAT: Final = query("format", "overrides the Accept header", enum=["json", "html", "jsonld", "text"])
_DOCUMENT: Final = query("document", "answer from this document only, by name or IRI")
_GRAPHS: Final = (
    query("default-graph-uri", "a graph of the query's default graph", many=True, format="uri"),
    query("named-graph-uri", "a named graph of the query's dataset", many=True, format="uri"),
)
_USING: Final = (
    query("using-graph-uri", "a graph that WHERE reads as its default graph", many=True, format="uri"),
    query("using-named-graph-uri", "a named graph that WHERE reads", many=True, format="uri"),
)
_WHICH: Final = (
    query("graph", "the IRI of a named graph", format="uri"),
    query("default", "the default graph; without a value", allowEmptyValue=True),
)
_RESULTS: Final = tuple(dict.fromkeys(name for names in MEDIA_TYPES.values() for name in names))
_ASKED: Final = (JSON, HTML, JSON_LD, PLAIN)
_RESOURCE: Final = (*GRAPH_TYPES, HTML)
_QUESTION_BODY: Final = {
    JSON: {
        "type": "object",
        "required": ["question"],
        "properties": {
            "question": {"type": "string", "minLength": 1, "maxLength": 2000},
            "document": {"type": ["string", "null"]},
        },
        "example": {"question": "what causes back spasms"},
    },
    FORM: {"type": "object", "required": ["q"], "properties": {"q": {"type": "string", "maxLength": 2000}}},
}
_TRIPLES: Final = dict.fromkeys((*INPUT_TYPES, MULTIPART), _TEXT)
_WORKING: Final = (400, 422, 429, 501, 503, 504)

OPERATIONS: Final[Mapping[tuple[str, str], Described]] = MappingProxyType(
    {
        ("GET", "/ask"): Described(
            "ask",
            _ASKED,
            (query("q", "the question", required=True, minLength=1, maxLength=2000), _DOCUMENT, _FORMAT),
            problems=(400, 406),
            schema="Answer",
        ),
        ("POST", "/ask"): Described(
            "ask", _ASKED, (), _QUESTION_BODY, problems=(400, 406, 408, 413, 415, 503), schema="Answer"
        ),
        ("GET", "/questions"): Described("ask", (JSON, HTML), (_FORMAT,), problems=(400, 406)),
        ("GET", "/questions/<question_id>"): Described(
            "ask",
            _ASKED,
            (path("question_id", "the name of a question of the catalogue", "causes"), _DOCUMENT, _FORMAT),
            problems=(400, 404, 406),
            schema="Answer",
        ),
        ("GET", "/schema/answer.json"): Described("ask", ("application/schema+json",)),
        ("GET", "/sparql"): Described(
            "sparql",
            _RESULTS,
            (query("query", "the query; without one, the service description or the editor"), *_GRAPHS),
            problems=(406, 413, *_WORKING),
        ),
        ("POST", "/sparql"): Described(
            "sparql",
            _RESULTS,
            _GRAPHS,
            {QUERY_TYPE: _TEXT, FORM: {"type": "object", "required": ["query"], "properties": {"query": _TEXT}}},
            problems=(406, 408, 413, 415, *_WORKING),
        ),
        ("POST", "/update"): Described(
            "sparql",
            (),
            _USING,
            {UPDATE_TYPE: _TEXT, FORM: {"type": "object", "required": ["update"], "properties": {"update": _TEXT}}},
            success=(204,),
            problems=(400, 401, 403, 408, 413, 415, 501, 503, 504),
            token=True,
        ),
        ("GET", "/store"): Described("graphs", READ_TYPES, _WHICH, problems=(400, 404, 406, 503, 504)),
        ("PUT", "/store"): Described(
            "graphs", (), _WHICH, _TRIPLES, (201, 204), (400, 401, 403, 408, 413, 415, 503, 504), token=True
        ),
        ("POST", "/store"): Described(
            "graphs", (), _WHICH, _TRIPLES, (201, 204), (400, 401, 403, 408, 413, 415, 503, 504), token=True
        ),
        ("DELETE", "/store"): Described(
            "graphs", (), _WHICH, success=(204,), problems=(400, 401, 403, 404, 503, 504), token=True
        ),
        ("GET", "/documents"): Described("graphs", (JSON, HTML), problems=(406,)),
        ("GET", "/documents/<name>"): Described(
            "graphs", DATASET_TYPES, (path("name", "the name of a document", "back-spasms"),), problems=(404, 406)
        ),
        ("PUT", "/documents/<name>"): Described(
            "graphs",
            (),
            (path("name", "the name of a document", "back-spasms"),),
            {"application/trig": _TEXT},
            (201, 204),
            (400, 401, 403, 408, 413, 415, 422, 503, 504),
            token=True,
        ),
        ("DELETE", "/documents/<name>"): Described(
            "graphs",
            (),
            (path("name", "the name of a document", "back-spasms"),),
            success=(204,),
            problems=(401, 403, 404, 503, 504),
            token=True,
        ),
        ("GET", "/dataset.trig"): Described("graphs", ("application/trig",)),
        ("GET", "/dataset.nq"): Described("graphs", ("application/n-quads",)),
        ("GET", "/id/<path:name>"): Described(
            "resources", _RESOURCE, (path("name", "the local name of a thing", "BackSpasm"),), problems=(404, 406)
        ),
        ("GET", "/doc/<document>/"): Described(
            "resources", _RESOURCE, (path("document", "the name of a document", "back-spasms"),), problems=(404, 406)
        ),
        ("GET", "/doc/<document>/<passage>"): Described(
            "resources",
            _RESOURCE,
            (path("document", "the name of a document", "back-spasms"), path("passage", "a passage's number", "001")),
            success=(200, 303),
            problems=(404, 406),
        ),
        ("GET", "/graph/<name>"): Described(
            "resources",
            _RESOURCE,
            (path("name", "entities or ontology", "entities"),),
            success=(200, 303),
            problems=(404, 406),
        ),
        ("GET", "/ontology"): Described("resources", _RESOURCE, problems=(406,)),
        ("GET", "/ns"): Described("resources", _RESOURCE, problems=(406,)),
        ("GET", "/.well-known/void"): Described("resources", GRAPH_TYPES, problems=(406,)),
        ("GET", "/.well-known/sparql-examples"): Described("resources", GRAPH_TYPES, problems=(406,)),
        ("GET", "/explore"): Described("explore", (HTML,), problems=(404,)),
        ("GET", "/neighbours"): Described(
            "explore",
            (JSON, "text/csv", "text/turtle", "image/svg+xml"),
            (
                query("focus", "the thing in the middle"),
                query("set", "things to show together, comma-separated"),
                query("from", "one end of a connection"),
                query("to", "its other end"),
                query("view", "what is shown", enum=["map", "network", "table"]),
                query("format", "the form of the answer", enum=["json", "csv", "ttl", "svg"]),
            ),
            problems=(400, 404),
        ),
        ("GET", "/query"): Described(
            "explore",
            (HTML,),
            (query("query", "a query whose result is shown as a page"),),
            problems=(400, 422, 503, 504),
        ),
        ("GET", "/suggest"): Described("explore", (JSON,), (query("q", "what was typed so far", maxLength=300),)),
        ("GET", "/healthz"): Described("operation", (JSON,)),
        ("GET", "/readyz"): Described("operation", (JSON,), problems=(503,)),
        ("GET", "/metrics"): Described("operation", (PLAIN,)),
        ("GET", "/openapi.json"): Described("operation", (JSON,)),
    }
)

#: Routes that OpenAPI leaves out, and why.
UNLISTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/": "a page for people; /ask is the same for programs",
        "/api": "the page that shows this description",
        "/api/start.js": "a file of that page",
        "/api/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>": "a file of that page",
        "/static/<digest>/<path:name>": "files of the pages",
        "/problem/<kind>": "what a problem's type leads to",
        "/doc/<document>": "redirects to the address with a slash, or is a suffix of it",
        "/ns.<suffix>": "a suffix of /ns",
        "/ns/<version>": "a version of /ns",
        "/ontology.<suffix>": "a suffix of /ontology",
        "/store/<path:path>": "a graph of a plain store by its own address, as /store",
    }
)
