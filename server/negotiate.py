"""What a client accepts: media types and content codings (RFC 9110 §12.5), and entity tags (RFC 9110 §13.1).

A preference of 0 excludes; the most specific range decides about a type; among equal preferences the client's order
counts, then ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

HTML = "text/html"
JSON = "application/json"
JSON_LD = "application/ld+json"
PLAIN = "text/plain"
TURTLE = "text/turtle"
PROBLEM = "application/problem+json"


class Range(NamedTuple):
    """One entry of an Accept header: a type or `*`, a subtype or `*`, the preference from 0 to 1, its place."""

    type: str
    subtype: str
    quality: float
    place: int

    def fits(self, media_type: str) -> int:
        """How precisely the entry names the media type: 0 not at all, 1 by `*/*`, 2 by `type/*`, 3 exactly."""
        kind, _, subtype = media_type.partition("/")
        if self.type == "*":
            return 1
        if self.type != kind:
            return 0
        return 2 if self.subtype == "*" else 3 * (self.subtype == subtype)


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0  # an unreadable preference is none
    return 1.0


@lru_cache(maxsize=512)
def ranges(accept: str) -> tuple[Range, ...]:
    """The entries of an Accept header; parameters other than `q` are ignored."""
    found = []
    for place, entry in enumerate(accept.split(",")):
        name, *parameters = entry.split(";")
        kind, _, subtype = name.strip().lower().partition("/")
        if kind:
            found.append(Range(kind, subtype or "*", _quality(parameters), place))
    return tuple(found)


@lru_cache(maxsize=2048)
def choose(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The offer that the client likes best, or None when it accepts none of them.

    No Accept header, or an empty one, accepts all: the first offer is given (RFC 9110 §12.5.1).
    """
    if accept is None or not accept.strip():
        return offers[0]
    best: tuple[float, int, int, int] | None = None
    chosen = None
    for place, offer in enumerate(offers):
        deciding = max(ranges(accept), key=lambda entry: (entry.fits(offer), entry.quality), default=None)
        if deciding is None or not deciding.fits(offer) or deciding.quality <= 0:
            continue
        rank = (deciding.quality, deciding.fits(offer), -deciding.place, -place)
        if best is None or rank > best:
            best, chosen = rank, offer
    return chosen


def prefers_html(accept: str | None) -> bool:
    """Whether the client names HTML and likes it better than JSON: a browser."""
    if accept is None or HTML not in accept.lower():
        return False
    return choose(accept, (PROBLEM, JSON, HTML)) == HTML


@lru_cache(maxsize=512)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the client takes the content coding gzip (RFC 9110 §12.5.3)."""
    wildcard = False
    for entry in accept_encoding.split(","):
        name, *parameters = entry.split(";")
        coding = name.strip().lower()
        if coding in ("gzip", "x-gzip"):
            return _quality(parameters) > 0
        if coding == "*":
            wildcard = _quality(parameters) > 0
    return wildcard


def names_tag(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header names the entity tag, by weak comparison (RFC 9110 §13.1.2)."""
    listed = (entry.strip().removeprefix("W/") for entry in if_none_match.split(","))
    return any(entry in ("*", tag) for entry in listed)
