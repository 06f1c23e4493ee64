"""The JSON Schema (2020-12) of an answer, served at `/schema/answer.json`; the tests validate every answer with it."""

from __future__ import annotations

from typing import Any, Final

STATUSES: Final = ("answered", "not_stated", "ambiguous", "not_understood")
LEVELS: Final = ("none", "advice", "see_doctor_now", "emergency")
REASONS: Final = ("unknown_words", "no_question", "topic_missing", "left_over", "too_long")

Schema = dict[str, Any]


def _object(about: str, **members: Schema) -> Schema:
    """An object with exactly these members."""
    return {
        "type": "object",
        "description": about,
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def _list(items: Schema, about: str = "", **more: Any) -> Schema:
    return {"type": "array", "items": items, **({"description": about} if about else {}), **more}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _text(about: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": about} if about else {}), **more}


def _text_or_null(about: str = "") -> Schema:
    return {"type": ["string", "null"], **({"description": about} if about else {})}


_IRI: Schema = {"type": "string", "format": "iri"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_PLACES: Schema = {"type": "array", "items": _WHOLE, "description": "places in `citations`, from 0"}


def _citation(lead_in: Schema) -> Schema:
    return _object(
        "a passage of a document; offsets count Unicode code points",
        passage=_IRI,
        document=_IRI,
        document_title=_text("the document's title"),
        section=_list(_text(), "headings from the outermost"),
        item={"type": ["integer", "null"], "description": "number of the list item"},
        start=_WHOLE,
        end=_WHOLE,
        sha256=_text("of the passage's text as UTF-8", pattern="^[0-9a-f]{64}$"),
        states=_list(_text(), "what the passage states, in our words"),
        quote=_text_or_null("the passage's text, where the service has a copy"),
        note=_text_or_null("how a garbled passage was read"),
        lead_in=lead_in,
    )


def _answer() -> Schema:
    value = _object("a quantity", **{name: _text_or_null() for name in ("value", "min", "max", "unit")})
    return _object(
        "null unless the status is answered or not_stated",
        type={"enum": ["list", "count", "value", "boolean", "text"]},
        boolean={"type": ["boolean", "null"]},
        count={"type": ["integer", "null"]},
        value=_or_null(value),
        text=_text(),
        note=_text_or_null(),
        citations=_PLACES,
    )


def _item() -> Schema:
    return _object(
        "one thing of the answer",
        iri=_or_null(_IRI),
        label=_text(),
        alt_labels=_list(_text()),
        **{"class": _or_null(_object("its kind", iri=_IRI, label=_text()))},
        via=_or_null(_IRI),
        citations=_PLACES,
    )


def _safety() -> Schema:
    action = _object("what to do", iri=_IRI, label=_text(), rank={"type": "integer", "minimum": 1, "maximum": 4})
    flag = _object("a warning that is raised", iri=_IRI, label=_text(), text=_text(), action=action, citations=_PLACES)
    return _object(
        "the notice beside the answer, whatever its status",
        level={"enum": list(LEVELS)},
        because={"enum": ["question", "answer", None]},
        text=_text_or_null(),
        red_flags=_list(flag),
        citations=_PLACES,
    )


def _interpretation() -> Schema:
    span = _or_null(_list({"type": "integer"}, "offsets in the question", minItems=2, maxItems=2))
    slot = _object("what fills a slot", iri=_or_null(_IRI), label=_text(), text=_text_or_null(), span=span)
    correction = _object("a misspelt word", **{"from": _text(), "to": _text()})
    return _object(
        "how the question was understood",
        question_file=_text_or_null(),
        method={"enum": ["grammar", "frame", "evidence", "direct", None]},
        phrasing=_text_or_null(),
        slots={"type": "object", "additionalProperties": slot},
        corrections=_list(correction),
        unknown_words=_list(_text()),
        sparql=_text_or_null("the query that was run"),
        url=_text_or_null("the address of the same answer without words"),
    )


def answer_schema() -> Schema:
    """The schema that every answer's `as_json()` meets."""
    citation = _citation(_or_null(_citation({"type": "null"})))
    reason = _object("why it was not understood", code={"enum": list(REASONS)}, words=_list(_text()))
    alternative = _object("a question that can be asked", question=_text(), url=_text())
    related = _object("a passage near the words, which is no answer", citation=citation, why=_text())
    meta = _object("what answered", graph=_text_or_null(), catalogue=_text(), version=_text(), notice=_text())
    whole = _object(
        "an answer of Backstory, or a refusal",
        question=_text(),
        status={"enum": list(STATUSES)},
        answer=_or_null(_answer()),
        items=_list(_item()),
        citations=_list(citation),
        safety=_safety(),
        interpretation=_interpretation(),
        reason=_or_null(reason),
        alternatives=_list(alternative, maxItems=3),
        related=_list(related, maxItems=3),
        meta=meta,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Answer", **whole}
