"""Seconds from `backstory serve` to its first answer, and the memory of the idle service afterwards.

    python -m tests.bench.start [rounds]

The first start compiles the question files and keeps what comes of it; it is told apart from the later ones.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from tests.bench.throughput import QUESTION, REPOSITORY, RESULTS, machine
from tests.engines.servers import free_port


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [root]
    for process in found:  # it grows meanwhile
        found += [child for child, parent in parents.items() if parent == process]
    return found


def memory_mib(root: int) -> float:
    """The proportional share of memory of a process and its descendants: what they share counts once."""
    total = 0
    for process in family(root):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def started() -> tuple[float, float]:
    """Seconds until the first answer, and MiB a moment later."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port), "--no-log-requests"]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ask?q={quote(QUESTION)}", timeout=30).read()
                break
            time.sleep(0.005)
        seconds = time.perf_counter() - began
        time.sleep(2)
        return seconds, memory_mib(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def main() -> None:
    """Measure, print, and write the results with their date."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    busy = os.getloadavg()[0]
    for kept in REPOSITORY.glob("queries/__pycache__/*.kept"):
        kept.unlink()
    first, _ = started()
    later = [started() for _ in range(rounds)]
    text = (
        "# Start and memory\n\n"
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}; {machine()}, load {busy:.1f} at the start.\n"
        f"Medians of {rounds} starts.\n\n"
        "| | |\n| --- | ---: |\n"
        f"| start to first answer, s | {statistics.median(seconds for seconds, _ in later):.2f} |\n"
        f"| the very first one, which compiles the questions, s | {first:.2f} |\n"
        f"| idle service (PSS of all processes), MiB | {statistics.median(mib for _, mib in later):.0f} |\n"
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"start-{datetime.now():%Y-%m-%d}.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
