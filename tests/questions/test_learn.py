"""The labelled texts, the tables learned from them, and the learning itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queries.evidence import NONE, Evidence
from tests.questions import learn


@pytest.mark.parametrize(
    ("table", "folder"), [(learn.TABLE, learn.LABELLED), (learn.REPORTS_TABLE, learn.REPORTS)], ids=["files", "reports"]
)
def test_a_table_was_learned_from_the_texts_that_lie_here(table: Path, folder: Path) -> None:
    evidence = Evidence.load(table)
    assert evidence is not None
    assert evidence.learned_from == learn.digest(folder), "learn it anew: python -m tests.questions.learn"


def test_every_line_has_a_question_and_a_label_that_exists() -> None:
    pairs = learn.labelled()
    assert len(pairs) > 30_000
    assert len({question for question, _ in pairs}) == len(pairs)
    assert 0.15 < sum(label == NONE for _, label in pairs) / len(pairs) < 0.5


def test_a_line_that_is_no_labelled_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text('{"q": "what is it", "f": "what-is"}\n{"q": "where is it"}\n', "utf-8")
    with pytest.raises(ValueError, match=r"own\.jsonl:2"):
        learn.labelled(tmp_path)


def test_a_label_without_a_question_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text('{"q": "what is it", "f": "what-was"}\n', "utf-8")
    with pytest.raises(ValueError, match="'what-was'"):
        learn.labelled(tmp_path)


def test_what_was_learned_tells_apart_what_it_was_learned_from(tmp_path: Path) -> None:
    words = {"red": ["apple", "cherry", "brick"], "green": ["leaf", "grass", "frog"], NONE: ["stone", "cloud", "sand"]}
    pairs = [(f"{word} {n}", label) for label, found in words.items() for word in found for n in range(4)]
    features = [{f"w:{question.split()[0]}": 6.0} for question, _ in pairs]
    table = tmp_path / "table.tsv"
    table.write_text(learn.learn(pairs, features, "here"), "utf-8")
    evidence = Evidence.load(table)
    assert evidence is not None
    for label, found in words.items():
        for word in found:
            shares = evidence.shares({f"w:{word}": 6.0})
            assert max(shares, key=lambda name: shares[name]) == label
    assert evidence.has_met("apple")
    assert not evidence.has_met("stone")


def test_learning_twice_gives_the_same_table() -> None:
    pairs = [(f"{word} {n}", label) for label, word in (("a", "one"), ("b", "two")) for n in range(6)]
    features = [{f"w:{question.split()[0]}": 6.0, f"w:{question.split()[1]}": 1.0} for question, _ in pairs]
    assert learn.learn(pairs, features, "x") == learn.learn(pairs, features, "x")


def test_the_head_of_a_table_says_what_it_holds() -> None:
    head = json.loads(learn.TABLE.read_text("utf-8").partition("\n")[0])
    assert len(head["classes"]) == len(head["bias"])
    assert head["questions"] == len(learn.labelled())
