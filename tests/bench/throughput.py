"""Requests a second at 8 connections, side by side in one run on the same data, with ratios to a bare Flask route.

    python -m tests.bench.throughput [--rounds 5] [--seconds 3]

Cases: a cached answer, an uncached answer and an isolated query of this service; a bare Flask route on the same server
(Granian); the same query on `oxigraph serve`, rdflib-endpoint and Virtuoso, which hold the same named graphs. The
cases take turns in each round, so that all meet the same machine, and the medians of the rounds count. The load comes
from `wrk`. Peers that cannot be had are left out, and named.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from tests.bench.peers import PEERS, RDFLIB_ENDPOINT, running, virtuoso_version
from tests.engines.servers import free_port

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
RESULTS = HERE / "results"
CONNECTIONS = 8
JSON = "application/sparql-results+json"
QUESTION = "what causes back spasms"
QUERY = "SELECT ?s ?o WHERE { GRAPH ?g { ?s <https://w3id.org/backstory/ns#hasCause> ?o } } LIMIT 10"
BARE = """from flask import Flask
app = Flask(__name__)
@app.get("/")
def hello():
    return "hello"
"""


@dataclass
class Case:
    """One thing that is measured: its address, and whether each request asks something new."""

    name: str
    url: str
    fresh: bool = False
    rates: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    failed: int = 0


def machine() -> str:
    """The processor, and how many of them."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
        model = found[1] if found else model
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}"


def version_of(package: str) -> str:
    """The installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def script(case: Case, folder: Path) -> list[str]:
    """wrk's script that asks something new each time: the number goes into a comment, or an unknown parameter."""
    if not case.fresh:
        return []
    path = "/" + case.url.split("/", 3)[3]
    lines = [
        "local n = 0",
        "math.randomseed(os.time())",
        "local first = math.random(100000000)",
        f'request = function() n = n + 1; return wrk.format("GET", "{path}" .. (first + n)) end',
    ]
    file = folder / f"{re.sub('[^a-z]', '', case.name)}.lua"
    file.write_text("\n".join(lines), "utf-8")
    return ["-s", str(file)]


def measure(case: Case, seconds: float, folder: Path) -> None:
    """One round of one case."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency", "-H", f"Accept: {JSON}, */*;q=0.1"]
    output = subprocess.run(
        [*command, *script(case, folder), case.url], capture_output=True, text=True, check=True
    ).stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", output)
    case.rates.append(float(rate[1]) if rate else 0.0)
    for percent, values in (("50", case.p50_ms), ("99", case.p99_ms)):
        found = re.search(rf"^\s*{percent}%\s+([\d.]+)(us|ms|s)\s*$", output, re.MULTILINE)
        if found:
            values.append(float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    case.failed += int(bad[1]) if bad else 0


def report(cases: list[Case], missing: list[str], seconds: float, busy: float) -> str:
    """The results as Markdown; `busy` is the load before the measuring began."""
    bare = statistics.median(next(case for case in cases if case.name.startswith("bare")).rates)
    rounds = len(cases[0].rates)
    now = datetime.now().astimezone()
    lines = [
        "# Throughput and latency",
        "",
        f"{now:%Y-%m-%d %H:%M %Z}; {machine()}, load {busy:.1f} at the start.",
        f"Python {platform.python_version()}, Granian {version_of('granian')}, Flask {version_of('Flask')}, "
        f"pyoxigraph {version_of('pyoxigraph')}, oxigraph {version_of('oxigraph')}, "
        f"rdflib-endpoint {RDFLIB_ENDPOINT}, Virtuoso {virtuoso_version()}.",
        f"{CONNECTIONS} connections, {rounds} rounds of {seconds:g} s for each case in turn; medians of the rounds.",
        "",
        "| case | requests/s | beside a bare Flask route | p50 ms | p99 ms | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case in cases:
        rate = statistics.median(case.rates)
        p50, p99 = (statistics.median(values) if values else float("nan") for values in (case.p50_ms, case.p99_ms))
        lines.append(f"| {case.name} | {rate:,.0f} | {rate / bare:.2f} | {p50:.2f} | {p99:.2f} | {case.failed} |")
    if busy > 1:
        lines += ["", "The machine did other work meanwhile: what needs several processes to take turns suffers most."]
    rates = {case.name: statistics.median(case.rates) for case in cases}
    isolated, endpoint = rates["isolated query, uncached"], rates.get("the same query, rdflib-endpoint")
    if endpoint:
        lines += ["", f"The isolated query beside rdflib-endpoint: {isolated / endpoint:.0f} times as many."]
    if missing:
        lines += ["", f"Not to be had here, so not measured: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def picture(cases: list[Case]) -> str:
    """The rates as bars, as SVG."""
    rates = [(case.name, statistics.median(case.rates)) for case in cases]
    most, step = max(rate for _, rate in rates), 30
    bars = "".join(
        f'<text x="290" y="{y + 18}" text-anchor="end">{name}</text>'
        f'<rect x="300" y="{y + 4}" width="{max(1, 360 * rate / most):.0f}" height="20" fill="#2b6cb0"/>'
        f'<text x="{306 + 360 * rate / most:.0f}" y="{y + 18}">{rate:,.0f}/s</text>'
        for y, (name, rate) in zip(range(10, 10 + step * len(rates), step), rates, strict=True)
    )
    size = f'width="760" height="{20 + step * len(rates)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">{bars}</svg>\n'


def start(stack: contextlib.ExitStack, folder: Path) -> tuple[list[Case], list[str]]:
    """All servers, and the cases to measure on them."""
    bins = Path(sys.executable).parent
    ours, bare = free_port(), free_port()
    (folder / "bare.py").write_text(BARE, "utf-8")
    query = quote(QUERY + " #", safe="")
    serve = [sys.executable, "-m", "server.cli", "serve", "--port", str(ours), "--no-log-requests"]
    stack.enter_context(running(serve, f"http://127.0.0.1:{ours}/healthz", REPOSITORY))
    urllib.request.urlretrieve(f"http://127.0.0.1:{ours}/dataset.nq", folder / "dataset.nq")
    granian = [str(bins / "granian"), "--interface", "wsgi", "--no-ws", "--blocking-threads", "64"]
    granian += ["--log-level", "error", "--port", str(bare), "bare:app"]
    stack.enter_context(running(granian, f"http://127.0.0.1:{bare}/", folder))
    here = f"http://127.0.0.1:{ours}"
    cases = [
        Case("bare Flask route (Granian, WSGI)", f"http://127.0.0.1:{bare}/"),
        Case("cached answer", f"{here}/ask?q={quote(QUESTION)}"),
        Case("uncached answer", f"{here}/ask?q={quote(QUESTION)}&n=", fresh=True),
        Case("cached query", f"{here}/sparql?query={query}"),
        Case("isolated query, uncached", f"{here}/sparql?query={query}", fresh=True),
    ]
    missing = []
    for peer in PEERS:
        address = peer.started(stack, folder)
        if address is None:
            missing.append(peer.name)
        else:
            cases.append(Case(f"the same query, {peer.name}", f"{address}?query={query}", fresh=True))
    return cases, missing


def main() -> None:
    """Measure, print, and write the results with their date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("the load comes from wrk, which is not installed (Debian: apt-get install wrk)")
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        folder = Path(directory)
        cases, missing = start(stack, folder)
        for case in cases:
            measure(case, 1, folder)  # warmed up, and not counted
            case.rates, case.p50_ms, case.p99_ms = [], [], []
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
            for case in cases:
                measure(case, arguments.seconds, folder)
        text = report(cases, missing, arguments.seconds, busy)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"throughput-{datetime.now():%Y-%m-%d}.md"
    file.write_text(f"{text}\n![The rates as bars]({file.stem}.svg)\n", "utf-8")
    file.with_suffix(".svg").write_text(picture(cases), "utf-8")
    print(text)


if __name__ == "__main__":
    main()
