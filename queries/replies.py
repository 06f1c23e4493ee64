"""Replies: a question of the catalogue with its slots filled, asked of the graph and worded as an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from kg.backends import Backend, Row
from kg.terms import Iri, Literal, local_name
from queries.answer import Answer, Body, Interpretation, Meta, SlotValue
from queries.binding import bind, decimal
from queries.citations import Citation, Citations
from queries.differences import Differences
from queries.documents import Documents
from queries.filling import Filling
from queries.lexicon import Lexicon
from queries.notices import Notices
from queries.quantities import amount
from queries.results import Outcome, label_of, outcome, passages_of, stated_in, supported
from queries.template import Template
from queries.trie import Reading
from queries.understanding import Reading_, Understood

QUERY_S: Final = 10.0
VERSION: Final = "0.1.0"


class Replies:
    """Words answers from what the graph holds. Immutable, safe to share."""

    def __init__(
        self,
        backend: Backend,
        lexicon: Lexicon,
        citations: Citations,
        documents: Documents,
        notices: Notices,
        templates: Sequence[Template],
        catalogue_digest: str,
    ) -> None:
        self._by_id = {template.id: template for template in templates}
        self.backend = backend
        self._lexicon = lexicon
        self._citations = citations
        self._documents = documents
        self._notices = notices
        self._catalogue_digest = catalogue_digest
        self._differences = Differences(backend, lexicon)

    def answered(self, question: str, reading: Reading_, understood: Understood, document: str | None) -> Answer:
        """The answer to a question of the catalogue, or what the document does not say.

        Raises: EngineError.
        """
        understood, rows = self._stated(understood, document)
        other = self._by_id.get(understood.template.otherwise or "")
        if not rows and other is not None:
            instead = replace(understood, template=other, phrasing=None)
            found_instead = self.rows(instead, document)
            if found_instead:
                rows, understood = found_instead, instead
        if self._documents.several:
            rows = supported(rows)
        citations = tuple(self._citations.of(passages_of(rows)))
        labels = {name: self._label(filling) for name, filling in understood.slots.items()}

        def naming(text: str, documents: Sequence[str]) -> str:
            return self._documents.naming(text, documents or ([document] if document else []))

        found: Outcome = outcome(
            understood.template, understood.form, rows, labels, self._lexicon, citations, self._notices, naming
        )
        answer = Answer(
            question=question,
            status=found.status,
            meta=self.meta(),
            answer=self._sourced(found, rows, citations),
            items=found.items,
            citations=citations if found.status == "answered" else (),
            interpretation=self._interpretation(question, reading, understood),
        )
        return self._with_denials(answer) if self._documents.several and document is None else answer

    def _stated(self, understood: Understood, document: str | None) -> tuple[Understood, list[Row]]:
        """The question and its rows; where its words may name several things, the first that something is said of."""
        ways = [understood, *(replace(understood, slots=slots) for slots in understood.others)]
        for way in ways:
            rows = self.rows(way, document)
            if rows:
                return way, rows
        return understood, []

    def _sourced(self, found: Outcome, rows: Sequence[Row], citations: Sequence[Citation]) -> Body:
        """What is answered, with notes on the documents that it comes from."""
        if found.status != "answered":
            return found.body
        garbled = any(citation.note for citation in citations)
        source = self._documents.source(found.body.text, stated_in(rows, citations))
        notes = (found.body.note, self._notices.say("reading") if garbled else "", source)
        return replace(found.body, note=" ".join(filter(None, notes)) or None)

    def _interpretation(self, question: str, reading: Reading_, understood: Understood) -> Interpretation:
        return Interpretation(
            question_file=understood.template.id,
            method=understood.method,
            phrasing=understood.phrasing,
            slots={name: self._slot(question, reading, filling) for name, filling in understood.slots.items()},
            corrections=reading.corrections,
            sparql=self._sparql(understood),
            url=self.url(understood),
        )

    def _with_denials(self, answer: Answer) -> Answer:
        """The answer with what other documents say against it, where they do."""
        passages = [citation.passage for citation in answer.citations]
        if answer.answer is None or not passages:
            return answer
        slots = answer.interpretation.slots.values()
        about = {iri for iri in (*(s.iri for s in slots), *(i.iri for i in answer.items)) if iri}
        denied = self._differences.denials(passages, about)
        further = self._citations.of(passage for passage in denied if passage not in passages)
        for citation in further:
            facts = "; ".join(denied[citation.passage])
            answer = self.noted(answer, self._notices.say("denied", title=citation.title, facts=facts))
        return replace(answer, citations=(*answer.citations, *further))

    def rows(self, understood: Understood, document: str | None = None) -> list[Row]:
        """What the graph, or one document of it, holds for a question.

        Raises: EngineError.
        """
        rows = self.backend.query(self._sparql(understood), deadline=time.monotonic() + QUERY_S).rows
        if document is None:
            return rows
        return [row for row in rows if any(p.startswith(document) for p in _own_passages(row))]

    def _sparql(self, understood: Understood) -> str:
        """The query of a question with its slots filled."""
        values = {name: _term(filling.reading) for name, filling in understood.slots.items()}
        return bind(understood.template, values)

    def noted(self, answer: Answer, note: str) -> Answer:
        """The answer with a further note."""
        if answer.answer is None:
            return answer
        return replace(answer, answer=replace(answer.answer, note=" ".join(filter(None, (answer.answer.note, note)))))

    def finished(self, answer: Answer, document: str | None) -> Answer:
        """The answer with the notice of the documents that it is from."""
        cited = [citation.document for citation in answer.citations] or ([document] if document else [])
        return replace(answer, meta=replace(answer.meta, notice=self._documents.notice(cited)))

    def meta(self) -> Meta:
        return Meta(self.backend.digest(), self._catalogue_digest, VERSION, "", self._documents.several)

    def title(self, understood: Understood) -> str:
        """A question file's own question, for answers that nobody asked in words."""
        filled = [understood.slots[name] for name in understood.template.slots if name in understood.slots]
        values = ", ".join(self._label(filling) for filling in filled)
        return understood.template.summary + (f": {values}" if values else "")

    def url(self, understood: Understood) -> str:
        values = {
            name: local_name(f.reading.name) if f.reading.kind == "thing" else f"{f.reading.value:g}"
            for name, f in sorted(understood.slots.items())
        }
        query = urlencode(values)
        return f"/questions/{understood.template.id}" + (f"?{query}" if query else "")

    def _label(self, filling: Filling) -> str:
        reading = filling.reading
        return label_of(Iri(reading.name), self._lexicon) if reading.kind == "thing" else amount(reading)

    def _slot(self, question: str, reading: Reading_, filling: Filling) -> SlotValue:
        iri = filling.reading.name if filling.reading.kind == "thing" else None
        if filling.words is None or not reading.words:
            return SlotValue(iri, self._label(filling))
        start, end = reading.words[filling.words[0]].start, reading.words[filling.words[1] - 1].end
        return SlotValue(iri, self._label(filling), question[start:end], (start, end))


def _term(reading: Reading) -> Iri | Literal:
    """What stands in the query for what was read."""
    return Iri(reading.name) if reading.kind == "thing" else decimal(reading.value)


def _own_passages(row: Row) -> list[str]:
    """The passages that state a row itself: its `?passage`, or where it has none all that it cites."""
    own = row.get("passage")
    return [own.value] if isinstance(own, Iri) else passages_of([row])
