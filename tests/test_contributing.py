"""CONTRIBUTING's three recipes, run in a copy of the repository as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
RECIPES = dict(
    re.findall(r"<!-- recipe: (\w+) -->\n```sh\n(.*?)```", (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8"), re.S)
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tracked and the new files of the repository, without what git ignores."""
    target = tmp_path / "copy"
    for part in ("kg", "queries", "server", "tests/queries", "tests/questions", "tests/bench"):
        shutil.copytree(REPOSITORY / part, target / part, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    for name in ("ontology.ttl", "pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy(REPOSITORY / name, target / name)
    return target


def run(recipe: str, folder: Path) -> str:
    """The recipe's output; in the copy, `backstory` and `python` are the ones that import the copy."""
    prelude = (
        f"set -e\nbackstory() {{ '{sys.executable}' -m server.cli \"$@\"; }}\n"
        f"python() {{ '{sys.executable}' \"$@\"; }}\n"
    )
    done = subprocess.run(
        ["bash", "-c", prelude + recipe], cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_are_three_recipes() -> None:
    assert set(RECIPES) == {"document", "question", "engine"}


def test_a_document_is_one_new_file(copy: Path) -> None:
    output = run(RECIPES["document"], copy)
    assert output.splitlines()[-1]
    assert re.search(r"\bYes\b.*hiccups", output, re.S)


def test_a_question_is_one_new_file(copy: Path) -> None:
    output = run(RECIPES["question"], copy)
    assert "127 passages" in output
    assert re.search(r"\d+ passed", output)


def test_an_engine_is_one_new_file_and_one_row(copy: Path) -> None:
    output = run(RECIPES["engine"], copy)
    assert "can be caused by" in output or "causes" in output.lower()
