"""The catalogue's lint (DESIGN §3): every example answers, every reject refuses, every phrasing finds its own file."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import jsonschema
import pytest

from kg.backends import Backend
from kg.terms import ID, Iri, local_name
from queries.answer import Answer, answer_schema
from queries.answering import Answering
from queries.binding import bind, decimal
from queries.template import CATALOGUE_DIR, Template, load_catalogue

TEMPLATES = load_catalogue(CATALOGUE_DIR)
EXAMPLES = [(template.id, example) for template in TEMPLATES for example in template.examples]
REJECTS = [(template.id, text) for template in TEMPLATES for text in template.rejects]
VALIDATOR = jsonschema.Draft202012Validator(answer_schema())


def local(items: list[str]) -> set[str]:
    return {item.removeprefix("id:") for item in items}


def meets(answer: Answer, example: dict[str, Any]) -> bool:
    """Whether an answer is what the example says."""
    if answer.status != example.get("status", "answered"):
        return False
    wanted: list[bool] = []
    if "items" in example:
        got = {local_name(item.iri) if item.iri else item.label for item in answer.items}
        wanted.append(got == local([str(item) for item in example["items"]]))
    if "count" in example:
        wanted.append(answer.answer is not None and answer.answer.count == example["count"])
    if "boolean" in example:
        wanted.append(answer.answer is not None and answer.answer.boolean is example["boolean"])
    return all(wanted)


@pytest.mark.parametrize(("id", "example"), EXAMPLES, ids=[f"{i}: {e['ask']}" for i, e in EXAMPLES])
def test_every_example_is_answered_by_its_own_file(answering: Answering, id: str, example: dict[str, Any]) -> None:
    answer = answering.ask(example["ask"])
    assert answer.interpretation.question_file == id
    assert meets(answer, example), (answer.status, answer.answer, [item.label for item in answer.items])
    VALIDATOR.validate(answer.as_json())
    assert answer.answer is not None
    assert not re.search(r"[{}\[\]]|\s[.,;:]|\s\s|of \.| , ", answer.answer.text), answer.answer.text


@pytest.mark.parametrize(("id", "text"), REJECTS, ids=[f"{i}: {t}" for i, t in REJECTS])
def test_every_reject_is_not_answered_by_that_file(answering: Answering, id: str, text: str) -> None:
    answer = answering.ask(text)
    assert not (answer.status == "answered" and answer.interpretation.question_file == id), answer.answer
    VALIDATOR.validate(answer.as_json())


@pytest.mark.parametrize("template", TEMPLATES, ids=[t.id for t in TEMPLATES])
def test_a_slot_bound_to_an_unknown_thing_gives_no_row(backend: Backend, template: Template) -> None:
    values = {n: Iri(s.example) if s.classes else decimal(float(s.example or 1)) for n, s in template.slots.items()}
    for name, spec in template.slots.items():
        if spec.classes:
            sparql = bind(template, values | {name: Iri(f"{ID}NobodyKnowsThis")})
            assert backend.query(sparql, deadline=time.monotonic() + 10).rows == [], name


def test_every_file_is_reached_over_its_address_with_its_example(answering: Answering) -> None:
    for template in answering.templates:
        slots = {n: s.example for n, s in template.slots.items() if s.example}
        answer = answering.ask_file(template.id, slots)
        assert answer.status in ("answered", "not_stated")
        VALIDATOR.validate(answer.as_json())


def test_identical_questions_give_identical_bytes_in_any_order(backend: Backend) -> None:
    asked = [str(example["ask"]) for _, example in EXAMPLES]
    one, other = Answering.load(backend), Answering.load(backend)
    first = [one.ask(text).as_json() for text in asked]
    shuffled = list(enumerate(asked))
    random.Random(0).shuffle(shuffled)
    again = {n: other.ask(text).as_json() for n, text in shuffled}
    assert first == [again[n] for n in range(len(asked))]


def test_the_file_that_answers_otherwise_takes_the_same_slots() -> None:
    by_id = {template.id: template for template in TEMPLATES}
    named = [template for template in TEMPLATES if template.otherwise is not None]
    assert named
    for template in named:
        other = by_id[template.otherwise or ""]
        assert set(template.slots) <= set(other.slots)
        assert (other.is_boolean, other.otherwise) == (template.is_boolean, None)
