"""The process that holds the graph: it forks evaluators, which share its memory, and successors, which take writes.

Exec'd, and with one thread at work, so that a fork copies no lock that another thread holds. It evaluates nothing
itself. It ends when the front hangs up. One request at a time comes over its control socket; descriptors come and go
with it.

That thread is not the first one: so the graph lies in a heap of its own (an arena of malloc, of which there are two),
and an evaluator's thread gets the other, which is empty. Where both were one, a query's memory came from the holes that
loading had left all over the graph, and an evaluator that had slept took 110 µs for what now takes 70 (measured).
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox

from kg.backends.union import with_union
from server.evaluator import limits, wire
from server.evaluator.deaths import Death
from server.evaluator.evaluation import Limits, dump, evaluate, reply_to, serve
from server.evaluator.sockets import forbid_sockets
from server.evaluator.writing import apply


class Zygote:
    """One zygote and its state: the store, the control socket, its children that have died."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.store = ox.Store()
        self.bounds = Limits(0, 0, 0, 0, 0, 0)
        self.dead: dict[int, Death] = {}
        self.born_kib: dict[int, int] = {}
        self.on_disk = False

    def run(self) -> NoReturn:
        """Serve the front until it hangs up."""
        while True:
            try:
                request, body, descriptors = wire.receive_with_descriptors(self.control)
                self._reap()
                self._answer(request, body, descriptors)
            except wire.Hangup:
                os._exit(0)

    def _answer(self, request: wire.Header, body: bytes, descriptors: list[int]) -> None:
        match request["op"]:
            case "fork":
                self._fork(socket.socket(fileno=descriptors[0]), is_evaluator=True)
            case "succeed":
                self._fork(socket.socket(fileno=descriptors[0]), is_evaluator=False)
            case "status":
                wire.send(self.control, self._death(request["pid"])._asdict())
            case _:
                header, _, _ = reply_to(lambda: (self._do(request, body), b""))
                wire.send(self.control, header)

    def _do(self, request: wire.Header, body: bytes) -> wire.Header:
        match request["op"]:
            case "open":
                self._open(request, body)
            case "write":
                return self._write(request, body)
            case "backup":
                self.store.flush()
                self.store.backup(request["path"])
        return {}

    def _open(self, request: wire.Header, body: bytes) -> None:
        self.bounds = Limits(**request["limits"])
        match request["mode"]:
            case "memory":
                quads = ox.parse(body, ox.RdfFormat.N_QUADS)
                self.store.bulk_extend(with_union(quads) if request["union"] else quads)
            case "snapshot":
                self.store = ox.Store.read_only(request["path"])
                self.on_disk = True
            case "directory":
                self.store = ox.Store(Path(request["path"]))
                self.on_disk = True
        self._warm_up()
        gc.collect()
        gc.freeze()  # the collector of an evaluator never touches, and so never copies, the pages it shares

    def _warm_up(self) -> None:
        """Run each path once: an evaluator can open no file, so it can import nothing."""
        accept = {"select": "application/sparql-results+json", "ask": "text/csv", "graph": "text/turtle"}
        for text in (
            "SELECT * FROM <x:a> FROM <x:b> { ?s ?p ?o } LIMIT 1",
            "ASK {}",
            "CONSTRUCT WHERE { ?s <x:p> ?o }",
            "x",
        ):
            reply_to(lambda text=text: evaluate(self.store, {"accept": accept}, text, self.bounds))  # type: ignore[misc]
        reply_to(lambda: dump(self.store, {"graph": "x:nothing", "media_type": "text/turtle"}, self.bounds))

    def _write(self, request: wire.Header, body: bytes) -> wire.Header:
        """Apply a write in a thread with an evaluator's stack and limits; the thread has ended before any fork."""
        done: list[wire.Header] = []

        def work() -> None:
            if self.on_disk:
                forbid_sockets()
            header, _, _ = reply_to(lambda: (apply(self.store, request, body), b""))
            done.append(header)

        threading.stack_size(self.bounds.stack_bytes)
        worker = threading.Thread(target=work)
        limits.narrow(request["memory_bytes"] + self.bounds.stack_bytes, descriptors=self.on_disk)
        worker.start()
        worker.join()
        limits.widen()
        gc.freeze()
        return done[0]

    def _fork(self, sock: socket.socket, *, is_evaluator: bool) -> None:
        """Fork; the child serves `sock` as an evaluator or a zygote. The front gets its pid (on Linux a pidfd too)."""
        parent, inherited_kib = os.getpid(), limits.inherited_kib()
        pid = os.fork()
        if pid == 0:
            self.control.close()
            if is_evaluator:
                limits.die_with_parent(parent)
                limits.name_process("evaluator")
                os.dup2(0, 2)  # to /dev/null: its deaths are told by status, and an attack would fill the log
                serve(self.store, sock, self.bounds, on_disk=self.on_disk)
            self.control, self.dead, self.born_kib = sock, {}, {}
            return  # into the loop of `run`, now with its own socket: a call from here would nest with each write
        sock.close()
        self.born_kib[pid] = inherited_kib
        if not hasattr(os, "pidfd_open"):
            wire.send(self.control, {"pid": pid})
            return
        descriptor = os.pidfd_open(pid)
        wire.send(self.control, {"pid": pid}, descriptors=(descriptor,))
        os.close(descriptor)

    def _reap(self) -> None:
        """Take note of the children that have died; only the latest are remembered."""
        try:
            while (found := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = found
                born = self.born_kib.pop(pid, 0)
                grown = usage.ru_maxrss - born if born else None
                self.dead[pid] = Death.seen(status, grown, self.bounds.stack_bytes)
        except ChildProcessError:
            pass
        while len(self.dead) > 256:
            del self.dead[next(iter(self.dead))]

    def _death(self, pid: int) -> Death:
        """How a child died; waits a little, since its sockets are closed a moment before it is dead."""
        patience = time.monotonic() + 1
        while pid not in self.dead and time.monotonic() < patience:
            time.sleep(0.0005)
            self._reap()
        return self.dead.pop(pid, Death(None))


def main(descriptor: int) -> NoReturn:
    """Be a zygote on an open control socket."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and a service manager signal the whole group:
        signal.signal(signal_number, signal.SIG_IGN)  # the front decides when its children end
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limits.name_process("zygote")
    worker = threading.Thread(target=Zygote(socket.socket(fileno=descriptor)).run)
    worker.start()
    worker.join()
    os._exit(1)  # only if the loop itself failed


if __name__ == "__main__":
    main(int(sys.argv[1]))
