"""The service as the tests see it: in this process, and under Granian for what needs a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server import create_app
from server.settings import Settings, from_environment
from tests.live import BEARER, REPOSITORY, TOKEN, Live, free_port, serve, started

__all__ = ["BEARER", "REPOSITORY", "TOKEN", "Live", "free_port", "serve", "started"]


def settings_of(**overrides: object) -> Settings:
    """Settings that depend on nothing around the tests, and log nothing."""
    return from_environment({"log_requests": False, **overrides}, {"BACKSTORY_TOKEN": TOKEN})


@contextmanager
def application(**overrides: object) -> Iterator[Flask]:
    """A service in this process, ended afterwards."""
    app = create_app(settings_of(**overrides))
    try:
        yield app
    finally:
        app.extensions["backstory"].close()


@pytest.fixture(scope="session")
def published() -> Iterator[Flask]:
    """The published dataset; no test writes to it."""
    with application() as app:
        yield app


@pytest.fixture
def client(published: Flask) -> FlaskClient:
    """A client of the published dataset."""
    return published.test_client()


@pytest.fixture(scope="module")
def plain_app() -> Iterator[Flask]:
    """A plain writable store, shared by a module."""
    with application(empty=True, writable=True) as app:
        yield app


@pytest.fixture
def plain(plain_app: Flask) -> FlaskClient:
    """A client of the plain store, which holds nothing when the test begins."""
    client = plain_app.test_client()
    assert client.post("/update", data={"update": "DROP ALL"}, headers=BEARER).status_code == 204
    return client


@pytest.fixture(scope="session")
def live_plain(serve: Callable[..., Live]) -> Live:
    """A plain writable store under Granian."""
    return serve("--empty", "--writable", "--no-log-requests")
