"""Answers questions: triage, grammar, frames, else a refusal that helps (DESIGN §4). Deterministic, thread-safe."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from kg.backends import Backend
from kg.source import Sources
from kg.terms import Iri, Quad, local_name
from queries.about import Asked, candidates, read_about, with_topic
from queries.answer import Answer, Interpretation
from queries.citations import Citations
from queries.documents import DocumentFacts, Documents, read_documents
from queries.filling import Fillable, Filling
from queries.grammar import Grammar
from queries.ground import Ground
from queries.lexicon import Lexicon
from queries.opening import follow_lexicon, open_lexicon, shipped_lexicon, without_collector
from queries.readers import Readers
from queries.replies import Replies
from queries.results import label_of
from queries.safety import SafetyDesk
from queries.slot_values import UnknownSlotValue as UnknownSlotValue
from queries.slot_values import choices_of, value_of
from queries.spelling import Speller
from queries.suggestions import Suggestions
from queries.template import CATALOGUE_DIR, SlotSpec
from queries.triage import by_trigger, read_warnings
from queries.trie import Reading
from queries.understanding import Reading_, Understood
from queries.vocabulary import with_names
from queries.words import LANGUAGE_DIR

#: Of a longer text only so much is read; the service refuses it before (400).
MAX_TEXT: Final = 2_000
#: Conditions that a question without one is tried on, and how many of those that fit are offered.
MOST_TRIED: Final = 24
MOST_OFFERED: Final = 3


class UnknownQuestion(LookupError):
    """There is no question file of that name."""


class Answering:
    """Everything that answering needs, loaded once."""

    def __init__(
        self,
        backend: Backend,
        ground: Ground,
        lexicon: Lexicon,
        documents: Sequence[DocumentFacts],
        sources: Sources | None,
    ) -> None:
        self._ground = ground
        self._sources = sources
        self.templates = ground.templates
        self._by_id = {template.id: template for template in self.templates}
        self.catalogue_digest = ground.digest
        self.graph_digest = backend.digest()
        self._documents = Documents(documents, ground.notices)
        self.lexicon = lexicon
        self._readers = self._read_with(ground)
        titles = {document.iri: document.title for document in self.documents}
        self._citations = Citations(backend, lexicon, sources, titles)
        self._replies = Replies(
            backend,
            lexicon,
            self._citations,
            self._documents,
            ground.notices,
            self.templates,
            self.catalogue_digest,
        )
        triggers = lexicon.triggers if lexicon.triggers is not None else by_trigger(read_warnings(backend))
        self._safety = SafetyDesk(triggers, lexicon, ground.cues, ground.notices, self._documents, ground.reports)
        self._suggestions = Suggestions(self.templates, lexicon, backend, self.topic)

    def _read_with(self, ground: Ground) -> Readers:
        """The readers of questions over this graph's names."""
        language = with_names(ground.language, self.lexicon, self.topic)
        fillable = Fillable(self.templates, self.lexicon)
        grammar = Grammar(ground.phrasings, language, fillable)
        speller = self._speller(ground.words | language.trie.words)
        return Readers(
            self.templates,
            self.lexicon,
            language,
            self.topic,
            grammar,
            ground.phrasings,
            fillable,
            speller,
            ground.real,
            ground.evidence,
        )

    @property
    def documents(self) -> tuple[DocumentFacts, ...]:
        """The documents that answers come from."""
        return self._documents.all

    @property
    def topic(self) -> str | None:
        """The one condition that all documents are about, if there is one."""
        return self._documents.topic

    def _speller(self, vocabulary: set[str]) -> Speller:
        """The correction of spelling: towards English words, and words of names that are shown."""
        real, shown = self._ground.real, self.lexicon.shown_words(self._ground.writing)
        targets = {word for word in vocabulary if word in real or word in shown}
        return Speller(vocabulary, targets, real, self.lexicon.words)

    @classmethod
    def load(
        cls,
        backend: Backend,
        *,
        sources: Sources | None = None,
        catalogue_dir: Path = CATALOGUE_DIR,
        language_dir: Path = LANGUAGE_DIR,
        shipped: bool = False,
    ) -> Answering:
        """Read the catalogue and the graph's names, or, of a store on disk, open the file that keeps them.

        What is made of the `shipped` graph is kept for the next start.

        Raises: QuestionFileError for a broken question or language file; EngineError.
        """
        with without_collector():
            ground = Ground.load(catalogue_dir, language_dir)
            lexicon = shipped_lexicon(backend, ground) if shipped else open_lexicon(backend, ground)
            return cls(backend, ground, lexicon, read_documents(backend), sources)

    def after(self, backend: Backend, document: str, quads: Iterable[Quad]) -> Answering:
        """The same over the next state of the graph, in which these quads have taken the place of a document's.

        Raises: EngineError.
        """
        others = [about for about in self.documents if about.iri != document]
        documents = sorted((*others, *read_documents(backend, document)), key=lambda about: about.iri)
        with without_collector():
            lexicon = follow_lexicon(self.lexicon, backend, self._ground, document, quads)
            return Answering(backend, self._ground, lexicon, documents, self._sources)

    def ask(self, question: str, *, document: str | None = None) -> Answer:
        """The answer to a question in plain words, or a refusal that helps.

        Raises: EngineError when the backend fails.
        """
        started = time.perf_counter_ns()
        text = question[:MAX_TEXT]
        words, corrections = self._readers.plain.words(text)
        spelt = time.perf_counter_ns()
        asked = read_about(text, words, corrections, self._documents, self._readers, document)
        read = time.perf_counter_ns()
        answer = self._replied(question, asked, document)
        answer = self._replies.finished(self._safety.with_safety(answer, asked.reading, self._citations), document)
        done = time.perf_counter_ns()
        spent = {"words": spelt - started, "matching": read - started, "all": done - started}
        return replace(answer, timings_us={name: nanoseconds // 1000 for name, nanoseconds in spent.items()})

    def ask_file(self, question_id: str, slots: Mapping[str, str], *, document: str | None = None) -> Answer:
        """The answer of one question file, its slots given as local name, full IRI or label (or a number).

        Raises: UnknownQuestion, UnknownSlotValue, EngineError.
        """
        template = self._by_id.get(question_id)
        if template is None:
            raise UnknownQuestion(question_id)
        for name in slots:
            if name not in template.slots:
                raise UnknownSlotValue(name, slots[name], tuple(template.slots))
        filled: dict[str, Filling] = {}
        topic = self._documents.topic_of(document)
        for name, spec in template.slots.items():
            if slots.get(name):
                filled[name] = Filling(value_of(spec, slots[name], self.lexicon))
            elif spec.topic and topic is not None:
                filled[name] = Filling(Reading("thing", topic))
            elif not spec.optional:
                raise UnknownSlotValue(name, slots.get(name, ""), self.choices(spec))
        reading = self._readers.plain.nothing()
        understood = Understood(template, template.form, filled, "direct")
        answer = self._replies.answered(self._replies.title(understood), reading, understood, document)
        return self._replies.finished(self._safety.with_safety(answer, reading, self._citations), document)

    def features(self, question: str) -> dict[str, float]:
        """The features of a question, as the evidence counts them."""
        return self._readers.features(question)

    def words(self, text: str) -> list[str]:
        """The words of a text as they are read: normalised, their spelling corrected."""
        return [word.text for word in self._readers.plain.words(text[:MAX_TEXT])[0]]

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Whole questions that continue what was typed so far."""
        return self._suggestions.complete(prefix, limit)

    def knows(self, word: str) -> bool:
        """Whether a word is in the vocabulary, or a real English word (which is never corrected)."""
        return self._readers.plain.knows(word)

    def choices(self, spec: SlotSpec) -> tuple[str, ...]:
        """The local names of the things that a slot takes."""
        return choices_of(spec, self.lexicon)

    def _replied(self, question: str, asked: Asked, document: str | None) -> Answer:
        """The answer to what was read, a question back where that can mean several things, or a refusal."""
        if asked.unnamed:
            return self._about_unnamed(question, asked)
        if len(asked.ways) == 1:
            return self._replies.answered(question, asked.reading, asked.ways[0], document)
        if asked.ways:
            return self._which(question, asked.reading, [self._way(question, way, asked.shared) for way in asked.ways])
        return self._refused(question, asked.reading, document, asked.about)

    def _way(self, question: str, way: Understood, shared: bool) -> tuple[str, str]:
        """One of several ways to understand a question, in words, and the address of its answer."""
        topic = way.slots.get(way.template.topic_slot or "")
        if shared and topic is not None:
            return self._conditioned(question, topic.reading.name), self._replies.url(way)
        return self._replies.title(way), self._replies.url(way)

    def _about_unnamed(self, question: str, asked: Asked) -> Answer:
        """The answer to a question that names no condition, where one document alone has it; else which is meant."""
        unnamed = asked.ways[0]
        tried, all_tried = candidates(unnamed, self._documents, self._replies.backend, MOST_TRIED)
        ways = ((with_topic(unnamed, about.topic or ""), about) for about in tried)
        fits = list(islice((pair for pair in ways if self._fits(pair[0])), MOST_OFFERED))
        if len(fits) == 1 and all_tried:
            way, about = fits[0]
            answer = self._replies.answered(question, asked.reading, way, None)
            condition = label_of(Iri(about.topic or ""), self.lexicon)
            return self._replies.noted(answer, self._ground.notices.say("only_one", condition=condition))
        if not fits:
            return self._refused(question, replace(asked.reading, reason="topic_missing"))
        return self._which(question, asked.reading, [self._with_condition(question, about) for _, about in fits])

    def _fits(self, way: Understood) -> bool:
        """Whether the graph has an answer, of the question's own file or of the one that answers in its place."""
        other = self._by_id.get(way.template.otherwise or "")
        return bool(self._replies.rows(way) or (other and self._replies.rows(replace(way, template=other))))

    def _with_condition(self, question: str, about: DocumentFacts) -> tuple[str, str]:
        """A question asked of one document, in words, and its address."""
        query = {"q": question.strip()[:MAX_TEXT], "document": local_name(about.iri.rstrip("/"))}
        return self._conditioned(question, about.topic or ""), "/ask?" + urlencode(query)

    def _conditioned(self, question: str, condition: str) -> str:
        """A question with the condition that it lacks before it."""
        label = label_of(Iri(condition), self.lexicon)
        named = label[:1].upper() + label[1:]
        return self._ground.notices.say("about_condition", condition=named, question=question.strip()[:MAX_TEXT])

    def _which(self, question: str, reading: Reading_, alternatives: Sequence[tuple[str, str]]) -> Answer:
        """The question back: which of these is meant?"""
        return Answer(
            question=question,
            status="ambiguous",
            meta=self._replies.meta(),
            interpretation=Interpretation(corrections=reading.corrections),
            alternatives=tuple(alternatives)[:MOST_OFFERED],
        )

    def _refused(
        self, question: str, reading: Reading_, document: str | None = None, about: str | None = None
    ) -> Answer:
        status = "ambiguous" if reading.ambiguous and not reading.unknown else "not_understood"
        near = self._suggestions.related(reading.things, self._citations)
        related = [pair for pair in near if document in (None, pair[0].document)]
        return Answer(
            question=question,
            status=status,
            meta=self._replies.meta(),
            interpretation=Interpretation(corrections=reading.corrections, unknown_words=reading.unknown),
            reason=(reading.reason or "left_over", reading.unknown) if status == "not_understood" else None,
            alternatives=self._suggestions.nearest(reading, about),
            related=tuple((n, why) for n, (_, why) in enumerate(related)),
            related_citations=tuple(citation for citation, _ in related),
        )
