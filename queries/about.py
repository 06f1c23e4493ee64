"""What a question is about where the graph has documents on several conditions.

The condition that it names, the topic of the document that it is asked of, or none: then it is read without one, and
who asked is asked back. Readings that differ are never chosen between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from queries.documents import Documents
from queries.filling import Filling
from queries.readers import UNNAMED, Readers
from queries.trie import Reading
from queries.understanding import Reading_, Understood
from queries.words import Word

#: Named conditions that a text is read about, each in turn.
MOST_NAMED: Final = 4
_UNNAMED: Final = Reading("thing", UNNAMED)


@dataclass(frozen=True, slots=True)
class Asked:
    """A text read, and the ways to understand it: none, one, or several that differ; `shared`: they differ because
    several conditions have the name that it uses."""

    reading: Reading_
    ways: tuple[Understood, ...]
    shared: bool = False

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
    asked = _asked([readers.about(topic).read(text, words, corrections) for topic in about])
    return _of_each(asked, topics) if shared and len(asked.ways) == 1 else replace(asked, shared=shared)


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
