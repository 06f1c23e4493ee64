"""The command `backstory`: each command explains itself, and shows the same answer as the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from server.cli import main

COMMANDS = ("serve", "ask", "sparql", "check", "verify", "export", "load", "draft", "bench")
QUESTION = "are back spasms a sign of multiple sclerosis"


def run(*arguments: str, **options: object) -> object:
    return CliRunner().invoke(main, list(arguments), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0  # type: ignore[attr-defined]
    assert command in run("--help").output  # type: ignore[attr-defined]


def test_ask_prints_the_same_answer_as_the_service(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKSTORY_SOURCES", raising=False)  # the service of these tests has no copies either
    result = run("ask", "--json", *QUESTION.split())
    assert json.loads(result.output) == client.get("/ask", query_string={"q": QUESTION}).get_json()  # type: ignore[attr-defined]
    text = client.get("/ask", query_string={"q": QUESTION}, headers={"Accept": "text/plain"}).text
    assert run("ask", QUESTION).output == text  # type: ignore[attr-defined]


def test_an_empty_question_is_told_its_limit() -> None:
    result = run("ask", " ")
    assert result.exit_code == 2  # type: ignore[attr-defined]
    assert "2000" in result.output  # type: ignore[attr-defined]


def test_sparql_runs_a_text_a_file_or_standard_input(tmp_path: Path) -> None:
    query = "SELECT ?x WHERE { VALUES ?x { 42 } }"
    file = tmp_path / "query.rq"
    file.write_text(query)
    for result in (run("sparql", query), run("sparql", str(file)), run("sparql", "-", input=query)):
        assert result.exit_code == 0  # type: ignore[attr-defined]
        assert result.output.splitlines()[:2] == ["?x", "42"]  # type: ignore[attr-defined]


def test_a_broken_query_ends_with_one_line_that_has_its_place() -> None:
    result = run("sparql", "ASK {")
    assert result.exit_code == 1  # type: ignore[attr-defined]
    assert "line 1" in result.output  # type: ignore[attr-defined]
    assert "Traceback" not in result.output  # type: ignore[attr-defined]


def test_export_writes_the_graph_in_a_format_that_is_known() -> None:
    assert run("export", "--format", "nquads").output.count("\n") > 1000  # type: ignore[attr-defined]
    assert "turtle" in run("export", "--format", "none").output  # type: ignore[attr-defined]


def test_a_broken_document_is_told_with_file_line_and_rule(tmp_path: Path) -> None:
    broken = tmp_path / "broken.trig"
    broken.write_text("<a> {\n <b")
    result = run("check", "--no-shapes", str(broken))
    assert result.exit_code == 1  # type: ignore[attr-defined]
    assert "broken.trig:" in result.output  # type: ignore[attr-defined]
    assert "syntax" in result.output  # type: ignore[attr-defined]


def test_verify_needs_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKSTORY_SOURCES", raising=False)
    assert run("verify").exit_code == 2  # type: ignore[attr-defined]
    missing = run("verify", "--sources", str(tmp_path))
    assert missing.exit_code == 1  # type: ignore[attr-defined]
    assert "no readable copy" in missing.output  # type: ignore[attr-defined]


def test_bench_measures_answers_and_queries() -> None:
    result = run("bench", "--seconds", "0.1")
    assert result.exit_code == 0  # type: ignore[attr-defined]
    assert result.output.count("ms median") == 3  # type: ignore[attr-defined]
