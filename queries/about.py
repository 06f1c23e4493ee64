"""What a question is about where the graph has documents on several conditions.

The condition that it names, the topic of the document that it is asked of, or none: then it is read without one, and
who asked is asked back. Readings that differ are never chosen between.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.backends import Backend
from kg.terms import KG, Iri
from queries.documents import DocumentFacts, Documents
from queries.filling import Filling
from queries.readers import UNNAMED, Readers
from queries.trie import Reading
from queries.understanding import Reading_, Understood
from queries.words import Word

QUERY_S: Final = 10.0
#: Named conditions that a text is read about, each in turn.
MOST_NAMED: Final = 4
_UNNAMED: Final = Reading("thing", UNNAMED)


@dataclass(frozen=True, slots=True)
class Asked:
    """A text read, and the ways to understand it: none, one, or several that differ; `shared`: they differ because
    several conditions have the name that it uses. `about` is the condition that it was read about first."""

    reading: Reading_
    ways: tuple[Understood, ...]
    shared: bool = False
    about: str | None = None

    @property
    def unnamed(self) -> bool:
        """Whether it is understood but for the condition that it does not name."""
        return len(self.ways) == 1 and any(f.reading == _UNNAMED for f in self.ways[0].slots.values())


def read_about(
    text: str,
    words: Sequence[Word],
    corrections: tuple[tuple[str, str], ...],
    documents: Documents,
    readers: Readers,
    document: str | None,
) -> Asked:
    """What a text asks, about whichever condition."""
    if documents.topic is not None:
        return _asked([readers.plain.read(text, words, corrections)])
    topics, shared = readers.named([word.text for word in words], documents.topics)
    own = documents.topic_of(document)
    if own in topics and shared:
        topics, shared = [own], False
    about = topics[:MOST_NAMED] or [own or UNNAMED]
    subject = about[0] if about[0] != UNNAMED else None
    asked = _asked([readers.about(topic).read(text, words, corrections) for topic in about])
    return _of_each(asked, topics) if shared and len(asked.ways) == 1 else replace(asked, shared=shared, about=subject)


def _of_each(asked: Asked, topics: Sequence[str]) -> Asked:
    """The one way to read a text with a name that several conditions have, about each of them."""
    way = asked.ways[0]
    about = next((name for name, filling in way.slots.items() if filling.reading.name in topics), None)
    if about is None:
        return asked
    words = way.slots[about].words
    slots = [{**way.slots, about: Filling(Reading("thing", topic), words)} for topic in topics]
    return Asked(asked.reading, tuple(replace(way, slots=filled) for filled in slots), shared=True)


def _asked(readings: Sequence[Reading_]) -> Asked:
    """The ways that readings give: those found word for word before all others, and each once."""
    understood = [(reading.understood, reading) for reading in readings if reading.understood is not None]
    exact = [pair for pair in understood if pair[0].method == "grammar"]
    ways: dict[object, tuple[Understood, Reading_]] = {}
    for way, reading in exact or understood:
        slots = frozenset((name, filling.reading) for name, filling in way.slots.items())
        ways.setdefault((way.template.id, slots), (way, reading))
    if not ways:
        return Asked(readings[0], ())
    return Asked(next(iter(ways.values()))[1], tuple(way for way, _ in ways.values()))


def with_topic(way: Understood, topic: str) -> Understood:
    """A question that names no condition, about this one."""
    filled = {
        name: Filling(Reading("thing", topic)) if filling.reading == _UNNAMED else filling
        for name, filling in way.slots.items()
    }
    return replace(way, slots=filled)


def candidates(way: Understood, documents: Documents, backend: Backend, most: int) -> tuple[list[DocumentFacts], bool]:
    """The documents on whose conditions a question that names none is tried, at most so many, and whether these are
    all: where there are more, those that speak of the things it names."""
    every = list(documents.topics.values())
    named = sorted(f.reading.name for f in way.slots.values() if f.reading.kind == "thing" and f.reading != _UNNAMED)
    if len(every) <= most or not named:
        return every[:most], len(every) <= most
    things = " ".join(f"<{name}>" for name in named)
    query = f"""SELECT DISTINCT ?document WHERE {{ VALUES ?thing {{ {things} }}
  GRAPH ?passage {{ {{ ?thing ?p ?o }} UNION {{ ?s ?q ?thing }} }}
  GRAPH ?document {{ ?passage a <{KG}Passage> }} }}"""
    rows = backend.query(query, deadline=time.monotonic() + QUERY_S).rows
    speaking = {row["document"].value for row in rows if isinstance(row["document"], Iri)}
    found = [about for about in every if about.iri in speaking]
    return found[:most], len(found) <= most
