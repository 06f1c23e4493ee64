"""The whole catalogue gives the same answers on each engine: memory, disk, rdflib, Oxigraph, Virtuoso."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kg.backends import open_backend
from kg.backends.remote import RemoteBackend
from kg.dataset import Dataset
from queries.answering import Answering


@pytest.fixture(scope="session")
def embedded(shipped: Dataset) -> Answering:
    return Answering.load(open_backend("memory:", shipped))


@pytest.fixture(scope="session")
def questions(embedded: Answering) -> list[str]:
    """Every example of every question file."""
    return [str(example["ask"]) for template in embedded.templates for example in template.examples]


def told(answering: Answering, question: str) -> dict[str, Any]:
    """The answer without what names the engine's data version."""
    answer = json.loads(json.dumps(answering.ask(question).as_json()))
    answer["meta"].pop("graph")
    return dict(answer)


def differing(one: Answering, other: Answering, questions: list[str]) -> list[str]:
    return [question for question in questions if told(one, question) != told(other, question)]


@pytest.mark.engine
def test_a_running_engine_answers_as_the_embedded_one(
    filled: RemoteBackend, embedded: Answering, questions: list[str]
) -> None:
    assert len(questions) > 200
    assert differing(embedded, Answering.load(filled), questions) == []


def test_a_store_on_disk_answers_as_the_embedded_one(
    tmp_path: Path, shipped: Dataset, embedded: Answering, questions: list[str]
) -> None:
    backend = open_backend(str(tmp_path / "store"), shipped)
    assert differing(embedded, Answering.load(backend), questions) == []


def test_rdflib_answers_as_the_embedded_one(shipped: Dataset, embedded: Answering) -> None:
    """rdflib is the slow reference (a hundred times slower): the first example of each file, unless all are wanted."""
    whole = os.environ.get("BACKSTORY_WHOLE_REFERENCE") == "1"
    asked = [str(example["ask"]) for t in embedded.templates for example in (t.examples if whole else t.examples[:1])]
    assert differing(embedded, Answering.load(open_backend("rdflib:", shipped)), asked) == []
