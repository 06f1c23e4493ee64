"""Weighing readings against evidence: what it adds, what it takes away, what it never does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queries.answering import Answering
from queries.evidence import Evidence
from queries.likelihood import LENGTH, features
from queries.template import QuestionFileError


def _table(path: Path, head: dict[str, object], *lines: str) -> Path:
    path.write_text("\n".join([json.dumps(head), *lines]) + "\n", "utf-8")
    return path


HEAD: dict[str, object] = {"classes": ["NONE", "one", "two"], "bias": [0, 0, 0], "learned_from": "x", "met": "red blue"}


def test_shares_sum_to_one_and_follow_the_weights(tmp_path: Path) -> None:
    evidence = Evidence.load(_table(tmp_path / "t.tsv", HEAD, "w:red\t1 200 2 -100", "w:blue\t2 300"))
    assert evidence is not None
    shares = evidence.shares({"w:red": 1.0})
    assert max(shares, key=lambda name: shares[name]) == "one"
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert evidence.shares({"w:blue": 1.0})["two"] > 0.8
    assert evidence.shares({"w:unheard": 1.0})["one"] == pytest.approx(1 / 3)


def test_without_a_table_there_is_no_evidence(tmp_path: Path) -> None:
    assert Evidence.load(tmp_path / "none.tsv") is None


@pytest.mark.parametrize("content", ["", "no json\n", '{"classes": ["a"]}\n', '{"classes": [], "bias": []}\nw:red\n'])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "en.evidence.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(QuestionFileError, match=r"en\.evidence\.tsv"):
        Evidence.load(path)


def test_the_features_of_a_text_have_one_length() -> None:
    for words in (["one"], ["one", "two", "three"], ["again"] * 9):
        assert sum(weight**2 for weight in features(words).values()) == pytest.approx(LENGTH**2)
    assert features([])


def test_a_question_that_no_frame_puts_together_is_answered_by_evidence(answering: Answering) -> None:
    asked = [answering.ask(text).as_json() for text in _odd_wordings()]
    assert all(answer["status"] in ("answered", "not_stated") for answer in asked)
    assert any(answer["interpretation"]["method"] == "evidence" for answer in asked)
    assert all(answer["citations"] for answer in asked if answer["status"] == "answered")


def _odd_wordings() -> list[str]:
    """Questions of the labelled sets whose file answers them; none of them is a phrasing of the catalogue."""
    from tests.questions.learn import LABELLED

    rows = [json.loads(line) for line in (LABELLED / "examples10.jsonl").read_text("utf-8").splitlines()]
    return [row["q"] for row in rows if row["f"] == "how-common"][:4]


def test_a_word_that_nobody_knows_is_never_passed_over(answering: Answering) -> None:
    for text in _odd_wordings():
        assert answering.ask(f"{text.rstrip('?.! ')} with zorblaxine?").status == "not_understood"


def test_the_same_question_has_the_same_evidence(answering: Answering) -> None:
    text = _odd_wordings()[0]
    assert answering.features(text) == answering.features(text)
    assert answering.ask(text).as_json() == answering.ask(text).as_json()
