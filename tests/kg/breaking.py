"""Breaks a copy of a dataset, statement by statement, past the loader that would refuse it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.backends.oxigraph import to_quad
from kg.dataset import Dataset
from kg.terms import BASE, DOC, PREFIXES, Iri, Quad

PAGE = f"{DOC}back-spasms/"
PROLOGUE = "\n".join(
    [f"@base <{PAGE}> .", f"@prefix graph: <{BASE}graph/> .", *(f"@prefix {n}: <{s}> ." for n, s in PREFIXES.items())]
)


def iri(name: str) -> str:
    """The IRI of a prefixed name, or of a passage's name (`018`, `018#instruction`); "" is the document."""
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon else PAGE + name


def quads_of(trig: str) -> list[Quad]:
    """The quads of TriG written with the project's prefixes and relative to the shipped document."""
    return [to_quad(quad) for quad in ox.parse(f"{PROLOGUE}\n{trig}", ox.RdfFormat.TRIG)]


@dataclass(frozen=True)
class Break:
    """One way to break a rule: `drop` (subject, predicate) pairs, then `add` TriG. `focus` is what must be named."""

    rule: str
    sentence: str
    drop: tuple[tuple[str, str], ...] = ()
    add: str = ""
    focus: str = ""

    def __call__(self, dataset: Dataset) -> Dataset:
        """The broken copy; the breaking itself must have changed something."""
        dropped = {(Iri(iri(subject)), Iri(iri(predicate))) for subject, predicate in self.drop}
        kept = [quad for quad in dataset.quads if (quad.subject, quad.predicate) not in dropped]
        assert len(dataset.quads) - len(kept) >= len(dropped), f"nothing to drop for {self.sentence}"
        return replace(dataset, quads=list(dict.fromkeys([*kept, *quads_of(self.add)])))
