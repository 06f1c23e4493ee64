"""The answering over the shipped dataset and catalogue, loaded once."""

from __future__ import annotations

import pytest

from kg.backends import Backend
from queries.answering import Answering


@pytest.fixture(scope="session")
def answering(backend: Backend) -> Answering:
    """Everything loaded; it is immutable, so one for all tests."""
    return Answering.load(backend)
