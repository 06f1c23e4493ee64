"""Puts a dataset into an engine over the Graph Store Protocol (SPARQL 1.1 Graph Store HTTP Protocol §5), and proves it.

Each graph is one PUT, which replaces what is there: so loading twice changes nothing, and a load that was killed goes
on where it stopped (a graph that holds as many quads already is not sent again, and is checked with all others at the
end). An engine that holds graphs which are none of ours is refused before anything is written.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Final

import pyoxigraph as ox

from kg.backends.oxigraph import from_quads
from kg.backends.remote import RemoteBackend
from kg.backends.watched import Watch, opener
from kg.dataset import Dataset
from kg.terms import XSD, Iri, Literal, Quad, Term

#: Graphs that an engine brings itself. Virtuoso 7.2 has these when new.
SYSTEM_GRAPHS: Final = frozenset(
    {
        "http://www.openlinksw.com/schemas/virtrdf#",
        "http://localuriqaserver/sparql",
        "http://www.w3.org/ns/ldp#",
        "http://www.w3.org/2002/07/owl#",
        "urn:activitystreams-owl:map",
        "urn:core:services:sparql",
    }
)
#: Graphs read back in one query when the load is checked.
BATCH: Final = 50
REQUEST_S: Final = 60.0
TURTLE: Final = {"Content-Type": "text/turtle"}

Progress = Callable[[str, int, int], None]


class LoadError(Exception):
    """The dataset could not be loaded, or is not what the engine holds afterwards; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: graphs in the dataset, those sent now, quads, and the digest that the engine's content has."""

    graphs: int
    sent: int
    quads: int
    digest: str


def graph_store_of(endpoint: str) -> str | None:
    """The usual graph-store address beside a query address: Oxigraph's and ours, `/store`; Virtuoso's; else None."""
    parts = urllib.parse.urlsplit(endpoint)
    known = {"/query": "/store", "/sparql": "/sparql-graph-crud-auth"}
    path = known.get(parts.path)
    return urllib.parse.urlunsplit(parts._replace(path=path)) if path else None


def load(dataset: Dataset, engine: RemoteBackend, graph_store: str, progress: Progress = lambda *_: None) -> Loaded:
    """Make the engine hold exactly the dataset's named graphs.

    `progress` is told a phase ("send", "check"), how many graphs are done, and how many there are.
    Raises: LoadError; EngineError where the engine cannot be queried.
    """
    wanted: dict[str, list[Quad]] = defaultdict(list)
    for quad in dataset.quads:
        if quad.graph is not None:
            wanted[quad.graph.value].append(quad)
    there = counts(engine)
    strangers = sorted(set(there) - set(wanted) - SYSTEM_GRAPHS)
    if strangers:
        raise LoadError(
            f"the engine holds {len(strangers)} graphs that are not of this dataset, such as <{strangers[0]}>; "
            "load into an empty engine"
        )
    todo = [graph for graph, quads in wanted.items() if there.get(graph) != len({_by_value(q) for q in quads})]
    _send(graph_store, wanted, todo, progress)
    wrong = list(_different(engine, wanted, progress))
    if wrong:
        _send(graph_store, wanted, wrong, progress)
        wrong = list(_different(engine, wanted, progress))
    if wrong:
        raise LoadError(f"the engine does not give back what was put into {len(wrong)} graphs, such as <{wrong[0]}>")
    return Loaded(len(wanted), len(todo), len(dataset.quads), dataset.digest)


def counts(engine: RemoteBackend) -> dict[str, int]:
    """How many quads each named graph of the engine holds.

    Raises: EngineError.
    """
    query = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = engine.query(query, deadline=time.monotonic() + REQUEST_S).rows
    pairs = ((row["g"], row["n"]) for row in rows)
    return {graph.value: int(n.value) for graph, n in pairs if isinstance(graph, Iri) and isinstance(n, Literal)}


def _send(store: str, wanted: Mapping[str, list[Quad]], graphs: list[str], progress: Progress) -> None:
    for done, graph in enumerate(graphs):
        progress("send", done, len(graphs))
        _put(store, graph, wanted[graph])
    progress("send", len(graphs), len(graphs))


def _put(store: str, graph: str, quads: list[Quad]) -> None:
    body = "".join(f"{triple} .\n" for triple in sorted(str(quad.triple) for quad in from_quads(quads))).encode()
    address = f"{store}?{urllib.parse.urlencode({'graph': graph})}"
    request = urllib.request.Request(address, data=body, method="PUT", headers=TURTLE)  # noqa: S310 - http(s) only: see opener()
    token = os.environ.get("BACKSTORY_STORE_TOKEN")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with Watch(time.monotonic() + REQUEST_S) as watch:
        try:
            credentials = _credentials(watch, request)
            if credentials:
                request.add_unredirected_header("Authorization", credentials)
            with opener(watch).open(request, timeout=watch.remaining()) as response:
                response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise LoadError(_refusal(error.code, store)) from None
        except (OSError, http.client.HTTPException) as error:
            raise LoadError(f"the graph store at {store} broke off ({error}); run the load again, it goes on") from None


def _credentials(watch: Watch, request: urllib.request.Request) -> str | None:
    """What the environment's credentials answer to the store's challenge, as Basic or Digest (RFC 7617, RFC 7616).

    The challenge is asked for without a body: a server that wants credentials may hang up on a large one before it has
    read it (Virtuoso 7 does).
    """
    user, password = os.environ.get("BACKSTORY_STORE_USER"), os.environ.get("BACKSTORY_STORE_PASSWORD")
    if not (user and password):
        return None
    probe = urllib.request.Request(request.full_url, method="HEAD")  # noqa: S310 - http(s) only: see opener()
    try:
        with opener(watch).open(probe, timeout=watch.remaining()):
            return None
    except urllib.error.HTTPError as error:
        challenge = error.headers.get("WWW-Authenticate", "") if error.code == HTTPStatus.UNAUTHORIZED else ""
        error.close()
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() == "basic":
        return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
    if scheme.lower() != "digest":
        return None
    asked = urllib.request.parse_keqv_list(list(filter(None, urllib.request.parse_http_list(rest))))
    keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    keys.add_password(None, request.full_url, user, password)
    answer = urllib.request.HTTPDigestAuthHandler(keys).get_authorization(request, asked)
    return f"Digest {answer}" if answer else None


def _refusal(status: int, store: str) -> str:
    if status in (401, 403):
        return (
            f"the graph store at {store} wants credentials (it answered {status}); set BACKSTORY_STORE_USER and "
            "BACKSTORY_STORE_PASSWORD, or BACKSTORY_STORE_TOKEN"
        )
    if status in (404, 405, 501):
        return f"there is no graph store at {store} (it answered {status}); name it with --graph-store"
    return f"the graph store at {store} answered {status}; run the load again, it goes on where it stopped"


def _different(engine: RemoteBackend, wanted: Mapping[str, list[Quad]], progress: Progress) -> Iterator[str]:
    """The graphs whose content in the engine is not what was wanted, compared by value."""
    names = list(wanted)
    for start in range(0, len(names), BATCH):
        progress("check", start, len(names))
        batch = names[start : start + BATCH]
        found = _read(engine, batch)
        for graph in batch:
            if found.get(graph, frozenset()) != {_by_value(quad) for quad in wanted[graph]}:
                yield graph
    progress("check", len(names), len(names))


def _read(engine: RemoteBackend, graphs: Iterable[str]) -> dict[str, set[tuple[object, ...]]]:
    values = " ".join(str(ox.NamedNode(graph)) for graph in graphs)
    query = f"SELECT ?g ?s ?p ?o WHERE {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
    found: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for row in engine.query(query, deadline=time.monotonic() + REQUEST_S).rows:
        graph, predicate = row["g"], row["p"]
        if isinstance(graph, Iri) and isinstance(predicate, Iri):
            found[graph.value].add(_by_value(Quad(row["s"], predicate, row["o"], None)))
    return found


def _by_value(quad: Quad) -> tuple[object, ...]:
    return (_key(quad.subject), _key(quad.predicate), _key(quad.object))


def _key(term: Term) -> object:
    """Equal for terms of one value: Virtuoso gives 0.80 as 0.8, and the boolean true as 1."""
    if not isinstance(term, Literal):
        return term
    if term.language is not None:
        return (term.value, term.language.lower())
    if term.datatype == f"{XSD}boolean":
        return ("boolean", term.value in ("true", "1"))
    if term.datatype in (f"{XSD}integer", f"{XSD}decimal", f"{XSD}int"):
        try:
            return ("number", Decimal(term.value))
        except InvalidOperation:
            return (term.value, term.datatype)
    return (term.value, term.datatype)
