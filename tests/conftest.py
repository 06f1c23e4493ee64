"""What all tests share: the shipped dataset, an embedded store of it, and, where there is one, a copy of the text."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.backends import Backend, Result, open_backend
from kg.dataset import Dataset, load_dataset
from kg.source import Sources
from kg.terms import PREFIXES

REPOSITORY = Path(__file__).parent.parent
PROLOGUE = "\n".join(f"PREFIX {name}: <{space}>" for name, space in PREFIXES.items())


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The shipped dataset; frozen, so one for all tests."""
    return load_dataset()


@pytest.fixture(scope="session")
def backend(dataset: Dataset) -> Iterator[Backend]:
    """An embedded store of the shipped dataset; no test writes to it."""
    opened = open_backend("memory:", dataset)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def ask(backend: Backend) -> Callable[[str], Result]:
    """Evaluates a query, written without prefixes, on the shipped dataset."""
    return lambda sparql: backend.query(f"{PROLOGUE}\n{sparql}", deadline=time.monotonic() + 30)


@pytest.fixture(scope="session")
def sources_dir() -> Path:
    """The directory with copies of the documents, as the service is given it."""
    given = os.environ.get("BACKSTORY_SOURCES", "")
    if not given:
        pytest.skip("BACKSTORY_SOURCES is not set: the text of the documents is not part of the repository")
    return Path(given)


@pytest.fixture(scope="session")
def sources(sources_dir: Path) -> Sources:
    """The copies of the documents."""
    return Sources(sources_dir)
