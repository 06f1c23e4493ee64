"""What was compiled is kept beside the modules, and nothing that is out of date, broken or somebody else's is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from kg.backends import Backend
from queries import precompiled
from queries.answering import Answering
from queries.ground import Ground
from queries.precompiled import digest_of, kept
from queries.template import CATALOGUE_DIR
from queries.words import LANGUAGE_DIR


@dataclass(frozen=True, slots=True)
class Made:
    """Something worth keeping."""

    number: int
    words: MappingProxyType[str, int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where things are kept in these tests."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(precompiled, "cache_from_source", lambda _: str(tmp_path / "code.pyc"))
    return tmp_path


@pytest.fixture
def make() -> Callable[[], Made]:
    """Makes another thing each time."""
    numbers = iter(range(10))
    return lambda: Made(next(numbers), MappingProxyType({"a": 1}))


def test_what_was_made_once_is_taken_the_next_time(folder: Path, make: Callable[[], Made]) -> None:
    assert kept("thing", "1" * 64, make) == kept("thing", "1" * 64, make) == Made(0, MappingProxyType({"a": 1}))


def test_another_digest_is_made_anew_and_takes_the_place_of_the_old(folder: Path, make: Callable[[], Made]) -> None:
    kept("thing", "1" * 64, make)
    assert kept("thing", "2" * 64, make).number == 1
    assert [file.name for file in folder.iterdir()] == [f"thing.{'2' * 32}.kept"]


@pytest.mark.parametrize("spoil", ["cut", "changed", "open to others"])
def test_a_file_that_is_broken_or_open_to_others_is_not_read(
    folder: Path, make: Callable[[], Made], spoil: str
) -> None:
    kept("thing", "1" * 64, make)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    if spoil == "cut":
        file.write_bytes(content[:-5])
    elif spoil == "changed":
        file.write_bytes(content[:-1] + b"?")
    else:
        file.chmod(0o666)
    assert kept("thing", "1" * 64, make).number == 1
    assert kept("thing", "1" * 64, make).number == 1


def test_where_nothing_can_be_written_it_is_made_each_time(
    folder: Path, make: Callable[[], Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [kept("thing", "1" * 64, make).number for _ in range(2)] == [0, 1]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(precompiled, "cache_from_source", lambda _: "/proc/nowhere/code.pyc")
    assert kept("thing", "1" * 64, make).number == 2


def test_a_digest_tells_every_name_and_every_content_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    digests = {digest_of([one, two]), digest_of([two, one]), digest_of([one])}
    one.write_text("a")
    two.write_text("bc")
    assert len(digests | {digest_of([one, two])}) == 4


def test_questions_are_answered_alike_from_what_was_kept(folder: Path, backend: Backend) -> None:
    fresh = Answering.load(backend)
    assert Ground.load(CATALOGUE_DIR, LANGUAGE_DIR).digest == fresh.catalogue_digest
    assert list(folder.glob("ground.*.kept"))
    again = Answering.load(backend)
    asked = [str(example["ask"]) for template in fresh.templates for example in template.examples if "ask" in example]
    for text in [*asked[::7], "side efects of methocarbamol", "I cannot control my bladder", "zzyzx"]:
        assert again.ask(text) == fresh.ask(text)
