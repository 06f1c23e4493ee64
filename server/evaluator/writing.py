"""The writes of a plain store, applied by a process that no reader is forked from yet: what fails is thrown away whole.

A write may name: `update` (SPARQL Update), `put`, `post` and `delete` (SPARQL 1.1 Graph Store Protocol §5), `document`
(all graphs of one document, with its share of the union).
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import pyoxigraph as ox

from kg.backends.oxigraph import RDF_FORMATS
from kg.backends.syntax import syntax_error
from kg.backends.union import EMPTY_DIGEST, replace_document
from server.evaluator import wire
from server.evaluator.errors import DatasetInText, DataSyntaxError, ServiceRefused
from server.evaluator.tokenizer import LOAD_REFUSED, Scan, scan

#: Stops an update before what follows, which then is parsed and never run.
_NEVER_PAST: Final = "CREATE GRAPH <x-never:past>; CREATE GRAPH <x-never:past>; "
_NO_LIMIT: Final = 1 << 62


def apply(store: ox.Store, request: wire.Header, body: bytes) -> wire.Header:
    """Do one write; the reply says what was there before.

    Raises: EngineError; what the engine raises.
    """
    match request["write"]:
        case "update":
            return _update(store, request, body.decode())
        case "document":
            quads = ox.parse(body, ox.RdfFormat.N_QUADS)
            before = request.get("digest") or EMPTY_DIGEST
            beyond = ox.parse("".join(request["beyond"]), ox.RdfFormat.N_QUADS)
            return {"digest": replace_document(store, request["document"], quads, before, beyond)}
        case "delete":
            return _delete(store, request["graph"])
        case method:
            return _graph(store, request, body, emptied=method == "put")


def _update(store: ox.Store, request: wire.Header, text: str) -> wire.Header:
    found = scan(text, max_tokens=_NO_LIMIT, max_depth=request["max_depth"], update=True)
    if found.loads:
        text = _without_loads(text, found, request.get("base"))
        found = scan(text, max_tokens=_NO_LIMIT, max_depth=request["max_depth"], update=True)
        if found.loads:
            raise ServiceRefused(LOAD_REFUSED)
    using = [f"USING <{ox.NamedNode(iri).value}>" for iri in request["using"]]
    using += [f"USING NAMED <{ox.NamedNode(iri).value}>" for iri in request["using_named"]]
    if using:
        text = _with_dataset(text, found, " ".join(using))
    try:
        store.update(text, base_iri=request.get("base"))
    except SyntaxError as error:
        raise syntax_error(error) from None
    return {}


def _without_loads(text: str, found: Scan, base: str | None) -> str:
    """The update without its silent LOADs: each fails here, and a silent failure changes nothing (Update §3.1.4).

    Raises: QuerySyntaxError where the engine's parser refuses the text; ServiceRefused for a LOAD that is not silent.
    """
    at = found.prologue_end
    try:
        ox.Store().update(text[:at] + _NEVER_PAST + text[at:], base_iri=base)
    except SyntaxError as error:
        shift = len(_NEVER_PAST) if "\n" not in text[:at] else 0
        raise syntax_error(error, shift=shift) from None
    except RuntimeError:
        pass  # the second CREATE fails, as it must: nothing behind it was run
    if not all(load.silent for load in found.loads):
        raise ServiceRefused(LOAD_REFUSED)
    for load in reversed(found.loads):
        text = f"{text[: load.start]}DROP SILENT GRAPH <urn:uuid:{uuid4()}>{text[load.end :]}"
    return text


def _with_dataset(text: str, found: Scan, using: str) -> str:
    """The update with the protocol's dataset written into each of its WHERE clauses: Oxigraph takes it no other way.

    Raises: DatasetInText where the update has USING or WITH (SPARQL 1.1 Protocol §2.2.3).
    """
    if found.names_dataset:
        raise DatasetInText("using-graph-uri and using-named-graph-uri cannot go with USING or WITH in the update")
    for where in reversed(found.wheres):
        rest = text[where.start : where.end]
        pattern = rest[len("WHERE") :] if where.shorthand else ""
        text = f"{text[: where.start]}{pattern} {using} {rest}{text[where.end :]}"
    return text


def _node(graph: str | None) -> ox.NamedNode | ox.DefaultGraph:
    return ox.DefaultGraph() if graph is None else ox.NamedNode(graph)


def _exists(store: ox.Store, node: ox.NamedNode | ox.DefaultGraph) -> bool:
    return isinstance(node, ox.DefaultGraph) or store.contains_named_graph(node)


def _delete(store: ox.Store, graph: str | None) -> wire.Header:
    node = _node(graph)
    existed = _exists(store, node)
    if isinstance(node, ox.DefaultGraph):
        store.clear_graph(node)
    elif existed:
        store.remove_graph(node)
    return {"existed": existed}


def _graph(store: ox.Store, request: wire.Header, body: bytes, *, emptied: bool) -> wire.Header:
    """Put the triples of the body into a graph, emptied before or not. All of it is parsed before anything changes."""
    node = _node(request["graph"])
    form = RDF_FORMATS[request["media_type"]]
    try:
        parsed = ox.parse(body, form, base_iri=request.get("base"), without_named_graphs=True, rename_blank_nodes=True)
        quads = [ox.Quad(quad.subject, quad.predicate, quad.object, node) for quad in parsed]
    except SyntaxError as error:
        raise DataSyntaxError(error.msg, error.lineno, error.offset) from None
    except ValueError as error:
        raise DataSyntaxError(f"the data cannot be stored in one graph: {error}") from None
    existed = _exists(store, node)
    if emptied:
        store.clear_graph(node)
    if isinstance(node, ox.NamedNode):
        store.add_graph(node)
    store.extend(quads)
    return {"existed": existed}
