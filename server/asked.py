"""What the front needs to know of a request before anything is parsed: the same for WSGI and RSGI."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import count
from os import urandom
from typing import Any, Final

from server.negotiate import accepts_gzip

#: Ids of requests: one prefix a process, then numbers; `next` on it is atomic.
_IDS: Final = map(f"{urandom(5).hex()}-{{:x}}".format, count(1))
READS: Final = ("GET", "HEAD")
#: What was negotiated is remembered by header; of a longer one only so much is read.
_HEADER_MAX: Final = 1000


@dataclass(slots=True)
class Asked:
    """One request: its method, address and the headers that the answer depends on; when it came and from whom."""

    method: str
    path: str
    query: str
    host: str
    scheme: str
    accept: str | None
    gzip: bool
    if_none_match: str | None
    client: str
    arrival: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: next(_IDS))

    def __post_init__(self) -> None:
        if self.accept is not None and len(self.accept) > _HEADER_MAX:
            self.accept = self.accept[:_HEADER_MAX]

    @property
    def reads(self) -> bool:
        """Whether it is a GET or a HEAD."""
        return self.method in READS

    @property
    def key(self) -> tuple[Hashable, ...]:
        """All that an answer depends on beside the state of the data."""
        return (self.path, self.query, self.host, self.scheme, self.gzip, self.accept)


def from_environ(environ: dict[str, Any], proxies: int) -> Asked:
    """The request of a WSGI environment, which came over `proxies` trusted ones."""
    return Asked(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        environ.get("QUERY_STRING", ""),
        told(environ.get("HTTP_HOST", ""), environ.get("HTTP_X_FORWARDED_HOST"), proxies),
        told(environ.get("wsgi.url_scheme", ""), environ.get("HTTP_X_FORWARDED_PROTO"), proxies),
        environ.get("HTTP_ACCEPT"),
        takes_gzip(environ.get("HTTP_ACCEPT_ENCODING")),
        environ.get("HTTP_IF_NONE_MATCH"),
        told(str(environ.get("REMOTE_ADDR", "")), environ.get("HTTP_X_FORWARDED_FOR"), proxies),
    )


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether the client takes gzip."""
    return accepts_gzip((accept_encoding or "")[:_HEADER_MAX])


def told(own: str, forwarded: str | None, proxies: int) -> str:
    """Something of a request's origin: what the socket says, or behind trusted proxies the last that one of them told.

    Entries before that may have been sent by anybody.
    """
    if not proxies or not forwarded:
        return own
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else (hops[0] if hops else own)
