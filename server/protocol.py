"""Requests of the SPARQL 1.1 Protocol (§2.1 query, §2.2 update) as plain values; nothing is evaluated here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import parse_qsl

from flask import Request

from server.problems import Problem

FORM: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"
UPDATE_TYPE: Final = "application/sparql-update"
#: An absolute IRI, as far as a parameter is concerned: a scheme, and no character that SPARQL's IRIREF excludes.
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]*")
_PARAMETERS_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or an update as it came: its text, and the graphs that the request names for its dataset."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def parameters(text: str) -> list[tuple[str, str]]:
    """The decoded pairs of a query string or of a form, in order.

    Raises: Problem 400 for what is not UTF-8, or has too many fields.
    """
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_PARAMETERS_MAX)
    except UnicodeDecodeError:
        raise Problem("bad-parameter", "the parameters are not percent-encoded UTF-8") from None
    except ValueError:
        raise Problem("bad-parameter", f"there are more than {_PARAMETERS_MAX} parameters") from None


def url_parameters(request: Request) -> list[tuple[str, str]]:
    """The pairs of the address, in order."""
    return parameters(request.query_string.decode("latin-1"))


def body_text(request: Request) -> str:
    """The body as text: SPARQL's media types are UTF-8 and nothing else (SPARQL 1.1 Query §19.1).

    Raises: Problem 400 or 415 for anything else.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise Problem(
            "unsupported-media-type", f"the charset is {charset!r}; SPARQL is sent as UTF-8", supported=["utf-8"]
        )
    try:
        return request.get_data(cache=False).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("bad-body", f"the body is not UTF-8: byte {error.start} does not decode") from None


def form(request: Request) -> list[tuple[str, str]]:
    """The pairs of an URL-encoded body, in order."""
    return parameters(body_text(request))


def _one(pairs: Iterable[tuple[str, str]], name: str) -> str:
    values = [value for key, value in pairs if key == name]
    if len(values) != 1:
        said = "is missing" if not values else f"was sent {len(values)} times"
        raise Problem("bad-parameter", f"exactly one `{name}` parameter is needed; it {said}", parameter=name)
    return values[0]


def _graphs(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(absolute_iri(name, value) for key, value in pairs if key == name)


def absolute_iri(name: str, value: str) -> str:
    """The value of a parameter that takes an absolute IRI.

    Raises: Problem 400.
    """
    if not _ABSOLUTE.fullmatch(value):
        raise Problem("bad-parameter", f"`{name}` takes an absolute IRI; {value[:200]!r} is none", parameter=name)
    return value


def _no_body_type(request: Request, supported: list[str]) -> NoReturn:
    sent = request.headers.get("Content-Type") or "no Content-Type"
    raise Problem(
        "unsupported-media-type",
        f"the body was sent with {sent[:200]}; this address takes {' or '.join(supported)}",
        supported=supported,
        headers={"Accept-Post": ", ".join(supported)},
    )


def read_query(request: Request) -> Operation:
    """The query of a GET or of either POST (SPARQL 1.1 Protocol §2.1.1–2.1.4).

    Raises: Problem 400 or 415.
    """
    pairs = url_parameters(request)
    if request.method == "POST" and request.mimetype == QUERY_TYPE:
        if any(key == "query" for key, _ in pairs):
            raise Problem("bad-parameter", "the query stands in the body and in the address", parameter="query")
        text = body_text(request)
    elif request.method == "POST":
        if request.mimetype != FORM:
            _no_body_type(request, [FORM, QUERY_TYPE])
        pairs = pairs + form(request)
        if any(key == "update" for key, _ in pairs):
            raise Problem("bad-parameter", "updates are sent to /update", parameter="update")
        text = _one(pairs, "query")
    else:
        text = _one(pairs, "query")
    return Operation(text, _graphs(pairs, "default-graph-uri"), _graphs(pairs, "named-graph-uri"))


def read_update(request: Request) -> Operation:
    """The update of either POST (SPARQL 1.1 Protocol §2.2.1–2.2.2).

    Raises: Problem 400 or 415.
    """
    pairs = url_parameters(request)
    if request.mimetype == UPDATE_TYPE:
        if any(key == "update" for key, _ in pairs):
            raise Problem("bad-parameter", "the update stands in the body and in the address", parameter="update")
        text = body_text(request)
    else:
        if request.mimetype != FORM:
            _no_body_type(request, [FORM, UPDATE_TYPE])
        pairs = pairs + form(request)
        text = _one(pairs, "update")
    return Operation(text, _graphs(pairs, "using-graph-uri"), _graphs(pairs, "using-named-graph-uri"))
