"""An engine that an organisation already runs, over the SPARQL 1.1 Protocol, through SPARQLWrapper.

One SPARQLWrapper a call (it is not made for sharing). Every result is asked for as SPARQL JSON or N-Triples, read whole
and parsed before anything of it is passed on, and written in the format that the client wants by us: so a result is
complete or it is an error, and formats that the engine lacks (Virtuoso 7: TSV as W3C has it) work all the same.

Differences of engines, handled here:
- Virtuoso names literals of a datatype "typed-literal", as the first draft of the JSON format did, and gives an ASK as
  a row of the variable __ASK_RETVAL.
- Virtuoso answers 500 where a query is at fault, with "37000" (syntax) in the text; that is a 400 here.
- Virtuoso has `BIND(true)` as 1: the catalogue uses strings for verdicts.
- Oxigraph and Virtuoso have a union default graph at best as a bag; the catalogue names every graph.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from io import BytesIO
from types import MappingProxyType
from typing import Final
from typing import Literal as Choice

import pyoxigraph as ox
from SPARQLWrapper import BASIC, GET, JSON, POST, SPARQLWrapper

from kg.backends import (
    Busy,
    DeadlineExceeded,
    EngineError,
    EngineFailed,
    EngineUnreachable,
    NotWritable,
    QuerySyntaxError,
    QueryTooLarge,
    Result,
)
from kg.backends.oxigraph import RDF_FORMATS, RESULT_FORMATS, to_quad, to_rows
from kg.backends.syntax import syntax_error
from kg.backends.watched import Connections, Watch, send
from kg.terms import PREFIXES, Quad

#: A query up to this many bytes goes by GET, which caches in between can keep; a longer one by POST.
GET_MAX_BYTES: Final = 2048
_LATE: Final = "the engine did not answer whole before the deadline"
_GRAPH_KINDS: Final = ("CONSTRUCT", "DESCRIBE")
#: N-Triples first, as the cheapest to read; Virtuoso 7 answers 406 to it alone, and calls N-Triples text/plain.
_ACCEPT_GRAPH: Final = "application/n-triples, text/turtle;q=0.6, text/plain;q=0.3"
_GRAPH_TYPES: Final = MappingProxyType(
    {
        "application/n-triples": ox.RdfFormat.N_TRIPLES,
        "text/plain": ox.RdfFormat.N_TRIPLES,
        "text/turtle": ox.RdfFormat.TURTLE,
    }
)


class _Request(SPARQLWrapper):
    """A SPARQLWrapper that opens its request under a watch instead of with a timeout per read."""

    def __init__(self, endpoint: str, watch: Watch, kept: http.client.HTTPConnection | None) -> None:
        super().__init__(endpoint, returnFormat=JSON, agent="backstory")
        self.setOnlyConneg(True)  # else it adds format=json, which Virtuoso obeys against the Accept header
        self._watch = watch
        self.connection = kept

    def _getAcceptHeader(self) -> str:
        return _ACCEPT_GRAPH if self.queryType in _GRAPH_KINDS else "application/sparql-results+json"

    def _query(self) -> tuple[http.client.HTTPResponse, str]:
        request = self._createRequest()
        response, self.connection = send(self._watch, request, self.connection)
        return response, self.returnFormat


class RemoteBackend:
    """A SPARQL endpoint that satisfies `kg.backends.Backend`. Safe to use from several threads.

    `user` and `password` (HTTP Basic) come from the environment: BACKSTORY_STORE_USER, BACKSTORY_STORE_PASSWORD;
    a bearer token from BACKSTORY_STORE_TOKEN.
    """

    def __init__(
        self, endpoint: str, *, at_once: int = 16, result_max_bytes: int = 64 * 1024 * 1024, digest: str | None = None
    ) -> None:
        self.endpoint = endpoint
        self._places = threading.BoundedSemaphore(at_once)
        self._at_once = at_once
        self._max = result_max_bytes
        self._digest = digest
        self._connections = Connections()
        self._user = os.environ.get("BACKSTORY_STORE_USER")
        self._password = os.environ.get("BACKSTORY_STORE_PASSWORD")
        self._token = os.environ.get("BACKSTORY_STORE_TOKEN")

    def query(
        self,
        sparql: str,
        *,
        deadline: float,
        accept: str | None = None,
        default_graphs: Iterable[str] = (),
        named_graphs: Iterable[str] = (),
    ) -> Result:
        """See `Backend.query`; the dataset may be named as the protocol does (SPARQL 1.1 Protocol §2.1.4).

        Raises: QuerySyntaxError, QueryTooLarge, DeadlineExceeded, Busy, EngineUnreachable, EngineFailed.
        """
        if not self._places.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise Busy(f"{self._at_once} queries are at the engine already, and none ended before the deadline")
        try:
            body, media_type = self._fetch(sparql, deadline, default_graphs, named_graphs)
        finally:
            self._places.release()
        return _result(body, media_type, accept)

    def _fetch(
        self, sparql: str, deadline: float, default_graphs: Iterable[str], named_graphs: Iterable[str]
    ) -> tuple[bytes, str]:
        """The whole body and its media type. A read is safe to repeat: once, where the connection broke early, and
        where a kept one turned out to be closed."""
        for attempt in (0, 1, 2):
            kept = self._connections.take() if attempt == 0 else None
            if attempt == 0 and kept is None:
                continue
            with Watch(deadline) as watch:
                try:
                    request = self._request(sparql, watch, kept)
                    _name_graphs(request, default_graphs, named_graphs)
                    with request.query().response as response:
                        body, media_type = self._read(response), str(response.headers.get_content_type())
                    if watch.expired:  # a shut socket reads like the end of the answer
                        raise DeadlineExceeded(_LATE)
                    if request.connection is not None:
                        self._connections.give(request.connection)
                    return body, media_type
                except urllib.error.HTTPError as error:
                    with error:
                        raise _status_error(error.code, _head(error)) from None
                except (OSError, http.client.HTTPException) as error:
                    if watch.expired or time.monotonic() >= deadline:
                        raise DeadlineExceeded(_LATE) from None
                    if _refused(error) or isinstance(error, http.client.IncompleteRead) or attempt == 2:
                        raise _connection_error(error, self.endpoint) from None
        raise EngineUnreachable("the engine could not be reached")  # for the type checker: the loop always ends above

    def _request(self, sparql: str, watch: Watch, kept: http.client.HTTPConnection | None) -> _Request:
        request = _Request(self.endpoint, watch, kept)
        if self._user and self._password:
            request.setHTTPAuth(BASIC)
            request.setCredentials(self._user, self._password)
        if self._token:
            request.addCustomHttpHeader("Authorization", f"Bearer {self._token}")
        request.setQuery(sparql)
        request.setMethod(GET if len(sparql.encode()) <= GET_MAX_BYTES else POST)
        return request

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        body = response.read(self._max + 1)
        if len(body) > self._max:
            raise QueryTooLarge(f"the result is larger than {self._max} bytes; nothing of it was kept")
        if response.length:  # what Content-Length promised and did not come; read(n) does not say so itself
            raise http.client.IncompleteRead(body, response.length)
        return body

    def replace(self, document: str, quads: Iterable[Quad]) -> None:
        """An engine that somebody else runs is filled by `backstory load`, never by a request.

        Raises: NotWritable, always.
        """
        raise NotWritable("this service reads an engine that it does not own; use `backstory load --store` to fill it")

    def digest(self) -> str | None:
        """What was given at the start, else None: an engine that others write to cannot say when it changes."""
        return self._digest

    def close(self) -> None:
        """Close the connections that are kept for the next calls."""
        while (connection := self._connections.take()) is not None:
            connection.close()


def _name_graphs(request: _Request, default_graphs: Iterable[str], named_graphs: Iterable[str]) -> None:
    for name, graphs in (("default-graph-uri", default_graphs), ("named-graph-uri", named_graphs)):
        for graph in graphs:
            request.addParameter(name, graph)


def _refused(error: BaseException) -> bool:
    reason = getattr(error, "reason", error)
    return isinstance(reason, ConnectionRefusedError | socket.gaierror)


def _connection_error(error: BaseException, endpoint: str) -> EngineError:
    where = urllib.parse.urlsplit(endpoint).netloc.rpartition("@")[2]
    reason = getattr(error, "reason", error)
    if isinstance(error, http.client.IncompleteRead):
        return EngineFailed(f"the engine at {where} ended its answer early; nothing of it was kept")
    if isinstance(reason, ConnectionRefusedError):
        return EngineUnreachable(f"no engine listens at {where}")
    if isinstance(reason, socket.gaierror):
        return EngineUnreachable(f"the name of the engine's host, {where}, is not known")
    return EngineUnreachable(f"the connection to the engine at {where} broke: {type(reason).__name__}")


def _head(error: urllib.error.HTTPError) -> str:
    """The beginning of an error's text: enough for a reason, whatever the engine sends."""
    try:
        return error.read(2000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException):
        return ""


def _status_error(status: int, text: str) -> EngineError:
    place = re.search(r"(?:error at |line )(\d+)(?::| ?,? ?column )(\d+)", text)
    line = re.search(r"line (\d+)", text)
    if status == 400 or (status == 500 and "37000" in text):
        if text.startswith("error at "):
            return syntax_error(SyntaxError(text))
        if place:
            return QuerySyntaxError(text[:500], int(place[1]), int(place[2]))
        return QuerySyntaxError(text[:500] or "the engine refuses the query", int(line[1]) if line else None)
    if status in (401, 403):
        return EngineFailed(f"the engine wants other credentials (it answered {status})")
    if status == 404:
        return EngineFailed("the engine's address answers 404: is it a SPARQL endpoint?")
    if status in (429, 503):
        return EngineUnreachable(f"the engine is busy or starting (it answered {status})")
    if status == 504:
        return DeadlineExceeded("the engine gave up at its own time limit")
    return EngineFailed(f"the engine answered {status}: {text[:200]}")


def _result(body: bytes, media_type: str, accept: str | None) -> Result:
    """The result, parsed to its end; what is not what its media type says raises EngineFailed and is not passed on."""
    try:
        if media_type in _GRAPH_TYPES:
            return _graph(body, _GRAPH_TYPES[media_type], accept)
        results = ox.parse_query_results(_as_boolean(body), format=ox.QueryResultsFormat.JSON)
        if accept is not None:
            sink = BytesIO()
            results.serialize(sink, RESULT_FORMATS[accept])
            kind: Choice["select", "ask"] = "ask" if isinstance(results, ox.QueryBoolean) else "select"
            return Result(kind, body=sink.getvalue(), media_type=accept)
        if isinstance(results, ox.QueryBoolean):
            return Result("ask", boolean=bool(results))
        variables, rows = to_rows(results)
        return Result("select", variables=variables, rows=rows)
    except (SyntaxError, ValueError, OSError) as error:
        raise EngineFailed(f"the engine's answer is no {media_type}: {str(error)[:200]}") from None


def _as_boolean(body: bytes) -> bytes:
    """Virtuoso gives an ASK as one row of one variable of its own; this makes it the boolean that the format has."""
    if b'"__ASK_RETVAL"' not in body[:200]:
        return body
    rows = json.loads(body)["results"]["bindings"]
    return json.dumps({"head": {}, "boolean": bool(rows) and rows[0]["__ASK_RETVAL"]["value"] == "1"}).encode()


def _graph(body: bytes, written: ox.RdfFormat, accept: str | None) -> Result:
    quads = list(ox.parse(body, format=written))
    if accept is None:
        return Result("graph", triples=[to_quad(quad) for quad in quads])
    form = RDF_FORMATS[accept]
    plain = form in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
    text = ox.serialize([quad.triple for quad in quads], format=form, prefixes=None if plain else dict(PREFIXES))
    return Result("graph", body=text, media_type=accept)
