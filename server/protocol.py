"""Requests of the SPARQL 1.1 Protocol (§2.1 query, §2.2 update) as plain values; nothing is evaluated here."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import unquote

import pyoxigraph as ox
from werkzeug.http import parse_options_header

from server.problems import Problem

Environ = dict[str, Any]
FORM: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"
UPDATE_TYPE: Final = "application/sparql-update"
#: An absolute IRI, as far as a parameter is concerned: a scheme, and no character that SPARQL's IRIREF excludes.
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]*")
#: Percent signs that all begin an escape.
_ESCAPED: Final = re.compile(r"(?:[^%]++|%[0-9A-Fa-f]{2})*")
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
    if text.count("&") >= _PARAMETERS_MAX:
        raise Problem("bad-parameter", f"there are more than {_PARAMETERS_MAX} parameters")
    try:
        pairs = (part.partition("=") for part in text.split("&") if part)
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise Problem("bad-parameter", "the parameters are not percent-encoded UTF-8") from None


def _decoded(text: str) -> str:
    """The text behind a form's encoding (WHATWG URL §5.1), as `urllib.parse` reads it and in a fifth of its time.

    Quoted-printable is the same code with another sign, and its decoder is in C.

    Raises: UnicodeDecodeError.
    """
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if not text.isascii() or not _ESCAPED.fullmatch(text):
        return unquote(text, errors="strict")
    return a2b_qp(text.replace("=", "%3D").replace("%", "=")).decode("utf-8")


def url_parameters(environ: Environ) -> list[tuple[str, str]]:
    """The pairs of the address, in order."""
    return parameters(environ.get("QUERY_STRING", ""))


def media_type_of(environ: Environ) -> str:
    """The media type of the body, without its parameters; empty where none is given."""
    return str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def body_text(environ: Environ) -> str:
    """The body as text: SPARQL's media types are UTF-8 and nothing else (SPARQL 1.1 Query §19.1).

    Raises: Problem 400 or 415 for anything else.
    """
    charset = parse_options_header(environ.get("CONTENT_TYPE", ""))[1].get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        detail = f"the charset is {charset[:50]!r}; send UTF-8"
        raise Problem("unsupported-media-type", detail, supported=["utf-8"])
    try:
        return bytes(environ["wsgi.input"].read()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("bad-body", f"the body is not UTF-8: byte {error.start} does not decode") from None


def form(environ: Environ) -> list[tuple[str, str]]:
    """The pairs of an URL-encoded body, in order."""
    return parameters(body_text(environ))


def _one(pairs: Iterable[tuple[str, str]], name: str) -> str:
    values = [value for key, value in pairs if key == name]
    if len(values) != 1:
        said = "is missing" if not values else f"was sent {len(values)} times"
        raise Problem("bad-parameter", f"exactly one `{name}` parameter is needed; it {said}", parameter=name)
    return values[0]


def _graphs(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(absolute_iri(name, value) for key, value in pairs if key == name)


def is_iri(value: str) -> bool:
    """Whether the text is an absolute IRI (RFC 3987), as the engine sees it."""
    if not _ABSOLUTE.fullmatch(value):
        return False
    try:
        ox.NamedNode(value)
    except ValueError:
        return False
    return True


def absolute_iri(name: str, value: str) -> str:
    """The value of a parameter that takes an absolute IRI.

    Raises: Problem 400.
    """
    if not is_iri(value):
        raise Problem("bad-parameter", f"`{name}` takes an absolute IRI; {value[:200]!r} is none", parameter=name)
    return value


def _no_body_type(environ: Environ, supported: list[str]) -> NoReturn:
    sent = environ.get("CONTENT_TYPE") or "no Content-Type"
    raise Problem(
        "unsupported-media-type",
        f"the body was sent with {sent[:200]}; this address takes {' or '.join(supported)}",
        supported=supported,
        headers={"Accept-Post": ", ".join(supported)},
    )


def read_query(environ: Environ, pairs: list[tuple[str, str]]) -> Operation:
    """The query of a GET or of either POST (SPARQL 1.1 Protocol §2.1.1–2.1.4); `pairs` are those of the address.

    Raises: Problem 400 or 415.
    """
    if environ["REQUEST_METHOD"] != "POST":
        text = _one(pairs, "query")
    elif (kind := media_type_of(environ)) == QUERY_TYPE:
        if any(key == "query" for key, _ in pairs):
            raise Problem("bad-parameter", "the query stands in the body and in the address", parameter="query")
        text = body_text(environ)
    elif kind != FORM:
        _no_body_type(environ, [FORM, QUERY_TYPE])
    else:
        pairs = pairs + form(environ)
        if any(key == "update" for key, _ in pairs):
            raise Problem("bad-parameter", "updates are sent to /update", parameter="update")
        text = _one(pairs, "query")
    return Operation(text, _graphs(pairs, "default-graph-uri"), _graphs(pairs, "named-graph-uri"))


def read_update(environ: Environ) -> Operation:
    """The update of either POST (SPARQL 1.1 Protocol §2.2.1–2.2.2).

    Raises: Problem 400 or 415.
    """
    pairs = url_parameters(environ)
    kind = media_type_of(environ)
    if kind == UPDATE_TYPE:
        if any(key == "update" for key, _ in pairs):
            raise Problem("bad-parameter", "the update stands in the body and in the address", parameter="update")
        text = body_text(environ)
    else:
        if kind != FORM:
            _no_body_type(environ, [FORM, UPDATE_TYPE])
        pairs = pairs + form(environ)
        text = _one(pairs, "update")
    return Operation(text, _graphs(pairs, "using-graph-uri"), _graphs(pairs, "using-named-graph-uri"))
