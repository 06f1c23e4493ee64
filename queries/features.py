"""Features of a text: what the evidence for a question file is counted on.

A feature is a short name: a word (`w:often`), its beginning (`s:frequ`), two words side by side (`b:how_often`), a
concept (`C:how-often`), a thing by its name and by its classes (`T:Heat`, `K:Treatment`), the topic (`TOPIC`), and the
text's skeleton, in which each run of words stands for its concept or class (`k:how_K:Treatment`). What only tells
counts half, and apart from what asks (`~`). The features of one text have the length `LENGTH` as a vector, however
long it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt
from typing import Final

from kg.terms import local_name
from queries.context import Text
from queries.lexicon import Lexicon
from queries.reading import Segment
from queries.sentences import Sentence, is_polar

#: The length of every vector of features.
LENGTH: Final = 6.0
#: How much what only tells counts, beside what asks.
TOLD: Final = 0.5
#: Words longer than that also count by their beginning.
BEGINNING: Final = 5
_VALUES: Final = frozenset(("duration", "number"))


class Features:
    """Takes the features of texts. Immutable, safe to share between threads."""

    def __init__(self, lexicon: Lexicon, topic: str | None) -> None:
        self._lexicon = lexicon
        self._topic = topic
        self._classes: dict[str, tuple[str, ...]] = {}

    def of(self, text: Text) -> dict[str, float]:
        """The features of a text, each with its weight."""
        asking = [s for s in text.sentences if s.asks] or list(text.sentences[-1:])
        found: dict[str, float] = {}
        for sentence in text.sentences:
            if sentence in asking:
                found.update(dict.fromkeys(self._asked(text, sentence), 1.0))
            else:
                names = self._named(text, sentence, text.segments(sentence.first, sentence.last))
                for name in names:
                    found.setdefault("~" + name, TOLD)
        found[f"asking:{min(3, len(asking))}"] = 1.0
        length = sqrt(sum(weight * weight for weight in found.values()))
        return {name: weight * LENGTH / length for name, weight in found.items()}

    def _asked(self, text: Text, sentence: Sentence) -> Iterator[str]:
        first, last = sentence.first, sentence.last
        segments = text.segments(first, last)
        yield from self._named(text, sentence, segments)
        words = ["^", *text.words[first:last], "$"]
        yield from (f"b:{one}_{next_}" for one, next_ in pairwise(words))
        symbols = ["^", *(self._symbol(text, segment) for segment in segments), "$"]
        yield from (f"k:{one}_{next_}" for one, next_ in pairwise(symbols))
        triples = zip(symbols, symbols[1:], symbols[2:], strict=False)
        yield from (f"k:{one}_{two}_{three}" for one, two, three in triples)
        yield f"polar:{is_polar(text.marks, first, last, sentence.questioned)}"

    def _named(self, text: Text, sentence: Sentence, segments: Sequence[Segment]) -> Iterator[str]:
        """Words and meanings, in no order."""
        for segment in segments:
            if not segment.readings:
                yield "unknown"
            for reading in segment.readings:
                if reading.kind == "concept":
                    yield f"C:{reading.name}"
                elif reading.kind in _VALUES:
                    yield f"N:{reading.kind}"
                elif reading.kind == "thing":
                    yield from self._thing(reading.name)
        for word in text.words[sentence.first : sentence.last]:
            yield f"w:{word}"
            if len(word) > BEGINNING:
                yield f"s:{word[:BEGINNING]}"

    def _thing(self, iri: str) -> Iterator[str]:
        if iri == self._topic:
            yield "TOPIC"
            return
        yield f"T:{local_name(iri)}"
        yield from (f"K:{kind}" for kind in self._classes_of(iri))

    def _symbol(self, text: Text, segment: Segment) -> str:
        """What a run of words stands for in the skeleton."""
        things = sorted(reading.name for reading in segment.readings if reading.kind == "thing")
        if self._topic in things:
            return "TOPIC"
        if things:
            return f"K:{next(iter(self._classes_of(things[0])), '')}"
        if any(reading.kind in _VALUES for reading in segment.readings):
            return "N"
        concept = min((reading.name for reading in segment.readings if reading.kind == "concept"), default="")
        written = " ".join(text.words[segment.start : segment.end])
        if concept and len(written) > 3:
            return f"C:{concept}"
        return written if segment.readings else "unknown"

    def _classes_of(self, iri: str) -> tuple[str, ...]:
        known = self._classes.get(iri)
        if known is None:
            thing = self._lexicon.things.get(iri)
            known = tuple(sorted(map(local_name, thing.classes))) if thing is not None else ()
            self._classes[iri] = known
        return known
