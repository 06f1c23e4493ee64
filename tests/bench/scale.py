"""What growth costs: load, memory, disk, start, answers, queries, pages and updates at 1, 100, 2,500 … documents.

    python -m tests.bench.scale 1 100 2500 [--directory DIR]

Each size is built, asked and served in processes of their own (`scale_store`, `scale_service`). Stores that lie in the
directory already are measured as they are; without one they are made in a temporary directory and removed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from math import log10
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.scale_service import PAUSE_S, READERS
from tests.bench.throughput import RESULTS, machine

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
#: The corpus with which all others are compared.
ONE = 1


class Row(NamedTuple):
    """A row of the table: its name, the measurement, its unit, and what must be reached at 2,500 documents."""

    name: str
    key: str
    unit: str
    target: str = ""


ROWS = (
    Row("stated quads", "quads", "n"),
    Row("load into a new directory", "load_s", "s"),
    Row("the names kept beside it", "names_s", "s"),
    Row("memory while loading", "load_peak_mib", "MiB"),
    Row("size on disk", "disk_mib", "MiB"),
    Row("of it the names", "lexicon_mib", "MiB"),
    Row("start until the port answers", "start_s", "s", "≤ 5"),
    Row("first answer", "first_answer_ms", "ms", "≤ 1,000"),
    Row("memory of all processes", "memory_mib", "MiB", "≤ 2,048"),
    Row("/ask, median over HTTP", "ask_ms", "ms", "≤ 2 × one"),
    Row("inside: words and spelling", "words_ms", "ms"),
    Row("inside: matching", "matching_ms", "ms"),
    Row("inside: query, citations, wording", "query_ms", "ms"),
    Row("/sparql look-up, median", "sparql_ms", "ms"),
    Row("/neighbours, median", "neighbours_ms", "ms"),
    Row("replace a document, median", "update_median_ms", "ms", "≤ 1,000"),
    Row("replace a document, worst", "update_worst_ms", "ms"),
    Row("reads meanwhile", "reads_meanwhile", "n"),
    Row("of them failed", "reads_failed", "n", "0"),
    Row("the slowest of them", "reads_worst_ms", "ms"),
    Row("memory after the updates", "memory_after_updates_mib", "MiB", "≤ 2,048"),
    Row("start after the updates", "start_after_updates_s", "s", "≤ 5"),
)
#: What is drawn against the number of documents.
DRAWN = ("load_s", "disk_mib", "start_s", "memory_mib", "ask_ms", "sparql_ms", "neighbours_ms", "update_median_ms")


def run(module: str, *arguments: str) -> dict[str, Any]:
    """What a measuring process prints."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[2:])}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(documents: int, directory: Path) -> dict[str, Any]:
    """All that is measured of one size; what the build found is kept beside the store."""
    store, built = directory / str(documents), directory / f"{documents}.json"
    if not built.is_file() or not built.stat().st_size:
        built.write_text(json.dumps(run("scale_store", "build", str(documents), str(store))), "utf-8")
    found: dict[str, Any] = json.loads(built.read_text("utf-8"))
    print(f"{documents}: {found}", file=sys.stderr)
    for part in (("scale_store", "ask"), ("scale_service",)):
        found |= run(part[0], *part[1:], str(documents), str(store))
    print(f"{documents}: {found}", file=sys.stderr)
    return found


def shown(value: float) -> str:
    """A number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def report(sizes: list[dict[str, Any]], busy: float) -> str:
    """The results as Markdown."""
    heads = [f"{size['documents']:,}" for size in sizes]
    now = datetime.now().astimezone()
    lines = [
        "# What growth costs",
        "",
        f"{now:%Y-%m-%d %H:%M %Z}; {machine()}, load {busy:.1f} at the start.",
        "Documents of tests/bench/generator.py in a data directory, served by one `backstory serve` with its defaults.",
        "One client and keep-alive for the medians; during the updates two more requests each "
        f"{PAUSE_S * 1000:.0f} ms from {READERS} readers.",
        "",
        f"| documents | {' | '.join(heads)} | to reach at 2,500 |",
        f"| --- | {' | '.join('---:' for _ in heads)} | --- |",
    ]
    for row in ROWS:
        values = " | ".join(shown(size[row.key]) if row.key in size else "–" for size in sizes)
        unit = "" if row.unit == "n" else f", {row.unit}"
        lines.append(f"| {row.name}{unit} | {values} | {row.target} |")
    one = next((size for size in sizes if size["documents"] == ONE), None)
    if one is not None:
        ratios = ", ".join(f"{size['ask_ms'] / one['ask_ms']:.2f} at {size['documents']:,}" for size in sizes)
        lines += ["", f"`/ask` beside that at one document: {ratios}."]
    if busy > 1:
        lines += ["", "The machine did other work meanwhile, so that times are longer than they need be."]
    return "\n".join(lines) + "\n"


def picture(sizes: list[dict[str, Any]]) -> str:
    """One small diagram a row, each on logarithmic axes, as SVG."""
    names = {row.key: f"{row.name}, {row.unit}" for row in ROWS}
    cells = []
    for place, key in enumerate(DRAWN):
        points = [(size["documents"], size[key]) for size in sizes if size.get(key, 0) > 0]
        left, top = 20 + 360 * (place % 2), 20 + 190 * (place // 2)
        cells.append(f'<g transform="translate({left},{top})">{diagram(names[key], points)}</g>')
    height = 20 + 190 * ((len(DRAWN) + 1) // 2)
    style = 'font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="750" height="{height}" {style}>'
    return head + '<rect width="100%" height="100%" fill="#fff"/>' + "".join(cells) + "</svg>\n"


def diagram(name: str, points: list[tuple[int, float]]) -> str:
    """One diagram of 330 × 170."""
    across = scaled([n for n, _ in points], 30, 290)
    up = scaled([value for _, value in points], 130, 40)
    places = [(across(n), up(value), n, value) for n, value in points]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y, _, _ in places)
    marks = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="#2b6cb0"/>'
        f'<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{shown(value)}</text>'
        f'<text x="{x:.0f}" y="160" text-anchor="middle" fill="#555">{n:,}</text>'
        for x, y, n, value in places
    )
    title = f'<text x="10" y="14" font-weight="bold">{name}</text><path d="M10 145 H320" stroke="#999"/>'
    return f'{title}<polyline points="{line}" fill="none" stroke="#2b6cb0"/>{marks}'


def scaled(values: list[float] | list[int], first: float, last: float) -> Callable[[float], float]:
    """From values to places on a logarithmic axis."""
    low, high = log10(min(values)), log10(max(values))
    span = max(high - low, 0.3)
    return lambda value: first + (last - first) * (log10(value) - low) / span


def main() -> None:
    """Measure, print, and write the results with their date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", nargs="+", type=int)
    parser.add_argument("--directory", type=Path, help="where the stores lie, or are made and left")
    arguments = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.directory or Path(temporary)
        sizes = [measured(documents, directory) for documents in arguments.documents]
    text = report(sizes, busy)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"scale-{datetime.now():%Y-%m-%d}.md"
    file.write_text(f"{text}\n![Each against the number of documents]({file.stem}.svg)\n", "utf-8")
    file.with_suffix(".svg").write_text(picture(sizes), "utf-8")
    print(text)


if __name__ == "__main__":
    main()
