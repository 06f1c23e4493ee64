"""Stores of the generated corpus for `tests.bench.scale`, and what answering costs inside one process.

    python -m tests.bench.scale_store build 2500 DIRECTORY
    python -m tests.bench.scale_store ask 2500 DIRECTORY

Each prints one JSON object; `tests.bench.scale` runs them, so that each has a process, and a memory, of its own.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.backends.directory import DataDirectory
from kg.backends.embedded import EmbeddedBackend
from kg.backends.oxigraph import from_quads
from kg.dataset import load_dataset
from kg.terms import DOC
from queries.answering import Answering
from queries.keeping import FILE
from tests.bench.generator import TAILS, corpus, document, name, plans

QUESTIONS = 300
#: Lines of the corpus that are parsed together.
TOGETHER = 5_000
#: One question of each kind, about a condition, a symptom or a drug of the corpus.
KINDS = (
    "what causes {condition}",
    "what are the symptoms of {condition}",
    "is {symptom} a symptom of {condition}",
    "how is {condition} treated",
    "what are the side effects of {drug}",
    "how can I prevent {condition} syndrome",
)


def questions(documents: int, seed: int, count: int = QUESTIONS) -> list[str]:
    """Questions about the corpus, each kind as often; another seed asks about others of its things."""
    rng, pool = random.Random(seed), next(iter(plans(documents))).pool
    made = []
    for number in range(count):
        words = {
            "condition": name(rng.randrange(documents), TAILS, rng),
            "symptom": rng.choice(pool.symptoms).removeprefix("Symptom").lower(),
            "drug": rng.choice(pool.drugs).removeprefix("Drug").lower(),
        }
        made.append(KINDS[number % len(KINDS)].format(**words))
    return made


def trig(documents: int, number: int, passages: int = 0) -> str:
    """One document of the corpus as TriG; `passages` more titles make it another state of the document."""
    plan = next(plan for plan in plans(documents) if plan.number == number)
    quads = list(ox.parse("".join(document(plan)), ox.RdfFormat.N_QUADS))
    own, title = ox.NamedNode(plan.iri), ox.NamedNode("http://purl.org/dc/terms/description")
    quads += [ox.Quad(own, title, ox.Literal(f"state {n}", language="en"), own) for n in range(passages)]
    return (ox.serialize(quads, format=ox.RdfFormat.TRIG) or b"").decode()


class Counted:
    """The quads of vocabulary, things and corpus, and their number and digest once they have been gone through."""

    def __init__(self, documents: int) -> None:
        self.documents = documents
        self.quads = 0
        self._total = 0

    def __iter__(self) -> Iterator[ox.Quad]:
        shipped = (quad for quad in load_dataset().quads if quad.graph and not quad.graph.value.startswith(DOC))
        yield from map(self._count, from_quads(shipped))
        lines = corpus(self.documents)
        while some := "".join(islice(lines, TOGETHER)):
            yield from map(self._count, ox.parse(some, ox.RdfFormat.N_QUADS))

    def _count(self, quad: ox.Quad) -> ox.Quad:
        self.quads += 1
        self._total += int.from_bytes(sha256(str(quad).encode()).digest(), "big")
        return quad

    def digest(self) -> str:
        """The digest as the store would count it (`kg.backends.union`)."""
        return f"sha256:{self._total % (1 << 256):064x}"


def peak_mib() -> float:
    """The most memory that this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def size_mib(path: Path) -> float:
    """The size of a file, or of all files in a directory; a file with several names counts once."""
    files = {found.stat().st_ino: found.stat().st_size for found in path.rglob("*") if found.is_file()}
    return (sum(files.values()) if path.is_dir() else path.stat().st_size) / 1024 / 1024


def build(documents: int, directory: Path) -> dict[str, Any]:
    """Load the corpus into a new data directory, and keep its names."""
    counted, began = Counted(documents), time.perf_counter()
    backend = EmbeddedBackend.on_disk(directory, counted, counted.digest)
    loaded = time.perf_counter()
    peak = peak_mib()
    Answering.load(backend)
    kept = time.perf_counter()
    backend.close()
    return {
        "documents": documents,
        "quads": counted.quads,
        "load_s": loaded - began,
        "names_s": kept - loaded,
        "load_peak_mib": peak,
        "disk_mib": size_mib(directory),
        "lexicon_mib": size_mib(directory / FILE),
    }


def ask(documents: int, directory: Path) -> dict[str, Any]:
    """Medians of questions that were not asked before, and their parts: words, matching, query and wording."""
    files = DataDirectory(directory)
    current = files.current()  # there once it was served
    path = files.snapshot(current.number) if current else files.data
    digest = current.digest if current else (directory / "digest").read_text("ascii").strip()
    began = time.perf_counter()
    backend = EmbeddedBackend.snapshot(path, digest)
    backend.directory = directory
    answering = Answering.load(backend)
    loaded = time.perf_counter() - began
    for text in questions(documents, 7, 60):
        answering.ask(text)
    parts: dict[str, list[float]] = {"words": [], "matching": [], "all": []}
    statuses: dict[str, int] = {}
    for text in questions(documents, 8):
        answer = answering.ask(text)
        spent = answer.timings_us
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        for part, values in parts.items():
            values.append(spent[part] / 1000)
    rest = [whole - read for whole, read in zip(parts["all"], parts["matching"], strict=True)]
    matching = [read - words for read, words in zip(parts["matching"], parts["words"], strict=True)]
    return {
        "answering_load_s": loaded,
        "words_ms": statistics.median(parts["words"]),
        "matching_ms": statistics.median(matching),
        "query_ms": statistics.median(rest),
        "ask_inside_ms": statistics.median(parts["all"]),
        "answering_peak_mib": peak_mib(),
        "statuses": statuses,
    }


if __name__ == "__main__":
    what = {"build": build, "ask": ask}[sys.argv[1]]
    print(json.dumps(what(int(sys.argv[2]), Path(sys.argv[3]))))
