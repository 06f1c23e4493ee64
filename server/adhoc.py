"""The engine for other people's queries, as the routes see it, whichever store the service stands on.

An embedded store is asked through `server.evaluator`; a remote engine stops its queries itself and is asked directly.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from kg.backends import Result
from kg.backends.remote import RemoteBackend
from server.evaluator.asking import AdHocQuery, Pending
from server.evaluator.configuration import accept_by_kind
from server.evaluator.errors import KindNotAcceptable, QueryTooLong
from server.evaluator.tokenizer import scan
from server.settings import Settings

#: Comments, IRIs and prefixes are stepped over; the first keyword that is none of them names the form of the query.
_FORM: Final = re.compile(
    r"#[^\r\n]*+|<[^<>\"{}|^`\\\x00-\x20]*+>|[\w.\-]*+:|\b(?P<form>select|ask|construct|describe)\b", re.IGNORECASE
)


class AdHocEngine(Protocol):
    """What evaluates queries that nobody has looked at. Safe to call from several threads."""

    def query(self, asked: AdHocQuery) -> Result:
        """Evaluate a query, parsing included, into the media type of its kind, until its deadline.

        Raises: EngineError, one of the kinds in `kg.backends` and `server.evaluator.errors`.
        """
        ...

    def begin(self, asked: AdHocQuery) -> Pending | None:
        """Begin to evaluate a query without waiting for anything; None where that is not possible.

        Raises: EngineError.
        """
        ...

    def dump(self, graph: str | None, media_type: str, *, client: str, deadline: float) -> bytes | None:
        """One graph (None: the default graph) in an RDF media type; None when there is no such graph.

        Raises: EngineError.
        """
        ...

    def close(self) -> None:
        """Stop whatever evaluates."""
        ...


def kind_of_text(text: str) -> str:
    """The kind of result a query will have, from its first keyword after the prologue; a broken query's is `select`."""
    for match in _FORM.finditer(text):
        form = (match["form"] or "").lower()
        if form:
            return form if form in ("select", "ask") else "graph"
    return "select"


class RemoteEngine:
    """A remote engine behind the routes' view; SERVICE and LOAD are refused before anything is sent."""

    def __init__(self, backend: RemoteBackend, settings: Settings) -> None:
        self._backend = backend
        self._settings = settings

    def query(self, asked: AdHocQuery) -> Result:
        """See `AdHocEngine.query`."""
        limits = self._settings
        if len(asked.text.encode()) > limits.query_max_bytes:
            raise QueryTooLong(f"the query is longer than {limits.query_max_bytes} bytes")
        scan(asked.text, max_tokens=limits.query_max_tokens, max_depth=limits.query_max_depth)
        kind = kind_of_text(asked.text)
        media_type: str | None = getattr(accept_by_kind(asked.accept), kind)
        if media_type is None:
            raise KindNotAcceptable(kind)
        graphs = {"default_graphs": asked.default_graphs, "named_graphs": asked.named_graphs}
        return self._backend.query(asked.text, deadline=asked.deadline, accept=media_type, **graphs)

    def begin(self, asked: AdHocQuery) -> None:
        """Never: who asks a remote engine waits for it."""

    def dump(self, graph: str | None, media_type: str, *, client: str, deadline: float) -> bytes | None:
        """See `AdHocEngine.dump`; an empty graph is none here."""
        pattern = "{ ?s ?p ?o }" if graph is None else f"{{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        if not self._backend.query(f"ASK {pattern}", deadline=deadline).boolean:
            return None
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {pattern}"
        return self._backend.query(query, deadline=deadline, accept=media_type).body

    def close(self) -> None:
        """Close the backend."""
        self._backend.close()
