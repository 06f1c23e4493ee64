"""One text under reading: its words, marks, sentences and cut, and what its context gives to a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from queries.filling import Filling
from queries.marks import Marks
from queries.reading import Cut, Segment
from queries.sentences import Sentence, View, is_polar
from queries.vocabulary import FILLER, Language

#: How often a word that only tells must have been met in the speller's corpus to count as an everyday word.
EVERYDAY: Final = 300

Range = tuple[int, int]


class Text:
    """A text under reading. It belongs to one question, and keeps what it has worked out."""

    def __init__(
        self,
        language: Language,
        words: Sequence[str],
        marks: Marks,
        sentences: Sequence[Sentence],
        real: Mapping[str, int],
        topic: str | None,
    ) -> None:
        self.words = words
        self.marks = marks
        self.sentences = sentences
        self._real = real
        self._topic = topic
        self._doing = language.doing
        self._cut = Cut(language, words)
        self._blocked: dict[tuple[Range, ...], bool] = {}
        self._given: dict[tuple[Range, ...], list[Filling]] = {}

    def segments(self, first: int, last: int) -> tuple[Segment, ...]:
        """The cut of the words `[first, last)`."""
        return self._cut.segments(first, last)

    def asked(self, view: View) -> list[Segment]:
        """The segments that must be explained; a word that joins a clause to what asks already may be a filler."""
        return [segment for first, last in view.asked for segment in self._joined(first, last)]

    def _joined(self, first: int, last: int) -> list[Segment]:
        out: list[Segment] = []
        asked = False
        for segment in self.segments(first, last):
            if asked and self.marks.end("joining", segment.start) == segment.end:
                segment = Segment(segment.start, segment.end, (*segment.readings, FILLER))
            asked = asked or bool(
                self.marks.end("wh", segment.start, last) or self.marks.end("polar_start", segment.start, last)
            )
            out.append(segment)
        return out

    def holds(self, view: View, name: str) -> bool:
        """Whether a phrase of a list stands in what is asked."""
        return any(self.marks.any(name, first, last) for first, last in view.asked)

    def polar(self, view: View) -> bool | None:
        """Whether a way of reading asks for yes or no; None when one cannot tell."""
        first, last = view.asked[-1]
        questioned = any(s.questioned for s in self.sentences if s.first <= first < s.last or first <= s.first < last)
        return is_polar(self.marks, first, last, questioned)

    def given(self, view: View) -> list[Filling]:
        """The things that the context names, for slots that the question leaves empty."""
        if view.context not in self._given:
            segments = [s for first, last in view.context for s in self.segments(first, last)]
            self._given[view.context] = [
                Filling(reading, (segment.start, segment.end))
                for segment in segments
                for reading in segment.readings
                if reading.kind in ("thing", "duration")
            ]
        return self._given[view.context]

    def speaks_of_things(self, view: View) -> bool:
        """Whether the context names a thing other than the topic."""
        return any(f.reading.kind == "thing" and f.reading.name != self._topic for f in self.given(view))

    def blocked(self, view: View) -> bool:
        """Whether the context holds a word that may change what is asked: a rare one, a notion on the list, or any
        unknown one where the context claims what the document says."""
        if view.context not in self._blocked:
            self._blocked[view.context] = any(self._blocks(first, last) for first, last in view.context)
        return self._blocked[view.context]

    def _blocks(self, first: int, last: int) -> bool:
        claims = self.marks.any("claims", first, last)
        for segment in self.segments(first, last):
            if not segment.readings and (claims or not self.is_everyday(segment)):
                return True
            named = any(reading.kind == "thing" for reading in segment.readings)
            if not named and any(self.marks.end("blocking", at) for at in range(segment.start, segment.end)):
                return True
        return False

    def is_everyday(self, segment: Segment) -> bool:
        """Whether an unknown word changes nothing when it only tells: an everyday word, or somebody's name."""
        at = segment.start
        if self.marks.end("blocking", at):
            return False
        if at > 0 and self.marks.end("titles", at - 1) == at:
            return True
        return self._real.get(self.words[at], 0) >= EVERYDAY

    def says_what_is_done(self, segment: Segment) -> bool:
        """Whether an unknown word is an everyday one that says what is done or how, and so names no drug or illness."""
        return self.words[segment.start].endswith(self._doing) and self.is_everyday(segment)

    def out_of_place(self, view: View, segments: Sequence[Segment]) -> bool:
        """Whether scenery stands alone: no thing of the graph is clearly named, and nothing points to one."""
        kinds = [{reading.kind for reading in segment.readings} for segment in segments]
        if not any("scene" in kind and not kind & {"filler", "thing", "concept"} for kind in kinds):
            return False
        if any("topic" in kind or kind == {"thing"} for kind in kinds):
            return False
        if any(self.marks.end("anaphora_strong", segment.start) for segment in segments):
            return False
        topic = any(reading.name == self._topic for segment in segments for reading in segment.readings)
        return not topic and not any(filling.reading.name == self._topic for filling in self.given(view))
