"""Sentences made from the catalogue: phrasings written out at random, with things of the right class in their slots."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

from kg.terms import local_name
from queries.answering import Answering
from queries.phrases import Choice, Node, Sequence, Slot, Text, parse
from queries.template import Template

#: Cases of each kind; the benchmark runs ten times as many.
CASES = int(os.environ.get("BACKSTORY_GENERATED", "1000"))
#: Names of drugs and illnesses that the graph does not have.
DRUGS = (
    "aspirin",
    "diazepam",
    "baclofen",
    "tizanidine",
    "gabapentin",
    "tramadol",
    "codeine",
    "oxycodone",
    "prednisone",
    "diclofenac",
    "celecoxib",
    "meloxicam",
    "carisoprodol",
    "orphenadrine",
    "dantrolene",
    "pregabalin",
    "duloxetine",
    "amitriptyline",
    "lidocaine",
    "capsaicin",
    "melatonin",
    "metformin",
    "amoxicillin",
    "warfarin",
    "insulin",
    "morphine",
    "ketorolac",
    "lorazepam",
    "zolpidem",
    "statins",
)
ILLNESSES = (
    "fibromyalgia",
    "gout",
    "lupus",
    "asthma",
    "migraine",
    "measles",
    "influenza",
    "pneumonia",
    "hepatitis",
    "psoriasis",
    "eczema",
    "epilepsy",
    "leukemia",
    "osteoporosis",
    "appendicitis",
    "endometriosis",
    "tuberculosis",
    "malaria",
    "dengue",
    "shingles",
    "tonsillitis",
    "bronchitis",
    "vertigo",
    "tinnitus",
    "glaucoma",
    "anemia",
    "celiac",
    "dementia",
    "schizophrenia",
    "plantar-fasciitis",
)


@dataclass(frozen=True)
class Made:
    """A sentence, the question file that it was made from, and what stands in its slots (local names)."""

    text: str
    template: Template
    form: str
    slots: dict[str, str]


def write(node: Node, rng: random.Random, names: dict[str, str]) -> list[str]:
    """One way to say a phrase, slots replaced by names."""
    if isinstance(node, Text):
        return [node.word]
    if isinstance(node, Slot):
        return [names[node.name]]
    if isinstance(node, Choice):
        return write(rng.choice(node.options), rng, names)
    assert isinstance(node, Sequence)
    return [word for part in node.parts for word in write(part, rng, names)]


def sentences(answering: Answering, seed: int, count: int, strangers: tuple[str, ...] = ()) -> Iterator[Made]:
    """Sentences of all question files in turn. With `strangers`, one slot of each holds a name that the graph lacks."""
    rng = random.Random(seed)
    pool = [t for t in answering.templates if t.phrasings]
    if strangers:
        pool = [t for t in pool if any("{" in p.text for p in t.phrasings)]
    made = 0
    while made < count:
        template = pool[made % len(pool)]
        phrasing = rng.choice([p for p in template.phrasings if not strangers or "{" in p.text])
        names, filled = {}, {}
        for name, spec in template.slots.items():
            if spec.type is not None:
                minutes = rng.choice([30, 60, 1440, 4320])
                names[name], filled[name] = (
                    f"{minutes} minutes" if spec.type == "duration" else str(minutes),
                    str(minutes),
                )
                continue
            thing = rng.choice(answering.lexicon.in_classes(spec.classes))
            names[name], filled[name] = thing.label.lower(), local_name(thing.iri)
        if strangers:
            names[rng.choice(sorted(names))] = rng.choice(strangers)
        words = write(parse(phrasing.text, str.split), rng, names)
        text = " ".join(words)
        if strangers and not any(stranger in text for stranger in strangers):
            continue
        made += 1
        yield Made(text, template, phrasing.form, filled)


def with_typo(text: str, answering: Answering, rng: random.Random) -> str | None:
    """The text with one letter of one longer word changed, left out, doubled or swapped; None if a word comes out."""
    words = text.split()
    places = [n for n, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not places:
        return None
    place = rng.choice(places)
    word = words[place]
    at = rng.randrange(1, len(word) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    wrong = rng.choice(
        [
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )
    if wrong == word or answering.knows(wrong):
        return None
    return " ".join([*words[:place], wrong, *words[place + 1 :]])
