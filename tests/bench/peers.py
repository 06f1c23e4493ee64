"""The peers that the throughput is measured beside, each with the same named graphs (`dataset.nq` in its folder).

`oxigraph serve` comes from the tests' requirements and Virtuoso from Debian. rdflib-endpoint is needed for nothing
else: where it does not stand beside this Python it gets a throw-away environment of its own.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engines.servers import free_port, oxigraph_command, virtuoso_command, virtuoso_server

REPOSITORY = Path(__file__).parent.parent.parent
RDFLIB_ENDPOINT = "0.6.3"


@dataclass(frozen=True)
class Peer:
    """One peer: how it is started; gives the address of its queries, or None where it cannot be had."""

    name: str
    started: Callable[[contextlib.ExitStack, Path], str | None]


@contextlib.contextmanager
def running(command: list[str], url: str, cwd: Path) -> Iterator[None]:
    """A server, once it answers; ended afterwards."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url, timeout=5).read()
                    break
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise SystemExit(f"{command[0]} did not start: {log.read()[-500:].decode(errors='replace')}")
                time.sleep(0.1)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def oxigraph(stack: contextlib.ExitStack, folder: Path) -> str | None:
    """`oxigraph serve-read-only` over a store on disk."""
    command, port = oxigraph_command(), free_port()
    if command is None:
        return None
    store, data = str(folder / "store"), str(folder / "dataset.nq")
    subprocess.run([command, "load", "--location", store, "--file", data], check=True, capture_output=True)
    served = [command, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"]
    address = f"http://127.0.0.1:{port}/query"
    stack.enter_context(running(served, f"{address}?query=ASK%7B%7D", folder))
    return address


def rdflib_endpoint(stack: contextlib.ExitStack, folder: Path) -> str | None:
    """`rdflib-endpoint serve` over the file."""
    command = Path(sys.executable).parent / "rdflib-endpoint"
    if not command.exists():
        venv.create(folder / "rdflib-endpoint", with_pip=True)
        bins = folder / "rdflib-endpoint" / "bin"
        package = f"rdflib-endpoint[cli]=={RDFLIB_ENDPOINT}"
        if subprocess.run([str(bins / "pip"), "install", "--quiet", package], capture_output=True).returncode:
            return None
        command = bins / "rdflib-endpoint"
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    served = [str(command), "serve", "--port", str(port), str(folder / "dataset.nq")]
    stack.enter_context(running(served, f"{address}?query=ASK%7B%7D", folder))
    return address


def virtuoso(stack: contextlib.ExitStack, folder: Path) -> str | None:
    """Virtuoso, filled over the Graph Store Protocol by `backstory load`."""
    if virtuoso_command() is None:
        return None
    (folder / "virtuoso").mkdir()
    engine = stack.enter_context(virtuoso_server(folder / "virtuoso"))
    command = [sys.executable, "-m", "server.cli", "load", engine.query_url, "--graph-store", engine.store_url]
    access = {"BACKSTORY_STORE_USER": engine.user or "", "BACKSTORY_STORE_PASSWORD": engine.password or ""}
    for _ in range(5):  # it hangs up now and then; a load that is begun again goes on
        if not subprocess.run(command, capture_output=True, cwd=REPOSITORY, env={**os.environ, **access}).returncode:
            return engine.query_url
    return None


def virtuoso_version() -> str:
    """The version of the installed one."""
    command = virtuoso_command()
    if command is None:
        return "?"
    told = subprocess.run([command, "+foreground", "-?"], capture_output=True, text=True)
    found = re.search(r"Version (\S+)", told.stdout + told.stderr)
    return found[1] if found else "?"


PEERS = (Peer("oxigraph serve", oxigraph), Peer("rdflib-endpoint", rdflib_endpoint), Peer("Virtuoso", virtuoso))
