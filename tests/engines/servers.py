"""Real engines for the tests: started on a free port in a folder of their own, stopped afterwards."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VIRTUOSO_PASSWORD = "dba"


@dataclass(frozen=True)
class Engine:
    """Where a running engine is reached."""

    name: str
    query_url: str
    store_url: str
    user: str | None = None
    password: str | None = None


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def oxigraph_command() -> str | None:
    """The server's command: beside this Python (the PyPI package oxigraph), or on the PATH."""
    beside = Path(sys.executable).parent / "oxigraph"
    return str(beside) if beside.exists() else shutil.which("oxigraph")


def virtuoso_command() -> str | None:
    """The server's command, from Debian's virtuoso-opensource-7-bin."""
    return shutil.which("virtuoso-t")


@contextlib.contextmanager
def oxigraph_server(directory: Path, port: int | None = None) -> Iterator[Engine]:
    """`oxigraph serve` over a new store."""
    command, port = oxigraph_command(), port or free_port()
    assert command is not None
    with running([command, "serve", "--location", str(directory / "store"), "--bind", f"127.0.0.1:{port}"], directory):
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/query?query=ASK%7B%7D")
        yield Engine("oxigraph", f"{base}/query", f"{base}/store")


@contextlib.contextmanager
def virtuoso_server(directory: Path) -> Iterator[Engine]:
    """Virtuoso 7 over a new database, in the foreground, with its HTTP listener on a free port."""
    command, port, sql_port = virtuoso_command(), free_port(), free_port()
    assert command is not None
    (directory / "virtuoso.ini").write_text(
        f"""[Database]
DatabaseFile = {directory}/virtuoso.db
ErrorLogFile = {directory}/virtuoso.log
LockFile = {directory}/virtuoso.lck
TransactionFile = {directory}/virtuoso.trx
xa_persistent_file = {directory}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {directory}/virtuoso-temp.db
TransactionFile = {directory}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 20
DirsAllowed = {directory}
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000000
"""
    )
    with running([command, "+foreground", "+configfile", str(directory / "virtuoso.ini")], directory):
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/sparql?query=ASK%7B%7D", seconds=60)
        yield Engine("virtuoso", f"{base}/sparql", f"{base}/sparql-graph-crud-auth", "dba", VIRTUOSO_PASSWORD)


@contextlib.contextmanager
def running(command: list[str], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process for as long as the block lasts; its output goes to `<directory>/server.log`."""
    with (directory / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, seconds: float = 20) -> None:
    """Until the address answers.

    Raises: TimeoutError.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {seconds} s")
