"""Understanding: from a text to one question of the catalogue with its slots, or to the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from queries.context import Text
from queries.filling import Filling
from queries.frames import Fit, Frames
from queries.grammar import Grammar, Match
from queries.loose import LooseGrammar
from queries.marks import Marks
from queries.sentences import Sentence, View, split, views
from queries.spelling import Speller
from queries.template import Template
from queries.trie import Reading
from queries.vocabulary import Language
from queries.weighing import Weighing
from queries.words import Word

#: How many colouring words may be left over: first none, and only where nothing fits so, a few.
SPARE: Final = (0, 3)
#: How much content a loosely read phrasing must have, counted in concepts, words and slots.
LEAST_CONTENT: Final = 2
#: How much of it must stand there word for word, and not only as another word of the same concept.
LEAST_LITERAL: Final = 1
_NOTHING: Final = Filling(Reading("thing", ""))


@dataclass(frozen=True, slots=True)
class Understood:
    """One question of the catalogue: the form asked for, what fills its slots, and how it was found; `others` are what
    the words may also fill them with, where the document says nothing of the first."""

    template: Template
    form: str
    slots: Mapping[str, Filling]
    method: str
    phrasing: str | None = None
    others: tuple[Mapping[str, Filling], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading_:
    """A text read: its words (corrected), marks and sentences, and what was understood, or why nothing was."""

    words: tuple[Word, ...]
    corrections: tuple[tuple[str, str], ...]
    sentences: tuple[Sentence, ...]
    marks: Marks
    understood: Understood | None = None
    ambiguous: tuple[Fit, ...] = ()
    reason: str | None = None
    unknown: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    concepts: tuple[str, ...] = field(default=())
    likely: tuple[str, ...] = ()


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
        weighing: Weighing | None = None,
    ) -> None:
        self._language = language
        self._grammar = grammar
        self._loose = loose
        self._frames = frames
        self._speller = speller
        self._real = real
        self._weighing = weighing

    def knows(self, word: str) -> bool:
        """Whether a word is left as it is: known here, or real English."""
        return self._speller.is_known(word) or self._speller.is_real(word)

    def words(self, text: str) -> tuple[list[Word], tuple[tuple[str, str], ...]]:
        """The words of a text, misspelt ones corrected, and the corrections."""
        words = self._language.writing.words(text)
        corrected = self._speller.corrections([word.text for word in words])
        written = (text[word.start : word.end].lower() for word in words)
        misspelt = self._language.writing.misspelt
        pairs = [(word, misspelt[word]) for word in written if word in misspelt]
        for at, right in corrected.items():
            pairs.append((words[at].text, right))
            words[at] = Word(right, words[at].start, words[at].end)
        return words, tuple(dict.fromkeys(pairs))

    def nothing(self) -> Reading_:
        """The reading of no text at all."""
        return Reading_((), (), (), self._language.marks(()))

    def read(self, text: str, words: Sequence[Word], corrections: tuple[tuple[str, str], ...]) -> Reading_:
        """What a text asks."""
        texts = [word.text for word in words]
        marks = self._language.marks(texts)
        sentences = split(text, words, marks)
        base = Reading_(tuple(words), corrections, tuple(sentences), marks)
        if not sentences:
            return replace(base, reason="no_question")
        if any(s.too_long for s in sentences if s.asks or len(sentences) == 1):
            return replace(base, reason="too_long")
        under = Text(self._language, texts, marks, sentences, self._real, self._frames.topic)
        tells = marks.any("telling", 0, len(texts))
        if tells and not any(s.asks for s in sentences):
            return _refusal(base, under, ())
        understood, tie = self._understand(under)
        if self._weighing is not None and (understood is None or understood.method != "grammar"):
            understood = self._weighed(under, understood, self._weighing)
        if understood is not None:
            return replace(base, understood=understood)
        likely = self._weighing.likeliest(under) if self._weighing is not None else ()
        return replace(_refusal(base, under, tie), likely=likely)

    def text(self, text: str) -> Text:
        """A text under reading, its spelling corrected."""
        words, _ = self.words(text)
        texts = [word.text for word in words]
        marks = self._language.marks(texts)
        return Text(self._language, texts, marks, split(text, words, marks), self._real, self._frames.topic)

    def _weighed(self, text: Text, found: Understood | None, weighing: Weighing) -> Understood | None:
        """What was found, if the evidence is for it, or what the evidence is for."""
        best = weighing.best(text, None if found is None else found.template.id)
        if best is None:
            return None
        if found is not None and best.template is found.template:
            return replace(found, others=best.ways)
        form = best.form or best.template.form
        return Understood(best.template, form, best.ways[0], "evidence", others=best.ways[1:])

    def _understand(self, text: Text) -> tuple[Understood | None, tuple[Fit, ...]]:
        """The question that the first way of reading gives, or else the fits that tie: word for word or with every
        word explained; then loosely; then with colouring words left over."""
        ways = _Kept(views(text.sentences, text.marks))
        tie: tuple[Fit, ...] = ()
        for spare in SPARE:
            for view in ways:
                understood, fits = self._strictly(view, text, spare)
                if understood is not None:
                    return understood, ()
                tie = tie or fits
            if tie:
                break
            if spare == 0:
                for view in ways:
                    understood = self._loosely(view, text)
                    if understood is not None:
                        return understood, ()
        return None, tie

    def _strictly(self, view: View, text: Text, spare: int) -> tuple[Understood | None, tuple[Fit, ...]]:
        """What one way of reading gives by the grammar and the frames: a question, or the fits that tie."""
        if text.blocked(view):
            return None, ()
        understood = self._word_for_word(view, text) if len(view.asked) == 1 and spare == 0 else None
        if understood is not None:
            return understood, ()
        segments = text.asked(view)
        if any(not segment.readings for segment in segments) or text.out_of_place(view, segments):
            return None, ()
        best = self._best(self._frames.fits(segments, text.given(view), spare), view, text)
        if not best:
            return None, ()
        if len({fit.template.id for fit in best}) > 1:
            return None, tuple(best)
        return Understood(best[0].template, _form(best[0], view, text), best[0].slots, "frame"), ()

    def _word_for_word(self, view: View, text: Text) -> Understood | None:
        """The catalogue's sentence that the words are."""
        first, last = view.asked[0]
        matches = _about(self._grammar.matches(text.words[first:last]), self._frames.topic)
        if not matches or len({match.template.id for match in matches}) > 1:
            return None
        match = matches[0]
        placed = {
            name: Filling(filling.reading, (filling.words[0] + first, filling.words[1] + first))
            for name, filling in match.slots.items()
            if filling.words
        }
        slots = self._frames.with_topic(
            match.template, placed, self._frames.instead(text.asked(view), text.given(view))
        )
        if slots is None:
            return None
        return Understood(match.template, match.phrasing.form, slots, "grammar", match.phrasing.text)

    def _loosely(self, view: View, text: Text) -> Understood | None:
        """The one question whose phrasing a way of reading comes down to."""
        segments = text.asked(view)
        if text.blocked(view) or text.out_of_place(view, segments):
            return None
        if text.holds(view, "pointing_clearly") and text.speaks_of_things(view):
            return None
        polar = text.polar(view)
        found = [
            match
            for match in self._loose.matches(segments, text.words)
            if match.content >= LEAST_CONTENT
            and match.literal >= LEAST_LITERAL
            and (polar is None or match.template.is_boolean == polar)
        ]
        best = [match for match in found if match.content == found[0].content]
        if not best or len({match.template.id for match in best}) > 1:
            return None
        instead = self._frames.instead(segments, text.given(view))
        slots = self._frames.with_topic(best[0].template, best[0].slots, instead)
        if slots is None:
            return None
        return Understood(best[0].template, best[0].phrasing.form, slots, "frame", best[0].phrasing.text)

    def _best(self, fits: list[Fit], view: View, text: Text) -> list[Fit]:
        """The fits that answer in the way that is asked (yes or no, or something named), the most specific of them;
        where the question points back to the context, those that take something from there."""
        polar = text.polar(view)
        if polar and not text.holds(view, "any"):
            fits = [fit for fit in fits if fit.template.is_boolean or fit.template.form in ("text", "value")]
        if polar is False and text.holds(view, "named"):
            fits = [fit for fit in fits if not fit.template.is_boolean]
        if any(fit.from_context for fit in fits):
            if text.holds(view, "pointing"):
                fits = [fit for fit in fits if fit.from_context]
        elif text.holds(view, "pointing_clearly") and text.speaks_of_things(view):
            return []
        ranks = [((polar is None or fit.template.is_boolean == polar), fit.score) for fit in fits]
        return [fit for fit, rank in zip(fits, ranks, strict=True) if rank == max(ranks)]


class _Kept(Iterable[View]):
    """The ways to read a text, worked out as they are needed and kept for the next pass."""

    def __init__(self, ways: Iterator[View]) -> None:
        self._coming = ways
        self._had: list[View] = []

    def __iter__(self) -> Iterator[View]:
        yield from self._had
        for view in self._coming:
            self._had.append(view)
            yield view


def _form(fit: Fit, view: View, text: Text) -> str:
    """The form of the answer: the frame's own, a count where one is asked for, else the question file's."""
    if fit.frame.form is not None:
        return fit.frame.form
    countable = not fit.template.is_boolean and any(p.form == "count" for p in fit.template.phrasings)
    return "count" if countable and text.holds(view, "count") else fit.template.form


def _about(matches: list[Match], topic: str | None) -> list[Match]:
    """Where sentences of several question files are met, those with the document's topic in its place.

    "Are back spasms caused by sciatica" is one file's "is {condition} caused by {cause}" and another's "is {finding}
    caused by {condition}"; whoever asks here asks about the topic. So does who uses a name that several things have.
    """
    if topic is None or len(matches) < 2:
        return matches
    about = [m for m in matches if m.slots.get(m.template.topic_slot or "", _NOTHING).reading.name == topic]
    return about or matches


def _refusal(base: Reading_, text: Text, tie: tuple[Fit, ...]) -> Reading_:
    """Why a text is not understood: words that are not known, none that ask, or something left over."""
    asking = [s for s in base.sentences if s.asks] or list(base.sentences)
    asked = {n for s in asking for n in range(s.first, s.last)}
    segments = [s for sentence in base.sentences for s in text.segments(sentence.first, sentence.last)]
    strange = [s for s in segments if not s.readings and (s.start in asked or not text.is_everyday(s))]
    strange.sort(key=lambda segment: (segment.start not in asked, segment.start))
    things = [r.name for s in segments for r in s.readings if r.kind == "thing"]
    concepts = [r.name for s in segments for r in s.readings if r.kind == "concept"]
    return replace(
        base,
        ambiguous=tie,
        reason="unknown_words" if strange else "left_over" if things or concepts else "no_question",
        unknown=tuple(dict.fromkeys(text.words[segment.start] for segment in strange)),
        things=tuple(dict.fromkeys(things)),
        concepts=tuple(dict.fromkeys(concepts)),
    )
