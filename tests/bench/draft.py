"""How much of a curated document `backstory draft` finds from the page's structure alone.

    python -m tests.bench.draft DIR [--write] [--show]

DIR holds the copies of the documents (`back-spasms.txt`). The draft of each page is held against its curated file:
facts (a plain statement, or a warning with its trigger and action) that are in both, precision and recall of them by
relation, how many stand in the same passage, and how many passages have the same place. A new thing counts as the
curated one that stands in the same passage and relation, since what it is called is the curator's business; how many
there are is told. Recall is told of all facts and of those in list items, which is what the structure of a page can
state. The graph that names are looked up in holds the curated things of the shipped page, but not those that the pages
of `tests/samples/drafts` are new with; these are held against facts written down by hand beside them.
"""

from __future__ import annotations

import argparse
import platform
import re
import sys
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from kg.backends import open_backend
from kg.dataset import load_dataset
from kg.source import normalised
from kg.terms import ID, KG, PREFIXES, local_name
from queries.drafting.document import draft
from queries.lexicon import LoadedLexicon
from queries.things import read_ontology, read_things
from queries.words import Writing

SAMPLES = Path(__file__).parents[1] / "samples"
DOCUMENTS = Path(__file__).parents[2] / "kg" / "documents"
DRAFTS = SAMPLES / "drafts"
RESULTS = Path(__file__).parent / "results"
OA = PREFIXES["oa"]
#: Relations of a node of several parts that the rules draft: a warning's.
OF_WARNINGS = (f"{KG}hasTrigger", f"{KG}recommendsAction")

#: Subject, relation and object as local names; of a warning its condition stands for the subject.
Fact = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """A document file: its facts, each with the starts of the passages that state it, and which starts are items."""

    facts: dict[Fact, set[int]]
    places: set[tuple[int, int]]
    items: set[int]

    def in_items(self) -> set[Fact]:
        """The facts that a list item states."""
        return {fact for fact, starts in self.facts.items() if starts & self.items}


def read(trig: bytes) -> Read:
    """The facts of a document file."""
    quads = list(ox.parse(trig, format=ox.RdfFormat.TRIG))
    value = {(str(q.subject)[1:-1], str(q.predicate)[1:-1]): q.object.value for q in quads}
    passages = {s for (s, p), o in value.items() if p == f"{OA}hasSource" and re.search(r"/\d+$", s)}
    starts = {passage: int(value[f"{passage}#span", f"{OA}start"]) for passage in passages}
    places = {(start, int(value[f"{passage}#span", f"{OA}end"])) for passage, start in starts.items()}
    items = {starts[passage] for passage in passages if (passage, f"{KG}itemNumber") in value}
    facts: dict[Fact, set[int]] = {}
    for quad in quads:
        graph, subject, predicate = (str(term)[1:-1] for term in (quad.graph_name, quad.subject, quad.predicate))
        if graph not in passages or ("#" in subject and predicate not in OF_WARNINGS) or "rdf-syntax" in predicate:
            continue
        about = value.get((subject, f"{KG}inCaseOf"), "") if "#" in subject else subject
        fact = (local_name(about), local_name(predicate), local_name(quad.object.value))
        facts.setdefault(fact, set()).add(starts[graph])
    return Read(facts, places, items)


def renamed(made: Read, curated: Read, known: Container[str]) -> tuple[Read, int]:
    """The draft with its new things under the names of the curated ones in their place, and how many there are."""
    names: dict[str, str] = {}
    for subject, relation, thing in sorted(made.facts):
        if f"{ID}{thing}" in known or relation == "hasBrandName":
            continue
        options = {
            fact[2]
            for fact, starts in curated.facts.items()
            if fact[:2] == (subject, relation)
            and starts & made.facts[subject, relation, thing]
            and fact not in made.facts
            and fact[2] not in names.values()
        }
        if options:
            names[thing] = min(options)
    facts: dict[Fact, set[int]] = {}
    for (subject, relation, thing), starts in made.facts.items():
        fact = (names.get(subject, subject), relation, names.get(thing, thing))
        facts.setdefault(fact, set()).update(starts)
    return Read(facts, made.places, made.items), len(names)


def table(name: str, made: Read, curated: Read, new: int, strict: int) -> list[str]:
    """A page's figures as lines of Markdown."""
    both = made.facts.keys() & curated.facts.keys()
    placed = sum(1 for fact in both if made.facts[fact] & curated.facts[fact])
    listed = curated.in_items()
    lines = [
        f"## {name}",
        "",
        f"- precision {ratio(len(both), len(made.facts))}, with {new} new things counted as the curated ones in their "
        f"place; {ratio(strict, len(made.facts))} by name",
        f"- recall of the facts in list items {ratio(len(both & listed), len(listed))}, of all facts "
        f"{ratio(len(both), len(curated.facts))}",
        f"- {placed} of the {len(both)} facts stand in the same passage; {len(made.places & curated.places)} of "
        f"{len(curated.places)} curated passages have the same place",
        "",
        "| relation | drafted | right | curated, in items | of those found |",
        "|---|---|---|---|---|",
    ]
    counts = [Counter(fact[1] for fact in facts) for facts in (made.facts, both, listed, both & listed)]
    for relation in sorted({*counts[0], *counts[2]}, key=lambda one: (-counts[2][one], one)):
        lines.append("| " + " | ".join((relation, *(str(count[relation]) for count in counts))) + " |")
    return [*lines, ""]


def ratio(part: int, whole: int) -> str:
    """A share in words and percent."""
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "none of none"


def by_hand(path: Path, made: Read) -> Read:
    """The facts of a page that were written down by hand, one a line, without their passages."""
    lines = [line.split() for line in path.read_text("utf-8").splitlines()]
    facts = {(s, r, o): made.facts.get((s, r, o), set(made.items)) for s, r, o in lines}
    return Read(facts, made.places, made.items)


def measured(directory: Path, show: bool) -> Iterable[str]:
    """The figures of every page whose copy is at hand."""
    dataset = load_dataset(extra_documents=sorted(SAMPLES.glob("*.trig")))
    backend, writing = open_backend("memory:", dataset), Writing.load()
    ontology = read_ontology(backend)
    lexicon = LoadedLexicon(read_things(backend, ontology), ontology, writing)
    golds = [*sorted(DOCUMENTS.glob("*.trig")), *sorted(SAMPLES.glob("*.trig")), *sorted(DRAFTS.glob("*.facts"))]
    for gold in golds:
        page = (directory if gold.parent == DOCUMENTS else gold.parent) / f"{gold.stem}.txt"
        if not page.is_file():
            continue
        made = read(draft(normalised(page.read_bytes()), gold.stem, lexicon, writing).trig.encode())
        curated = by_hand(gold, made) if gold.suffix == ".facts" else read(gold.read_bytes())
        strict = len(made.facts.keys() & curated.facts.keys())
        new = 0
        if gold.suffix != ".facts":
            made, new = renamed(made, curated, lexicon.things)
        if show:
            for sign, facts in (
                ("+", made.facts.keys() - curated.facts),
                ("-", curated.in_items() - made.facts.keys()),
            ):
                for fact in sorted(facts, key=lambda each: (each[1], each)):
                    print(sign, gold.stem, *fact, file=sys.stderr)
        yield from table(gold.stem, made, curated, new, strict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--write", action="store_true", help="into results/draft-DATE.md")
    parser.add_argument("--show", action="store_true", help="the facts that are too many (+) and missing (-)")
    given = parser.parse_args()
    head = [
        "# Drafted facts against curated ones",
        "",
        f"{date.today()}, {platform.platform()}; `tests/bench/draft.py`.",
        "",
    ]
    text = "\n".join([*head, *measured(given.directory, given.show)])
    print(text)
    if given.write:
        (RESULTS / f"draft-{date.today()}.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
