"""An answer: the one value that the API, the page and the command line show (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from queries import plain
from queries.answer_schema import LEVELS as LEVELS
from queries.answer_schema import answer_schema as answer_schema
from queries.citations import Citation


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a list; `iri` is None for a plain text such as a brand name. `citations` are places in the list."""

    iri: str | None
    label: str
    alt_labels: tuple[str, ...] = ()
    kind: tuple[str, str] | None = None
    via: str | None = None
    citations: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The members of an item."""
        return {
            "iri": self.iri,
            "label": self.label,
            "alt_labels": list(self.alt_labels),
            "class": {"iri": self.kind[0], "label": self.kind[1]} if self.kind else None,
            "via": self.via,
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class Body:
    """What was answered: its form, and the sentence."""

    type: str
    text: str
    boolean: bool | None = None
    count: int | None = None
    value: Mapping[str, Any] | None = None
    note: str | None = None
    citations: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The members of `answer`."""
        return {
            "type": self.type,
            "boolean": self.boolean,
            "count": self.count,
            "value": dict(self.value) if self.value else None,
            "text": self.text,
            "note": self.note,
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A warning that the question or the answer raises."""

    iri: str
    label: str
    text: str
    action: tuple[str, str, int]
    passages: tuple[str, ...]
    citations: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The members of a red flag."""
        iri, label, rank = self.action
        return {
            "iri": self.iri,
            "label": self.label,
            "text": self.text,
            "action": {"iri": iri, "label": label, "rank": rank},
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class Safety:
    """The notice beside an answer; level `none` when there is nothing to notice. `citations` are places in the list."""

    level: str = "none"
    because: str | None = None
    text: str | None = None
    red_flags: tuple[RedFlag, ...] = ()
    citations: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The members of `safety`."""
        return {
            "level": self.level,
            "because": self.because,
            "text": self.text,
            "red_flags": [flag.as_json() for flag in self.red_flags],
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class SlotValue:
    """What fills a slot; `text` and `span` only where it stands in the question."""

    iri: str | None
    label: str
    text: str | None = None
    span: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """The members of a slot."""
        return {"iri": self.iri, "label": self.label, "text": self.text, "span": list(self.span) if self.span else None}


@dataclass(frozen=True, slots=True)
class Interpretation:
    """How the question was understood, or which words were not."""

    question_file: str | None = None
    method: str | None = None
    phrasing: str | None = None
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    corrections: tuple[tuple[str, str], ...] = ()
    unknown_words: tuple[str, ...] = ()
    sparql: str | None = None
    url: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The members of `interpretation`."""
        return {
            "question_file": self.question_file,
            "method": self.method,
            "phrasing": self.phrasing,
            "slots": {name: slot.as_json() for name, slot in self.slots.items()},
            "corrections": [{"from": wrong, "to": right} for wrong, right in self.corrections],
            "unknown_words": list(self.unknown_words),
            "sparql": self.sparql,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Meta:
    """Which graph, catalogue and version answered, and the notice that stands under every answer; `several`: there is
    more than one document, so that a citation says which it is from."""

    graph: str | None
    catalogue: str
    version: str
    notice: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer or a refusal; see DESIGN §4 for the meaning of each member."""

    question: str
    status: str
    meta: Meta
    answer: Body | None = None
    items: tuple[Item, ...] = ()
    citations: tuple[Citation, ...] = ()
    safety: Safety = Safety()
    interpretation: Interpretation = Interpretation()
    reason: tuple[str, tuple[str, ...]] | None = None
    alternatives: tuple[tuple[str, str], ...] = ()
    related: tuple[tuple[int, str], ...] = ()
    related_citations: tuple[Citation, ...] = ()
    timings_us: Mapping[str, int] = field(default_factory=dict, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON values, in the members and their order of DESIGN §4; equal for equal questions."""
        meta = self.meta
        return {
            "question": self.question,
            "status": self.status,
            "answer": self.answer.as_json() if self.answer else None,
            "items": [item.as_json() for item in self.items],
            "citations": [citation.as_json() for citation in self.citations],
            "safety": self.safety.as_json(),
            "interpretation": self.interpretation.as_json(),
            "reason": {"code": self.reason[0], "words": list(self.reason[1])} if self.reason else None,
            "alternatives": [{"question": question, "url": url} for question, url in self.alternatives],
            "related": [
                {"citation": self.related_citations[place].as_json(), "why": why} for place, why in self.related
            ],
            "meta": {"graph": meta.graph, "catalogue": meta.catalogue, "version": meta.version, "notice": meta.notice},
        }

    def as_text(self) -> str:
        """The answer as plain text: warnings first, then the sentence, its passages, and the notice."""
        return plain.as_text(self)

    def as_jsonld(self, url: str) -> dict[str, Any]:
        """The answer as a schema.org Question with its Answer; `url` is the question's own address."""
        return plain.as_jsonld(self, url)
