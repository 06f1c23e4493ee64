"""What an evaluator process does: take a query from its socket, look it over, evaluate it, send the whole result back.

It runs in a thread of its own, for two reasons: the thread has a stack of a known size with a guard page below it, and
the random numbers of the engine are kept per thread, so that two evaluators never give the same UUID (measured: forked
without a thread of its own, every evaluator gives the same one).
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn, cast

import pyoxigraph as ox

from kg.backends import EngineError, EngineFailed, OutOfMemory, QuerySyntaxError, QueryTooLarge
from kg.backends.oxigraph import RDF_FORMATS, kind_of, serialise
from kg.backends.syntax import syntax_error
from kg.terms import PREFIXES
from server.evaluator import limits, wire
from server.evaluator.dataset import choose
from server.evaluator.errors import KindNotAcceptable, ServiceRefused
from server.evaluator.tokenizer import scan

#: An evaluator whose memory has grown by more is replaced after the reply: freed memory does not all go back.
_GROWTH_KIB: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluator may use; sent to the zygote once, as JSON."""

    fast_memory_bytes: int
    memory_bytes: int
    stack_bytes: int
    result_max_bytes: int
    query_max_tokens: int
    query_max_depth: int


class Sink:
    """Collects a serialisation up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take the next part.

        Raises: QueryTooLarge beyond the limit.
        """
        self._size += len(data)
        if self._size > self._most:
            raise QueryTooLarge(f"the result is larger than {self._most} bytes; ask for less, for example with LIMIT")
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the parts are in memory."""

    def value(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


def evaluate(store: ox.Store, request: wire.Header, text: str, bounds: Limits) -> tuple[wire.Header, bytes]:
    """The reply to one request: its header and the serialised result.

    Raises: EngineError; what the engine raises, for `reply_to` to name.
    """
    found = scan(text, max_tokens=bounds.query_max_tokens, max_depth=bounds.query_max_depth)
    base = request.get("base")
    try:
        chosen, arguments = choose(store, text, found, request.get("default"), request.get("named"), base)
    except ValueError as error:
        raise QuerySyntaxError(f"a graph of the dataset is named by no absolute IRI: {error}") from None
    sink = Sink(bounds.result_max_bytes)
    try:
        results = chosen.query(text, base_iri=base, **arguments)
        kind = kind_of(results)
        media_type = request["accept"].get(kind)
        if media_type is None:
            raise KindNotAcceptable(kind)
        serialise(results, media_type, sink)
    except SyntaxError as error:
        raise syntax_error(error) from None
    except OSError:
        if "service" in text.casefold():  # past the tokenizer, and stopped where no connection can be opened
            raise ServiceRefused("the query would fetch something; this service fetches nothing") from None
        raise
    return {"kind": kind, "media_type": media_type}, sink.value()


def dump(store: ox.Store, request: wire.Header, bounds: Limits) -> tuple[wire.Header, bytes]:
    """One graph, or with no `graph` in the request the default graph, in a media type of `RDF_FORMATS`."""
    graph = request["graph"]
    node = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    if isinstance(node, ox.NamedNode) and not store.contains_named_graph(node):
        return {"exists": False}, b""
    sink = Sink(bounds.result_max_bytes)
    form = RDF_FORMATS[request["media_type"]]
    store.dump(cast(IO[bytes], sink), form, from_graph=node, prefixes=dict(PREFIXES))
    return {"exists": True}, sink.value()


def reply_to(make: Callable[[], tuple[wire.Header, bytes]]) -> tuple[wire.Header, bytes, bool]:
    """The reply, or the error as a header; and whether this process should end after sending it."""
    try:
        header, body = make()
    except EngineError as error:
        return described(error), b"", False
    except MemoryError:
        return described(OutOfMemory("the query needs more memory than a query is given here")), b"", True
    except OSError as error:
        return described(EngineFailed(f"the engine failed: {error}")), b"", False
    except BaseException as error:  # noqa: BLE001 - the evaluator's loop: a panic of the engine is a BaseException
        if "capacity overflow" in str(error):
            return described(OutOfMemory("the query builds a value that is too large")), b"", True
        return described(EngineFailed(f"the engine failed: {type(error).__name__}: {str(error)[:200]}")), b"", True
    return header, body, False


def described(error: EngineError) -> wire.Header:
    """An error as a message's header."""
    header: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    header.update({name: getattr(error, name) for name in ("kind", "line", "column") if hasattr(error, name)})
    return header


def serve(store: ox.Store, sock: socket.socket, bounds: Limits, *, on_disk: bool) -> NoReturn:
    """Answer requests until the front hangs up. Never returns: the process ends here."""
    threading.stack_size(bounds.stack_bytes)
    worker = threading.Thread(target=_loop, args=(store, sock, bounds, on_disk))
    worker.start()
    worker.join()
    os._exit(1)  # only if the loop itself failed: the front hears it as a death


def _loop(store: ox.Store, sock: socket.socket, bounds: Limits, on_disk: bool) -> None:
    limits.wake_politely()
    limits.seal(bounds.fast_memory_bytes, bounds.memory_bytes, on_disk=on_disk)
    most_kib = limits.peak_rss_kib() + _GROWTH_KIB

    def make() -> tuple[wire.Header, bytes]:
        if request["op"] == "dump":
            return dump(store, request, bounds)
        return evaluate(store, request, body.decode(), bounds)

    while True:
        try:
            request, body = wire.receive(sock)
        except wire.Hangup:
            os._exit(0)
        header, data, spoilt = reply_to(make)
        header["retire"] = retire = spoilt or limits.peak_rss_kib() > most_kib
        try:
            wire.send(sock, header, data)
        except wire.Hangup:
            os._exit(0)
        if retire:
            os._exit(0)
        del request, body, header, data
