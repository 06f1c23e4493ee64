"""Answers questions: triage, grammar, frames, else a refusal that helps (DESIGN §4). Deterministic, thread-safe."""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from kg.backends import Backend, Row
from kg.source import Sources
from kg.terms import Iri, Literal, local_name
from queries.answer import Answer, Interpretation, Meta, SlotValue
from queries.binding import bind, decimal
from queries.citations import Citations
from queries.cues import Cues
from queries.documents import read_documents
from queries.evidence import Evidence
from queries.features import Features
from queries.filling import Fillable, Filling
from queries.frames import Frames
from queries.grammar import Grammar
from queries.lexicon import Lexicon, read_ontology, read_things
from queries.loose import LooseGrammar
from queries.notices import Notices
from queries.quantities import amount
from queries.results import Outcome, label_of, outcome, passages_of
from queries.safety import SafetyDesk
from queries.spelling import Speller, english
from queries.suggestions import Suggestions
from queries.template import CATALOGUE_DIR, SlotSpec, load_catalogue
from queries.trie import Reading
from queries.understanding import Reader, Reading_, Understood
from queries.vocabulary import load_language
from queries.weighing import Weighing
from queries.words import LANGUAGE_DIR, Writing

QUERY_S: Final = 10.0
VERSION: Final = "0.1.0"
#: Of a longer text only so much is read; the service refuses it before (400).
MAX_TEXT: Final = 2_000


class UnknownQuestion(LookupError):
    """There is no question file of that name."""


class UnknownSlotValue(LookupError):
    """A slot was given a value that it does not take; `choices` are the local names that it does."""

    def __init__(self, slot: str, value: str, choices: tuple[str, ...]) -> None:
        super().__init__(f"{slot}: {value!r} is not known here")
        self.slot, self.value, self.choices = slot, value, choices


class Answering:
    """Everything that answering needs, loaded once."""

    def __init__(self, backend: Backend, catalogue_dir: Path, language_dir: Path, sources: Sources | None) -> None:
        self._backend = backend
        self.templates = load_catalogue(catalogue_dir)
        self._by_id = {template.id: template for template in self.templates}
        self.catalogue_digest = _digest_of(catalogue_dir, language_dir)
        self.graph_digest = backend.digest()
        self.documents = read_documents(backend)
        ontology = read_ontology(backend)
        writing = Writing.load(language_dir / "en.writing.yaml")
        self._writing = writing
        self.lexicon = Lexicon(read_things(backend, ontology), ontology, writing)
        topics = {document.topic for document in self.documents}
        self.topic = next(iter(topics)) if len(topics) == 1 else None
        language = load_language(self.lexicon, writing, language_dir, self.topic)
        real = english()
        fillable = Fillable(self.templates, self.lexicon)
        grammar = Grammar(self.templates, language, fillable)
        frames = Frames(self.templates, language.concepts, self.lexicon, fillable, self.topic, language.neutral)
        evidence = Evidence.load(language_dir / "en.evidence.tsv")
        cues = Cues.load(writing, language_dir / "en.findings.yaml")
        speller = Speller(
            *self._spellable(language.trie.words | grammar.words | cues.trie.words, real),
            real,
            self.lexicon.names.words,
        )
        self._reader = Reader(
            language, grammar, LooseGrammar(grammar.trees, language, fillable, self.topic), frames, speller, real,
            Weighing(self._by_id, evidence, self.lexicon, fillable, self.topic) if evidence is not None else None,
        )
        self._features = Features(self.lexicon, self.topic)
        self._notices = Notices.load(language_dir / "en.notices.yaml")
        self._citations = Citations(backend, self.lexicon, sources)
        self._safety = SafetyDesk(backend, self.lexicon, cues, self._notices, self.topic)
        self._suggestions = Suggestions(self.templates, self.lexicon, backend, self.topic)

    def _spellable(self, vocabulary: set[str], real: Mapping[str, int]) -> tuple[set[str], set[str]]:
        """All known words, and those that a misspelt word may become: English ones, and words of shown names."""
        names = (name for thing in self.lexicon.things.values() for name in (thing.label, *thing.alt_labels))
        shown = {word for name in names for word in self._writing.texts(name)}
        return vocabulary, {word for word in vocabulary if word in real or word in shown}

    @classmethod
    def load(
        cls,
        backend: Backend,
        *,
        sources: Sources | None = None,
        catalogue_dir: Path = CATALOGUE_DIR,
        language_dir: Path = LANGUAGE_DIR,
    ) -> Answering:
        """Read the graph's names and the catalogue.

        Raises: QuestionFileError for a broken question or language file; EngineError.
        """
        # A hundred thousand small objects that all stay: looking for garbage among them takes a third of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return cls(backend, catalogue_dir, language_dir, sources)
        finally:
            if collecting:
                gc.enable()

    def ask(self, question: str, *, document: str | None = None) -> Answer:
        """The answer to a question in plain words, or a refusal that helps.

        Raises: EngineError when the backend fails.
        """
        started = time.perf_counter_ns()
        text = question[:MAX_TEXT]
        words, corrections = self._reader.words(text)
        spelt = time.perf_counter_ns()
        reading = self._reader.read(text, words, corrections)
        read = time.perf_counter_ns()
        if reading.understood is not None:
            answer = self._answered(question, reading, reading.understood, document)
        else:
            answer = self._refused(question, reading)
        answer = self._safety.with_safety(answer, reading, self._citations)
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
        for name, spec in template.slots.items():
            if slots.get(name):
                filled[name] = Filling(self._value(spec, slots[name]))
            elif spec.topic and self.topic is not None:
                filled[name] = Filling(Reading("thing", self.topic))
            elif not spec.optional:
                raise UnknownSlotValue(name, slots.get(name, ""), self.choices(spec))
        reading = self._reader.nothing()
        understood = Understood(template, template.form, filled, "direct")
        answer = self._answered(self._title(understood), reading, understood, document)
        return self._safety.with_safety(answer, reading, self._citations)

    def features(self, question: str) -> dict[str, float]:
        """The features of a question, as the evidence counts them."""
        return self._features.of(self._reader.text(question))

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Whole questions that continue what was typed so far."""
        return self._suggestions.complete(prefix, limit)

    def knows(self, word: str) -> bool:
        """Whether a word is in the vocabulary, or a real English word (which is never corrected)."""
        return self._reader.knows(word)

    def choices(self, spec: SlotSpec) -> tuple[str, ...]:
        """The local names of the things that a slot takes."""
        return tuple(local_name(thing.iri) for thing in self.lexicon.in_classes(spec.classes))

    def _value(self, spec: SlotSpec, text: str) -> Reading:
        """What a slot's text names.

        Raises: UnknownSlotValue.
        """
        if spec.type is not None:
            try:
                return Reading(spec.type, text, float(text))
            except ValueError:
                raise UnknownSlotValue(spec.name, text, ()) from None
        wanted = text.strip().lower()
        for thing in self.lexicon.in_classes(spec.classes):
            names = (thing.iri, local_name(thing.iri), thing.label, *thing.alt_labels)
            if any(name.lower() == wanted for name in names):
                return Reading("thing", thing.iri)
        raise UnknownSlotValue(spec.name, text, self.choices(spec))

    def _answered(self, question: str, reading: Reading_, understood: Understood, document: str | None) -> Answer:
        """The answer to a question understood; where its words may name several things, of which the document says
        something of one only, that one is meant."""
        first = self._answered_so(question, reading, understood, document)
        if first.status == "not_stated":
            for slots in understood.others:
                answer = self._answered_so(question, reading, replace(understood, slots=slots), document)
                if answer.status == "answered":
                    return answer
        return first

    def _answered_so(self, question: str, reading: Reading_, understood: Understood, document: str | None) -> Answer:
        template = understood.template
        sparql = bind(template, {name: _term(filling.reading) for name, filling in understood.slots.items()})
        rows = self._rows(sparql, document)
        citations = tuple(self._citations.of(passages_of(rows)))
        labels = {name: self._label(filling) for name, filling in understood.slots.items()}
        found: Outcome = outcome(template, understood.form, rows, labels, self.lexicon, citations, self._notices)
        body = found.body
        if any(citation.note for citation in citations) and found.status == "answered":
            body = replace(body, note=" ".join(filter(None, (body.note, self._notices.say("reading")))))
        return Answer(
            question=question,
            status=found.status,
            meta=self._meta(document),
            answer=body,
            items=found.items,
            citations=citations if found.status == "answered" else (),
            interpretation=Interpretation(
                question_file=template.id,
                method=understood.method,
                phrasing=understood.phrasing,
                slots={name: self._slot(question, reading, filling) for name, filling in understood.slots.items()},
                corrections=reading.corrections,
                sparql=sparql,
                url=self._url(understood),
            ),
        )

    def _rows(self, sparql: str, document: str | None) -> list[Row]:
        rows = self._backend.query(sparql, deadline=time.monotonic() + QUERY_S).rows
        if document is None:
            return rows
        return [row for row in rows if any(p.startswith(document) for p in passages_of([row]))]

    def _refused(self, question: str, reading: Reading_) -> Answer:
        status = "ambiguous" if reading.ambiguous and not reading.unknown else "not_understood"
        related = self._suggestions.related(reading.things, self._citations)
        return Answer(
            question=question,
            status=status,
            meta=self._meta(None),
            interpretation=Interpretation(corrections=reading.corrections, unknown_words=reading.unknown),
            reason=(self._reason(reading), reading.unknown) if status == "not_understood" else None,
            alternatives=self._suggestions.nearest(reading),
            related=tuple((n, why) for n, (_, why) in enumerate(related)),
            related_citations=tuple(citation for citation, _ in related),
        )

    def _reason(self, reading: Reading_) -> str:
        """Why a text is not understood; with several topics, one whose words are all known may only lack its topic."""
        if reading.reason == "left_over" and self.topic is None:
            return "topic_missing"
        return reading.reason or "left_over"

    def _label(self, filling: Filling) -> str:
        reading = filling.reading
        return label_of(Iri(reading.name), self.lexicon) if reading.kind == "thing" else amount(reading)

    def _slot(self, question: str, reading: Reading_, filling: Filling) -> SlotValue:
        iri = filling.reading.name if filling.reading.kind == "thing" else None
        if filling.words is None or not reading.words:
            return SlotValue(iri, self._label(filling))
        start, end = reading.words[filling.words[0]].start, reading.words[filling.words[1] - 1].end
        return SlotValue(iri, self._label(filling), question[start:end], (start, end))

    def _url(self, understood: Understood) -> str:
        values = {
            name: local_name(f.reading.name) if f.reading.kind == "thing" else f"{f.reading.value:g}"
            for name, f in sorted(understood.slots.items())
        }
        query = urlencode(values)
        return f"/questions/{understood.template.id}" + (f"?{query}" if query else "")

    def _title(self, understood: Understood) -> str:
        """A question file's own question, for answers that nobody asked in words."""
        values = ", ".join(self._label(f) for f in understood.slots.values())
        return understood.template.summary + (f": {values}" if values else "")

    def _meta(self, document: str | None) -> Meta:
        about = next((d for d in self.documents if document in (None, d.iri)), None)
        if about is None:
            return Meta(self._backend.digest(), self.catalogue_digest, VERSION, "")
        date = self._notices.say("dated", date=about.date) if about.date else self._notices.say("undated")
        notice = self._notices.say("notice", title=about.title, publisher=about.publisher, date=date)
        return Meta(self._backend.digest(), self.catalogue_digest, VERSION, notice)


def _digest_of(*directories: Path) -> str:
    """A digest of all question and language files."""
    total = hashlib.sha256()
    found = (path for directory in directories for path in sorted(directory.iterdir()))
    for path in (path for path in found if path.suffix in (".rq", ".yaml")):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{total.hexdigest()}"


def _term(reading: Reading) -> Iri | Literal:
    """What stands in the query for what was read."""
    return Iri(reading.name) if reading.kind == "thing" else decimal(reading.value)
