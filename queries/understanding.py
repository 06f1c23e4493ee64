"""Understanding: from a text to one question of the catalogue with its slots, or to the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from queries.frames import Filling, Fit, Frames
from queries.grammar import Grammar, Match
from queries.loose import LooseGrammar
from queries.reading import Cut, Segment
from queries.sentences import Sentence, View, is_polar, split, views
from queries.spelling import Speller
from queries.template import Template
from queries.trie import Reading
from queries.vocabulary import FILLER, Language
from queries.words import Word

#: How often a word that only tells must have been met in the speller's corpus to count as an everyday word.
EVERYDAY = 300
#: How many colouring words may be left over: first none, and only where nothing fits so, a few.
SPARE = ((0, 0), (3, 0))
PASSABLE = 300
LEAST_SCORE = 2
#: How much content a loosely read phrasing must have, counted in concepts, words and slots.
LEAST_CONTENT = 2
#: How much of it must stand there word for word, and not only as another word of the same concept.
LEAST_LITERAL = 1


@dataclass(frozen=True, slots=True)
class Understood:
    """One question of the catalogue: the form asked for, what fills its slots, and how it was found."""

    template: Template
    form: str
    slots: Mapping[str, Filling]
    method: str
    phrasing: str | None = None


@dataclass(frozen=True, slots=True)
class Reading_:
    """A text read: its words (corrected), sentences and segments, and what was understood, if anything."""

    words: tuple[Word, ...]
    corrections: tuple[tuple[str, str], ...]
    sentences: tuple[Sentence, ...]
    understood: Understood | None = None
    ambiguous: tuple[Fit, ...] = ()
    reason: str | None = None
    unknown: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    texts: tuple[str, ...] = field(default=())


class Reader:
    """Reads texts. Immutable, safe to share between threads."""

    def __init__(
        self,
        language: Language,
        grammar: Grammar,
        loose: LooseGrammar,
        frames: Frames,
        speller: Speller,
        real: Mapping[str, int],
    ) -> None:
        self._language = language
        self._grammar = grammar
        self._loose = loose
        self._frames = frames
        self._speller = speller
        self._real = real

    def knows(self, word: str) -> bool:
        """Whether a word is left as it is: known here, or real English."""
        return self._speller.is_known(word) or self._speller.is_real(word)

    def words(self, text: str) -> tuple[list[Word], tuple[tuple[str, str], ...]]:
        """The words of a text, misspelt ones corrected, and the corrections."""
        words = self._language.writing.words(text)
        corrected = self._speller.corrections([word.text for word in words])
        pairs = []
        for at, right in corrected.items():
            pairs.append((words[at].text, right))
            words[at] = Word(right, words[at].start, words[at].end)
        return words, tuple(dict.fromkeys(pairs))

    def read(self, text: str, words: Sequence[Word], corrections: tuple[tuple[str, str], ...]) -> Reading_:
        """What a text asks."""
        texts = [word.text for word in words]
        sentences = split(text, words, self._language)
        base = Reading_(tuple(words), corrections, tuple(sentences), texts=tuple(texts))
        if not sentences:
            return _with(base, reason="no_question")
        if not any(s.asks for s in sentences) and self._tells(texts):
            return self._refusal(base, Cut(self._language, texts), ())
        if any(s.too_long for s in sentences if s.asks or len(sentences) == 1):
            return _with(base, reason="too_long")
        cut = Cut(self._language, texts)
        tie: tuple[Fit, ...] = ()
        ways = list(views(sentences, texts, self._language))
        for step, (spare, unknown) in enumerate(SPARE):
            for view in ways:
                understood, fits = self._view(view, texts, cut, sentences, spare, unknown)
                if understood is not None:
                    return _with(base, understood=understood)
                tie = tie or fits
            if tie:
                break
            if step == 0:
                for view in ways:
                    understood = self._loosely(view, texts, cut, sentences)
                    if understood is not None:
                        return _with(base, understood=understood)
        return self._refusal(base, cut, tie)

    def _tells(self, texts: Sequence[str]) -> bool:
        """Whether a text in which nothing asks tells something, and is no bare list of keywords."""
        return any(self._language.has("telling", texts, at) for at in range(len(texts)))

    def _view(
        self, view: View, texts: Sequence[str], cut: Cut, sentences: Sequence[Sentence], spare: int, unknown: int
    ) -> tuple[Understood | None, tuple[Fit, ...]]:
        """What one way of reading gives: a question, or the fits that tie."""
        if len(view.asked) == 1 and not self._blocked(view.context, texts, cut):
            first, last = view.asked[0]
            matches = _about(self._grammar.matches(texts[first:last]), self._frames.topic)
            if matches and len({m.template.id for m in matches}) == 1:
                match = matches[0]
                slots = {
                    n: Filling(f.reading, (f.words[0] + first, f.words[1] + first))
                    for n, f in match.slots.items()
                    if f.words
                }
                filled = self._frames.with_topic(match.template, slots)
                if filled is not None:
                    return Understood(match.template, match.phrasing.form, filled, "grammar", match.phrasing.text), ()
        segments = [s for first, last in view.asked for s in self._joined(cut.segments(first, last), texts)]
        strange = [segment for segment in segments if not segment.readings]
        if len(strange) > unknown or not all(self._passable(texts, segment) for segment in strange):
            return None, ()
        if self._blocked(view.context, texts, cut) or self._out_of_place(
            segments, texts, self._given(view, texts, cut)
        ):
            return None, ()
        segments = [s if s.readings else Segment(s.start, s.end, (FILLER,)) for s in segments]
        fits = self._frames.fits(segments, self._given(view, texts, cut), spare)
        if strange:
            fits = [fit for fit in fits if fit.score[0] >= LEAST_SCORE]
        best = self._best(fits, view, texts, sentences, cut)
        if not best:
            return None, ()
        if len({fit.template.id for fit in best}) > 1:
            return None, tuple(best)
        fit = best[0]
        return Understood(fit.template, self._form(fit, view, texts), fit.slots, "frame"), ()

    def _loosely(self, view: View, texts: Sequence[str], cut: Cut, sentences: Sequence[Sentence]) -> Understood | None:
        """The one question whose phrasing a way of reading comes down to."""
        if self._blocked(view.context, texts, cut):
            return None
        segments = [s for first, last in view.asked for s in self._joined(cut.segments(first, last), texts)]
        if self._out_of_place(segments, texts, self._given(view, texts, cut)):
            return None
        found = [
            match
            for match in self._loose.matches(segments, texts)
            if match.content >= LEAST_CONTENT and match.literal >= LEAST_LITERAL
        ]
        polar = self._polar(view, texts, sentences)
        if polar is not None:
            found = [m for m in found if m.template.is_boolean == polar]
        words = [texts[at] for first, last in view.asked for at in range(first, last)]
        if self._points(words) and self._speaks_of_things(view, texts, cut):
            found = []
        best = [match for match in found if match.content == found[0].content]
        if not best or len({match.template.id for match in best}) > 1:
            return None
        given = self._given(view, texts, cut)
        slots = self._frames.with_topic(best[0].template, best[0].slots, self._frames.instead(segments, given))
        if slots is None:
            return None
        return Understood(best[0].template, best[0].phrasing.form, slots, "frame", best[0].phrasing.text)

    def _joined(self, segments: Sequence[Segment], texts: Sequence[str]) -> list[Segment]:
        """The segments, a word that only joins a clause to a question that asks already taken for a filler as well."""
        out: list[Segment] = []
        asked = False
        for segment in segments:
            if asked and self._language.has("joining", texts, segment.start) == segment.end:
                segment = Segment(segment.start, segment.end, (FILLER,))
            asked = asked or any(self._language.has(which, texts, segment.start) for which in ("wh", "polar_start"))
            out.append(segment)
        return out

    def _polar(self, view: View, texts: Sequence[str], sentences: Sequence[Sentence]) -> bool | None:
        """Whether a way of reading asks for yes or no; None when one cannot tell."""
        first, last = view.asked[-1]
        questioned = any(s.questioned for s in sentences if s.first <= first < s.last or first <= s.first < last)
        return is_polar(self._language, texts[first:last], questioned)

    def _best(
        self, fits: list[Fit], view: View, texts: Sequence[str], sentences: Sequence[Sentence], cut: Cut
    ) -> list[Fit]:
        """The fits that answer in the way that is asked (yes or no, or something named), the most specific of them;
        where the question points back to the context, those that take something from there."""
        first, last = view.asked[-1]
        words = texts[first:last]
        polar = self._polar(view, texts, sentences)
        if polar and not any(self._language.has("any", words, at) for at in range(len(words))):
            fits = [fit for fit in fits if fit.template.is_boolean or fit.template.form in ("text", "value")]
        if polar is False and self._asks_for_something(words):
            fits = [fit for fit in fits if not fit.template.is_boolean]
        points = any(self._language.has("pointing", words, at) for at in range(len(words)))
        if points and any(fit.from_context for fit in fits):
            fits = [fit for fit in fits if fit.from_context]
        if (
            self._points(words)
            and not any(fit.from_context for fit in fits)
            and self._speaks_of_things(view, texts, cut)
        ):
            return []
        if not fits:
            return []
        ranks = [((polar is None or fit.template.is_boolean == polar), fit.score) for fit in fits]
        return [fit for fit, rank in zip(fits, ranks, strict=True) if rank == max(ranks)]

    def _asks_for_something(self, words: Sequence[str]) -> bool:
        """Whether words ask what, which, who, where, how many: yes or no would be no answer."""
        return any(self._language.has("named", words, at) for at in range(len(words)))

    def _points(self, words: Sequence[str]) -> bool:
        """Whether words clearly point back to what was said before ("might that be …", "from this")."""
        return any(self._language.has("pointing_clearly", words, at) for at in range(len(words)))

    def _speaks_of_things(self, view: View, texts: Sequence[str], cut: Cut) -> bool:
        """Whether the context names a thing other than the topic."""
        given = self._given(view, texts, cut)
        return any(f.reading.kind == "thing" and f.reading.name != self._frames.topic for f in given)

    def _form(self, fit: Fit, view: View, texts: Sequence[str]) -> str:
        """The form of the answer: the frame's own, a count where one is asked for, else the question file's."""
        if fit.frame.form is not None:
            return fit.frame.form
        counts = any(self._language.has("count", texts, at) for first, last in view.asked for at in range(first, last))
        if counts and not fit.template.is_boolean and any(p.form == "count" for p in fit.template.phrasings):
            return "count"
        return fit.template.form

    def _given(self, view: View, texts: Sequence[str], cut: Cut) -> list[Filling]:
        """The things that the context names, for slots that the question leaves empty."""
        out: list[Filling] = []
        for first, last in view.context:
            for segment in cut.segments(first, last):
                out.extend(
                    Filling(r, (segment.start, segment.end))
                    for r in segment.readings
                    if r.kind in ("thing", "duration")
                )
        return out

    def _blocked(self, context: Iterable[tuple[int, int]], texts: Sequence[str], cut: Cut) -> bool:
        """Whether the context holds a word that may change what is asked: a rare one, a notion on the list, or any
        unknown one where the context claims what the document says."""
        for first, last in context:
            claims = any(self._language.has("claims", texts, at) for at in range(first, last))
            for segment in cut.segments(first, last):
                if not segment.readings and (claims or not self._everyday(texts, segment)):
                    return True
                if _plain(segment) and any(self._blocks(texts, at) for at in range(segment.start, segment.end)):
                    return True
        return False

    def _everyday(self, texts: Sequence[str], segment: Segment) -> bool:
        word = texts[segment.start]
        if self._blocks(texts, segment.start):
            return False
        if segment.start > 0 and self._language.has("titles", texts, segment.start - 1) == segment.start:
            return True
        return self._real.get(word, 0) >= EVERYDAY

    def _out_of_place(self, segments: Sequence[Segment], texts: Sequence[str], given: Sequence[Filling]) -> bool:
        """Whether scenery stands alone: no thing of the graph is clearly named, and nothing points to one."""
        kinds = [{reading.kind for reading in segment.readings} for segment in segments]
        if not any("scene" in kind and not kind & {"filler", "thing", "concept"} for kind in kinds):
            return False
        named = any("topic" in kind or kind == {"thing"} for kind in kinds)
        pointed = any(self._language.has("anaphora_strong", texts, segment.start) for segment in segments)
        topic = any(r.name == self._frames.topic for segment in segments for r in segment.readings)
        return not (named or pointed or topic or any(f.reading.name == self._frames.topic for f in given))

    def _passable(self, texts: Sequence[str], segment: Segment) -> bool:
        """Whether an unknown word of the question itself may be passed over: everyday, and on no list of notions."""
        return self._real.get(texts[segment.start], 0) >= PASSABLE and not self._blocks(texts, segment.start)

    def _blocks(self, texts: Sequence[str], at: int) -> bool:
        return bool(self._language.has("blocking", texts, at))

    def _refusal(self, base: Reading_, cut: Cut, tie: tuple[Fit, ...]) -> Reading_:
        """Why the text is not understood: words that are not known, none that ask, or something left over."""
        asking = [s for s in base.sentences if s.asks] or list(base.sentences)
        segments = [s for sentence in base.sentences for s in cut.segments(sentence.first, sentence.last)]
        asked = {n for s in asking for n in range(s.first, s.last)}
        unknown = [base.texts[s.start] for s in segments if not s.readings and s.start in asked]
        unknown += [
            base.texts[s.start]
            for s in segments
            if not s.readings and s.start not in asked and not self._everyday(base.texts, s)
        ]
        things = [r.name for s in segments for r in s.readings if r.kind == "thing"]
        concepts = [r.name for s in segments for r in s.readings if r.kind == "concept"]
        reason = "unknown_words" if unknown else "left_over" if things or concepts else "no_question"
        return _with(
            base,
            ambiguous=tie,
            reason=reason,
            unknown=tuple(dict.fromkeys(unknown)),
            things=tuple(dict.fromkeys(things)),
            concepts=tuple(dict.fromkeys(concepts)),
        )


def _about(matches: list[Match], topic: str | None) -> list[Match]:
    """Where sentences of several question files are met, those with the document's topic in its place.

    "Are back spasms caused by sciatica" is one file's "is {condition} caused by {cause}" and another's "is {finding}
    caused by {condition}"; whoever asks here asks about the topic.
    """
    if topic is None or len({match.template.id for match in matches}) < 2:
        return matches
    about = [m for m in matches if m.slots.get(m.template.topic_slot or "", _NOTHING).reading.name == topic]
    return about or matches


_NOTHING: Final = Filling(Reading("thing", ""))


def _plain(segment: Segment) -> bool:
    """Whether a run of words is none of the graph's things."""
    return not any(reading.kind == "thing" for reading in segment.readings)


def _with(base: Reading_, **members: object) -> Reading_:
    values = {name: getattr(base, name) for name in Reading_.__dataclass_fields__}
    return Reading_(**(values | members))
