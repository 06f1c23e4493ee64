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
def expected(embedded: Answering) -> dict[str, dict[str, Any]]:
    """The embedded engine's answer to every example of every question file, worked out once."""
    asked = [str(example["ask"]) for template in embedded.templates for example in template.examples]
    return {question: told(embedded, question) for question in asked}


def told(answering: Answering, question: str) -> dict[str, Any]:
    """The answer without what names the engine's data version."""
    answer = json.loads(json.dumps(answering.ask(question).as_json()))
    answer["meta"].pop("graph")
    return dict(answer)


def differing(other: Answering, expected: dict[str, dict[str, Any]], every: int = 1) -> list[str]:
    """The questions that the other engine answers differently; `every` 5 asks a fifth of them."""
    return [question for question in list(expected)[::every] if told(other, question) != expected[question]]


@pytest.mark.engine
def test_a_running_engine_answers_as_the_embedded_one(
    filled: RemoteBackend, expected: dict[str, dict[str, Any]]
) -> None:
    assert len(expected) > 200
    assert differing(Answering.load(filled), expected) == []


def test_a_store_on_disk_answers_as_the_embedded_one(
    tmp_path: Path, shipped: Dataset, expected: dict[str, dict[str, Any]]
) -> None:
    assert differing(Answering.load(open_backend(str(tmp_path / "store"), shipped)), expected) == []


def test_rdflib_answers_as_the_embedded_one(shipped: Dataset, expected: dict[str, dict[str, Any]]) -> None:
    """rdflib is the slow reference (a hundred times slower): every tenth question, unless all are wanted."""
    every = 1 if os.environ.get("BACKSTORY_WHOLE_REFERENCE") == "1" else 10
    assert differing(Answering.load(open_backend("rdflib:", shipped)), expected, every) == []
