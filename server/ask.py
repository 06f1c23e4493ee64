"""`/ask` and `/questions`: questions in words, and the catalogue's questions by their names."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any, Final

from flask import Blueprint, Response, request

from kg.terms import DOC, document_iri
from queries.answer import Answer, answer_schema
from queries.answering import Answering, UnknownQuestion, UnknownSlotValue
from server import pages
from server.catalogue import listed
from server.jsontext import json_text
from server.negotiate import HTML, JSON, JSON_LD, PLAIN, prefers_html
from server.problems import Problem
from server.protocol import FORM, body_text, form, url_parameters
from server.reply import QUESTION, TIMINGS, negotiated, reply, service

MAX_CHARACTERS: Final = 2000
ANSWER_TYPES: Final = (JSON, HTML, JSON_LD, PLAIN)
#: What `format` chooses, over the Accept header: for links, and for whoever cannot set headers.
FORMATS: Final = MappingProxyType({"json": JSON, "html": HTML, "jsonld": JSON_LD, "text": PLAIN})
LIST_TYPES: Final = (JSON, HTML)
#: Parameters of `/questions/<id>` that are no slots.
_OWN: Final = ("document", "format")

blueprint = Blueprint("ask", __name__)


@blueprint.get("/ask")
def get_answer() -> Response:
    """The answer to `q`; for a browser without one, the empty page."""
    pairs = url_parameters(request.environ)
    values = [value for name, value in pairs if name == "q"]
    if not "".join(values).strip() and prefers_html(request.headers.get("Accept")):
        return reply(pages.ask_page(), HTML)
    if len(values) > 1:
        raise Problem("bad-parameter", f"one question at a time: `q` was sent {len(values)} times", parameter="q")
    return answered(checked(values[0] if values else ""), _document(pairs))


@blueprint.post("/ask")
def post_answer() -> Response:
    """The answer to the `question` of a JSON object, or to the `q` of a form."""
    members = _members()
    question = members.get("question", members.get("q", ""))
    document = members.get("document")
    if not isinstance(question, str) or not isinstance(document, str | None):
        raise Problem("bad-body", "`question` and `document` are texts")
    return answered(checked(question), known_document(document))


def _members() -> dict[str, Any]:
    """What the body says, as names and values."""
    if request.mimetype == FORM:
        return dict(form(request.environ))
    if request.mimetype != JSON:
        supported = [JSON, FORM]
        raise Problem("unsupported-media-type", f"send the question as {' or '.join(supported)}", supported=supported)
    try:
        members = json.loads(body_text(request.environ))
    except (ValueError, RecursionError):
        raise Problem("bad-body", "the body is no JSON") from None
    if not isinstance(members, dict):
        raise Problem("bad-body", 'the body is a JSON object such as {"question": "what causes back spasms"}')
    return members


def checked(question: str) -> str:
    """The question, if there is one and it is not too long.

    Raises: Problem 400 that names the limit.
    """
    if len(question) > MAX_CHARACTERS:
        detail = f"the question has {len(question)} characters; the limit is {MAX_CHARACTERS}"
        raise Problem("question-too-long", detail, max_characters=MAX_CHARACTERS)
    if not question.strip():
        detail = f"there is no question; ask with `q`, in at most {MAX_CHARACTERS} characters"
        raise Problem("question-missing", detail, max_characters=MAX_CHARACTERS)
    return question


def answering() -> Answering:
    """The answering of the edition that is published now."""
    found = service().edition.answering
    assert found is not None  # noqa: S101 - these routes exist only where there is one
    return found


def _document(pairs: list[tuple[str, str]]) -> str | None:
    return known_document(next((value for name, value in pairs if name == "document"), None))


def known_document(value: str | None) -> str | None:
    """The IRI of a document given by name or IRI; None for none.

    Raises: Problem 400 for one that is not here.
    """
    if not value:
        return None
    names = service().documents()
    name = value.removeprefix(DOC).rstrip("/")
    if name not in names:
        detail = f"there is no document {value[:100]!r}"
        raise Problem("bad-parameter", detail, parameter="document", choices=names)
    return document_iri(name)


def chosen(offers: tuple[str, ...]) -> str:
    """The media type that `format` names, else the one that the client likes best.

    Raises: Problem 400 for an unknown format, 406 where nothing offered is accepted.
    """
    wanted = next((value for name, value in url_parameters(request.environ) if name == "format"), None)
    if wanted is None:
        return negotiated(offers)
    names = [name for name, media_type in FORMATS.items() if media_type in offers]
    if wanted not in names:
        raise Problem("bad-parameter", f"`format` is one of {', '.join(names)}", parameter="format", choices=names)
    return FORMATS[wanted]


def answered(question: str, document: str | None) -> Response:
    """The answer in the form that the client likes best."""
    media_type = chosen(ANSWER_TYPES)
    request.environ[QUESTION] = question
    answer = answering().ask(question, document=document)
    _timed(answer)
    if media_type == HTML:
        return reply(pages.ask_page(answer.as_json(), question, document), HTML)
    return _written(answer, media_type)


def _timed(answer: Answer) -> None:
    request.environ[TIMINGS] = {name: spent / 1000 for name, spent in answer.timings_us.items()}


def _written(answer: Answer, media_type: str) -> Response:
    if media_type == PLAIN:
        return reply(answer.as_text(), PLAIN)
    members = answer.as_json() if media_type == JSON else answer.as_jsonld(request.url)
    return reply(json_text(members), media_type)


@blueprint.get("/questions")
def list_questions() -> Response:
    """The catalogue: each question with its phrasings, and its slots with their options from the graph."""
    if chosen(LIST_TYPES) == HTML:
        return reply(pages.questions_page(), HTML)
    return reply(json_text({"questions": listed(answering())}), JSON)


@blueprint.get("/questions/<question_id>")
def get_question(question_id: str) -> Response:
    """One question of the catalogue answered with the slots of the address; a browser without any gets its form."""
    media_type = chosen(ANSWER_TYPES)
    slots = {name: value for name, value in url_parameters(request.environ) if name not in _OWN and value}
    try:
        if media_type == HTML and not slots:
            return reply(pages.question_page(question_id), HTML)
        answer = answering().ask_file(question_id, slots, document=_document(url_parameters(request.environ)))
    except UnknownQuestion:
        raise Problem("not-found", f"there is no question {question_id[:100]!r} in the catalogue") from None
    except UnknownSlotValue as error:
        detail = f"the slot {error.slot!r} does not take {error.value[:200]!r}"
        raise Problem("unknown-slot-value", detail, slot=error.slot, choices=list(error.choices)) from None
    _timed(answer)
    if media_type == HTML:
        return reply(pages.question_page(question_id, answer.as_json(), slots), HTML)
    return _written(answer, media_type)


@blueprint.get("/schema/answer.json")
def schema() -> Response:
    """The JSON Schema of an answer (draft 2020-12)."""
    return reply(json_text(answer_schema()), "application/schema+json", vary=False)
