"""Each engine once a session, filled with the shipped dataset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.backends.remote import RemoteBackend
from kg.dataset import Dataset, load_dataset
from kg.loading import load
from tests.engines.servers import Engine, oxigraph_command, oxigraph_server, virtuoso_command, virtuoso_server


@pytest.fixture(scope="session")
def shipped() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def engine_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKSTORY_STORE_USER", "dba")
        patch.setenv("BACKSTORY_STORE_PASSWORD", "dba")
        yield


@pytest.fixture(scope="session", params=["oxigraph", "virtuoso"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine_environment: None
) -> Iterator[Engine]:
    command, server, package = {
        "oxigraph": (oxigraph_command(), oxigraph_server, "the package oxigraph"),
        "virtuoso": (virtuoso_command(), virtuoso_server, "Debian's virtuoso-opensource-7-bin"),
    }[request.param]
    if command is None:
        pytest.skip(reason=f"no {request.param} server on this machine: it comes with {package}")
    with server(tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="session")
def filled(engine: Engine, shipped: Dataset) -> RemoteBackend:
    """The engine with the dataset's named graphs and nothing else of ours."""
    backend = RemoteBackend(engine.query_url)
    load(shipped, backend, engine.store_url)
    return backend


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
