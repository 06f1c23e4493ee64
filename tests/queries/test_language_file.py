"""A broken language file is told by file, line and rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from queries.cues import Cues
from queries.ground import Ground
from queries.language_file import read_language
from queries.notices import Notices
from queries.template import CATALOGUE_DIR, QuestionFileError
from queries.words import LANGUAGE_DIR, Writing

FILES = sorted(path.name for path in LANGUAGE_DIR.glob("en.*.yaml") if path.name != "en.drafting.yaml")


@pytest.fixture
def language(tmp_path: Path) -> Path:
    """A copy of the language files, to be broken."""
    return Path(shutil.copytree(LANGUAGE_DIR, tmp_path / "language"))


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_cannot_be_read_names_itself(language: Path, name: str) -> None:
    (language / name).write_text("a:\n  b: [", "utf-8")
    with pytest.raises(QuestionFileError) as caught:
        Ground.load(CATALOGUE_DIR, language)
    assert (caught.value.file, caught.value.rule) == (name, "yaml")
    assert caught.value.line >= 2


@pytest.mark.parametrize(
    ("content", "rule"), [(b"- a\n- b\n", "language"), (b"", "language"), (b"a: \xff", "yaml"), (None, "yaml")]
)
def test_a_file_that_is_no_mapping_no_text_or_not_there_is_told(
    tmp_path: Path, content: bytes | None, rule: str
) -> None:
    path = tmp_path / "en.some.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QuestionFileError) as caught:
        read_language(path)
    assert (caught.value.file, caught.value.rule) == ("en.some.yaml", rule)


def test_a_member_that_is_missing_is_named(language: Path) -> None:
    path = language / "en.writing.yaml"
    path.write_text(path.read_text("utf-8").replace("\nnumbers:", "\nnumerals:"), "utf-8")
    with pytest.raises(QuestionFileError, match=r"en.writing.yaml:1: member: the member 'numbers' is missing"):
        Writing.load(path)


def test_a_member_of_the_wrong_kind_is_told_with_its_line(language: Path) -> None:
    path = language / "en.writing.yaml"
    lines = path.read_text("utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("numbers:"))
    lines[line - 1] = "numbers: [one, two]\nspare:"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(QuestionFileError) as caught:
        Writing.load(path)
    assert (caught.value.file, caught.value.line, caught.value.rule) == ("en.writing.yaml", line, "numbers")


def test_a_member_of_a_member_that_is_missing_is_told_with_the_line_of_the_outer_one(language: Path) -> None:
    path = language / "en.findings.yaml"
    text = path.read_text("utf-8")
    before, _, after = text.partition("\ndenial:\n")
    name = after.split(":")[0].strip()
    path.write_text(text.replace(f"\ndenial:\n{after[: after.index(name)]}{name}:", f"\ndenial:\n  {name}x:"), "utf-8")
    with pytest.raises(QuestionFileError) as caught:
        Cues.load(Writing.load(), path)
    assert caught.value.file == "en.findings.yaml"
    assert caught.value.line == before.count("\n") + 2


def test_a_sentence_that_is_missing_is_told_when_it_is_to_be_said(language: Path) -> None:
    path = language / "en.notices.yaml"
    path.write_text("spare: x\n", "utf-8")
    with pytest.raises(QuestionFileError, match=r"en.notices.yaml"):
        Notices.load(path).say("notice")
