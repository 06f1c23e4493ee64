"""A load into a new directory is whole or has not happened: whatever breaks off, the next one finds an empty place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.backends.directory import DataDirectory
from kg.backends.embedded import EmbeddedBackend
from kg.terms import Iri, Literal, Quad

DOC = "http://example.org/doc/one/"
P = Iri("http://example.org/p")


def quads(count: int) -> Iterator[Quad]:
    return (Quad(Iri(f"http://example.org/{n}"), P, Literal(f"{n}" * 50), Iri(DOC)) for n in range(count))


def broken_off(count: int) -> Iterator[Quad]:
    yield from quads(count)
    raise KeyboardInterrupt


def size(directory: Path) -> int:
    backend = EmbeddedBackend.on_disk(directory)
    found = backend.query("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", deadline=float("inf")).rows
    backend.close()
    return len(found)


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own, whose limits and death are its own too."""
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


LOAD = """
import sys
from pathlib import Path
from kg.backends.embedded import EmbeddedBackend
from tests.kg.backends.test_filling import quads
try:
    EmbeddedBackend.on_disk(Path(sys.argv[1]), quads(int(sys.argv[2]))).close()
except OSError as error:
    sys.exit(f"refused: {error}")
"""


def test_a_load_that_breaks_off_leaves_nothing_and_the_next_one_is_whole(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        EmbeddedBackend.on_disk(tmp_path, broken_off(100))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "snapshots"]
    EmbeddedBackend.on_disk(tmp_path, quads(7)).close()
    assert size(tmp_path) == 7


def test_a_load_whose_process_is_killed_leaves_nothing_that_is_taken_for_a_store(tmp_path: Path) -> None:
    code = LOAD.replace("quads(int(sys.argv[2]))", "endless()") + ""
    endless = """
import itertools, time
def endless():
    for n, quad in enumerate(quads(10**9)):
        yield quad
        if n == 2000:
            print("under way", flush=True)
            time.sleep(600)
"""
    code = code.replace("try:", endless + "try:", 1)
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "data.new").is_dir()
    EmbeddedBackend.on_disk(tmp_path, quads(7)).close()
    assert size(tmp_path) == 7
    assert not (tmp_path / "data.new").exists()


def test_a_load_that_the_system_lets_write_no_further_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n" + LOAD
    done = run(limited, str(tmp_path), "20000")
    assert done.returncode != 0
    assert "refused: the store in" in done.stderr
    assert "nothing was kept" in done.stderr
    assert not DataDirectory(tmp_path).data.exists()
    EmbeddedBackend.on_disk(tmp_path, quads(7)).close()
    assert size(tmp_path) == 7


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    small = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip(reason="this system lets nobody mount a small disk")
    try:
        done = run(LOAD, str(tmp_path), "20000")
        assert done.returncode != 0
        assert "refused: " in done.stderr
        assert "o space left" in done.stderr
        assert not DataDirectory(tmp_path).data.exists()
    finally:
        time.sleep(0.1)
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST-000005"])
def test_a_damaged_store_is_named_with_what_can_be_done_and_nothing_is_thrown_away(tmp_path: Path, name: str) -> None:
    EmbeddedBackend.on_disk(tmp_path, quads(9)).close()
    files = {path.name: path.stat().st_size for path in (tmp_path / "data").glob("*.sst")}
    victim = next((tmp_path / "data").glob(name.split("-", maxsplit=1)[0] + "*"))
    victim.write_bytes(b"\0not what it was\0" * 10)
    with pytest.raises(OSError, match=r"cannot be opened.*put back a copy"):
        EmbeddedBackend.on_disk(tmp_path)
    assert {path.name: path.stat().st_size for path in (tmp_path / "data").glob("*.sst")} == files


def test_a_directory_whose_store_could_not_be_opened_is_not_locked_for_good(tmp_path: Path) -> None:
    EmbeddedBackend.on_disk(tmp_path, quads(9)).close()
    current = tmp_path / "data" / "CURRENT"
    good = current.read_bytes()
    current.write_bytes(b"nothing\n")
    with pytest.raises(OSError, match="cannot be opened"):
        EmbeddedBackend.on_disk(tmp_path)
    current.write_bytes(good)
    assert size(tmp_path) == 9
