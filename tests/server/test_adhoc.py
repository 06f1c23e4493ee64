"""Other people's queries over a remote engine: the routes' view of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kg.backends.remote import RemoteBackend
from server.adhoc import RemoteEngine, kind_of_text
from server.evaluator.asking import Accept, AdHocQuery
from server.evaluator.errors import KindNotAcceptable, QueryTooLong, ServiceRefused
from server.settings import from_environment
from tests.engines.servers import oxigraph_command, oxigraph_server

JSON = Accept("application/sparql-results+json", "application/sparql-results+json", "text/turtle")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * {}", "select"),
        ("# ASK\nPREFIX select: <http://construct/> ask {}", "ask"),
        ("BASE <http://select/> CONSTRUCT { ?s ?p 'ask' } WHERE { ?s ?p ?o }", "graph"),
        ("PREFIX describe-a: <x:> DESCRIBE describe-a:x", "graph"),
        ("broken", "select"),
    ],
)
def test_the_kind_of_a_query_is_its_first_keyword_after_the_prologue(text: str, kind: str) -> None:
    assert kind_of_text(text) == kind


class Unreachable(RemoteBackend):
    """A backend that must not be asked."""

    def query(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise AssertionError("it was asked")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", ServiceRefused),
        ("SELECT * {} #" + "x" * 70_000, QueryTooLong),
        ("ASK {}", KindNotAcceptable),
    ],
)
def test_what_is_refused_is_refused_before_the_engine_is_asked(text: str, error: type[Exception]) -> None:
    engine = RemoteEngine(Unreachable("http://127.0.0.1:9/"), from_environment(environ={}))
    accept = JSON._replace(ask=None)
    with pytest.raises(error):
        engine.query(AdHocQuery(text, "a", time.monotonic() + 5, accept))


@pytest.mark.engine
@pytest.mark.skipif(oxigraph_command() is None, reason="oxigraph is not installed")
def test_a_query_and_its_dataset_parameters_go_to_the_engine(tmp_path: Path) -> None:
    with oxigraph_server(tmp_path) as server:
        engine = RemoteEngine(RemoteBackend(server.query_url), from_environment(environ={}))
        until = time.monotonic() + 20
        assert engine.query(AdHocQuery("ASK {}", "a", until, JSON)).body == b'{"head":{},"boolean":true}'
        rows = engine.query(AdHocQuery("SELECT * { ?s ?p ?o }", "a", until, JSON, default_graphs=("http://x/",)))
        assert b'"bindings":[]' in (rows.body or b"").replace(b" ", b"")
        assert engine.dump("http://x/", "text/turtle", client="a", deadline=until) is None
