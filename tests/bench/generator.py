"""Documents like the shipped one, as many as wanted, to measure what growth costs.

    python -m tests.bench.generator 2500 corpus.nq

Each document is about a condition of its own (with a name of its own, synonyms and misspellings), has as many passages
as the shipped document and states as many facts: its causes and measures are partly its own, its symptoms, drugs, body
parts and other conditions come from pools that grow with the square root of the number of documents, as vocabularies
do. Everything follows from the number of documents and a seed: the same corpus each time. Nothing in it is medicine.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.terms import DOC, ENTITIES_GRAPH, ID, KG

PASSAGES = 127
#: Symptoms of a condition, and side effects of a class of drugs: about as in the shipped document.
SYMPTOMS = 8
SIDE_EFFECTS = 6
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OA = "http://www.w3.org/ns/oa#"
DCTERMS = "http://purl.org/dc/terms/"
INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"

HEADS = [
    "bra",
    "cor",
    "dru",
    "fel",
    "gar",
    "hol",
    "jun",
    "kel",
    "lam",
    "mor",
    "nal",
    "ost",
    "pel",
    "qui",
    "ros",
    "sal",
    "tor",
    "ulm",
    "vas",
    "wen",
    "xan",
    "yor",
    "zel",
    "dor",
    "fim",
    "gul",
]
MIDDLES = tuple("ba ca do fe ga li mo na pi ro su ta ve wi xo ze ru lo".split())  # noqa: SIM905
TAILS = ["lgia", "rosis", "titis", "pathy", "penia", "lepsy", "demia", "noma", "trophy", "plasia"]


@dataclass(frozen=True, slots=True)
class Pools:
    """The things that documents share, by kind: local names, each with its label."""

    symptoms: list[str]
    drugs: list[str]
    classes: list[str]
    parts: list[str]


def name(number: int, tails: list[str], rng: random.Random) -> str:
    """A word that exists nowhere else in the corpus: the number in the base of the syllables."""
    head, rest = HEADS[number % len(HEADS)], number // len(HEADS)
    middles = ""
    for _ in range(2):
        middles += MIDDLES[rest % len(MIDDLES)]
        rest //= len(MIDDLES)
    return head + middles + tails[(rest + number) % len(tails)]


def pools(documents: int, rng: random.Random) -> Pools:
    """Shared things for that many documents."""
    size = max(40, int(40 * documents**0.5))
    words = itertools.count(1_000)

    def some(kind: str, number: int, tails: list[str]) -> list[str]:
        return [f"{kind}{name(next(words), tails, rng).capitalize()}" for _ in range(number)]

    return Pools(
        some("Symptom", size, ["che", "ness", "twitch", "sting"]),
        some("Drug", size // 2, ["profen", "zepam", "statin", "caine", "pril"]),
        some("DrugClass", max(8, size // 10), ["ergics", "leptics", "lytics"]),
        some("Part", max(20, size // 5), ["is", "um", "us", "ia"]),
    )


def line(subject: str, predicate: str, value: str, graph: str) -> str:
    return f"{subject} {predicate} {value} {graph} .\n"


def thing(local: str, kind: str, label: str, others: list[str]) -> Iterator[str]:
    """Type, label, definition and other names of a thing."""
    subject, graph = f"<{ID}{local}>", f"<{ENTITIES_GRAPH}>"
    yield line(subject, RDF_TYPE, f"<{KG}{kind}>", graph)
    yield line(subject, RDFS_LABEL, f'"{label}"@en', graph)
    yield line(subject, f"<{SKOS}definition>", f'"A {kind.lower()} of the generated corpus called {label}."@en', graph)
    for other in others:
        yield line(subject, f"<{SKOS}altLabel>", f'"{other}"@en', graph)
    yield line(subject, f"<{SKOS}hiddenLabel>", f'"{label.replace("a", "e", 1)}"@en', graph)


def shared(pool: Pools) -> Iterator[str]:
    """The entities of the pools, and the classes of the drugs are stated by the documents."""
    for kind, names in (
        ("Symptom", pool.symptoms),
        ("Drug", pool.drugs),
        ("DrugClass", pool.classes),
        ("BodyPart", pool.parts),
    ):
        prefix = "Part" if kind == "BodyPart" else kind
        for local in names:
            label = local.removeprefix(prefix).lower()
            yield from thing(local, kind, label, [f"{label} {kind.lower()}"])


def located(document: str, subject: str, position: int) -> Iterator[str]:
    """Where a passage or heading stands: its span of the text, and the digest of that."""
    graph, span, start = f"<{document}>", f"{subject[:-1]}#span>", position * 80
    digest = hashlib.sha256(subject.encode()).hexdigest()
    yield line(subject, f"<{KG}position>", f'"{position}"{INTEGER}', graph)
    yield line(subject, f"<{OA}hasSource>", f"<{document}>", graph)
    yield line(subject, f"<{OA}hasSelector>", span, graph)
    yield line(subject, f"<{KG}sha256>", f'"{digest}"', graph)
    yield line(span, RDF_TYPE, f"<{OA}TextPositionSelector>", graph)
    yield line(span, f"<{OA}start>", f'"{start}"{INTEGER}', graph)
    yield line(span, f"<{OA}end>", f'"{start + 70}"{INTEGER}', graph)


def passage(document: str, number: int, position: int, section: str, item: int | None) -> Iterator[str]:
    """The metadata of one passage, as in the shipped document."""
    subject, graph = f"<{document}{number:03d}>", f"<{document}>"
    yield line(subject, RDF_TYPE, f"<{KG}Passage>", graph)
    yield line(subject, f"<{KG}inSection>", section, graph)
    yield line(subject, f"<{KG}answers>", section, graph)
    if item is not None:
        yield line(subject, f"<{KG}itemNumber>", f'"{item}"{INTEGER}', graph)
        yield line(subject, f"<{KG}leadIn>", f"<{document}{max(1, number - item):03d}>", graph)
    yield from located(document, subject, position)


@dataclass(frozen=True, slots=True)
class Plan:
    """One document to be: its number, its name in the address, its topic, and what it may speak about."""

    number: int
    iri: str
    topic: str
    pool: Pools
    documents: int

    def symptom(self, number: int) -> str:
        """One of the symptoms that the document speaks of; others may speak of it too."""
        return random.Random(self.number * SYMPTOMS + number).choice(self.pool.symptoms)


def facts(plan: Plan, passage_number: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """What one passage states: one to three facts of a kind that goes with its place in the document."""
    topic, kind = f"<{ID}{plan.topic}>", passage_number % 12
    other = f"<{ID}Condition{rng.randrange(plan.documents):05d}>"
    drug = rng.randrange(len(plan.pool.drugs))
    group = drug % len(plan.pool.classes)
    own = f"<{ID}{plan.topic}Factor{passage_number % 24:02d}>"
    measure = f"<{ID}{plan.topic}Measure{passage_number % 16:02d}>"
    symptom = f"<{ID}{plan.symptom(rng.randrange(SYMPTOMS))}>"
    effect = (
        f"<{ID}{plan.pool.symptoms[(group * SIDE_EFFECTS + rng.randrange(SIDE_EFFECTS)) % len(plan.pool.symptoms)]}>"
    )
    medicine, family = f"<{ID}{plan.pool.drugs[drug]}>", f"<{ID}{plan.pool.classes[group]}>"
    part = f"<{ID}{rng.choice(plan.pool.parts)}>"
    table: dict[int, list[tuple[str, str, str]]] = {
        0: [(topic, "hasCause", own)],
        1: [(topic, "hasCause", own), (own, "leadsTo", topic)],
        2: [(topic, "hasSymptom", symptom)],
        3: [(topic, "hasSymptom", symptom), (topic, "radiatesTo", part)],
        4: [(topic, "isSignOf", other)],
        5: [(topic, "hasTreatment", medicine), (medicine, "hasDrugClass", family)],
        6: [(family, "hasSideEffect", effect)],
        7: [(topic, "hasPrevention", measure)],
        8: [(topic, "hasAdvice", measure)],
        9: [(topic, "occursWith", symptom), (topic, "notCausedBy", symptom), (symptom, "notCausedBy", topic)],
        10: [(other, "mimics", topic)],
        11: [(topic, "affects", part)],
    }
    yield from table[kind]


def warning(document: str, number: int, topic: str, symptom: str) -> Iterator[str]:
    """One warning, a node of its passage."""
    subject, graph = f"<{document}{number:03d}#warning>", f"<{document}{number:03d}>"
    yield line(subject, RDF_TYPE, f"<{KG}Warning>", graph)
    yield line(subject, f"<{KG}inCaseOf>", f"<{ID}{topic}>", graph)
    yield line(subject, f"<{KG}hasTrigger>", f"<{ID}{symptom}>", graph)
    yield line(subject, f"<{KG}recommendsAction>", f"<{ID}SeeDoctorRightAway>", graph)


def document(plan: Plan) -> Iterator[str]:
    """One document with its own things: about 2,000 quads."""
    rng = random.Random(plan.number)
    graph = f"<{plan.iri}>"
    label = name(plan.number, TAILS, rng)
    yield from thing(plan.topic, "Condition", label, [f"{label} syndrome", f"acute {label}"])
    for n in range(24):
        yield from thing(f"{plan.topic}Factor{n:02d}", "Factor", f"{label} factor {n}", [f"{label} trigger {n}"])
    for n in range(16):
        yield from thing(f"{plan.topic}Measure{n:02d}", "Measure", f"{label} exercise {n}", [f"{label} routine {n}"])
    yield line(graph, RDF_TYPE, f"<{KG}Document>", graph)
    yield line(graph, RDFS_LABEL, f'"{label.capitalize()}"@en', graph)
    yield line(graph, f"<{DCTERMS}title>", f'"{label.capitalize()}"@en', graph)
    yield line(graph, f"<{KG}aboutTopic>", f"<{ID}{plan.topic}>", graph)
    position = 0
    for number in range(1, PASSAGES + 1):
        section = f"<{plan.iri}s{number // 4:02d}>"
        if number % 4 == 0 or number == 1:
            position += 1
            yield line(section, RDF_TYPE, f"<{KG}Question>", graph)
            yield line(section, RDFS_LABEL, f'"Part {number // 4} about {label}"@en', graph)
            yield from located(plan.iri, section, position)
        position += 1
        item = number % 4 if number > 4 else None
        yield from passage(plan.iri, number, position, section, item or None)
        stated = f"<{plan.iri}{number:03d}>"
        for subject, predicate, value in facts(plan, number, rng):
            yield line(subject, f"<{KG}{predicate}>", value, stated)
        if number % 16 == 3:
            yield from warning(plan.iri, number, plan.topic, plan.symptom(rng.randrange(SYMPTOMS)))


def plans(documents: int, seed: int = 1) -> Iterator[Plan]:
    """The documents to be."""
    pool = pools(documents, random.Random(seed))
    for number in range(documents):
        topic = f"Condition{number:05d}"
        yield Plan(number, f"{DOC}generated-{number:05d}/", topic, pool, documents)


def corpus(documents: int, seed: int = 1) -> Iterator[str]:
    """Lines of N-Quads: the shared things, then each document; none where no document is wanted."""
    everything = list(plans(documents, seed))
    if everything:
        yield from shared(everything[0].pool)
    for plan in everything:
        yield from document(plan)


def main() -> None:
    documents, target = int(sys.argv[1]), Path(sys.argv[2])
    with target.open("w", encoding="utf-8") as out:
        for count, text in enumerate(corpus(documents), 1):
            out.write(text)
            if count % 1_000_000 == 0:
                print(f"{count:,} quads", file=sys.stderr)


if __name__ == "__main__":
    main()
