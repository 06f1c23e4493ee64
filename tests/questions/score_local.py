"""Scores the answering, in process, against question sets with golds.

    python -m tests.questions.score_local [FILE …] [--show wrong|refused|missed|alarm|all]

A question's outcome is `right` (answered and every condition of its gold met, or not answered where the document does
not say), `wrong` (answered against its gold), `refused` (not answered though the document answers it) or `missed` (a
warning sign that raised nothing more than advice). A warning sign is right when the notice has the gold's urgency and
its words.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.backends import open_backend
from kg.dataset import load_dataset
from queries.answering import Answering
from queries.template import CATALOGUE_DIR

SETS = Path(__file__).parent / "dev"
REACHES = {
    "emergency": {"emergency"},
    "see-doctor-now": {"see_doctor_now", "emergency"},
    "see-doctor": {"advice", "see_doctor_now", "emergency"},
}
#: An answer longer than that tells everything at once, and counts as wrong.
TOO_MUCH = 1500

Question = dict[str, Any]
Answer = dict[str, Any]


def plain(text: object) -> str:
    """Lower-case words of letters, digits, `%` and apostrophes, separated by single spaces."""
    folded = unicodedata.normalize("NFKC", str(text)).lower()
    folded = re.sub("[\u2010-\u2015\u2212]", "-", folded).translate(str.maketrans("’‘", "''"))
    return " ".join(re.findall(r"[a-z0-9%']+", folded))


def without_s(text: str) -> str:
    """The text with the plural s of each word of four letters or more taken off."""
    return re.sub(r"(?<=[a-z]{3})s\b", "", text)


def holds(text: str, phrase: str) -> bool:
    """Whether whole words of the text are the phrase, plurals aside."""
    wanted = plain(phrase)
    return any(
        re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", within)
        for within, part in ((text, wanted), (without_s(text), without_s(wanted)))
    )


def said(answer: Answer) -> str:
    """All that an answer tells: its sentence, its note, its items."""
    body = answer.get("answer") or {}
    parts = [str(body.get(name) or "") for name in ("text", "note")]
    return plain(" ".join([*parts, *(str(item.get("label", "")) for item in answer.get("items") or [])]))


def noticed(answer: Answer) -> str:
    """All that the notice tells."""
    safety = answer["safety"]
    return f"{plain(safety.get('text') or '')} {plain(json.dumps(safety['red_flags']))}"


def same(one: str, other: str) -> bool:
    """Whether two names mean one item: equal, or the longer holds the shorter."""
    a, b = without_s(plain(one)), without_s(plain(other))
    return a == b or (len(b) > 3 and holds(a, b)) or (len(a) > 3 and holds(b, a))


def mentions(text: str, groups: Iterable[Iterable[str]]) -> bool:
    """Whether the text holds one phrase of every group."""
    return all(any(holds(text, phrase) for phrase in group) for group in groups)


def outcome(gold: dict[str, Any], answer: Answer) -> str:
    """How an answer stands to its gold: right, wrong, refused or missed."""
    answered = answer["status"] == "answered"
    text, level = said(answer), answer["safety"]["level"]
    if answered and (not answer["citations"] or len(text) > TOO_MUCH):
        return "wrong"
    if gold.get("abstain"):
        return "wrong" if answered else "right"
    if "urgency" in gold:
        return _urgency(gold, f"{text} {noticed(answer)}", level)
    if gold.get("answer") == "unknown":
        return "right" if answer["status"] == "not_stated" else "wrong"
    if not answered:
        return "refused"
    if "items" in gold:
        return "right" if _items_right(gold, answer, text) else "wrong"
    right = mentions(f"{text} {noticed(answer)}" if "answer" in gold else text, gold["must_mention"])
    if "answer" in gold:
        right = right and answer["answer"]["boolean"] is (gold["answer"] == "yes")
    return "right" if right else "wrong"


def _urgency(gold: dict[str, Any], text: str, level: str) -> str:
    reached = set().union(*(REACHES[name] for name in (gold["urgency"], *gold.get("urgency_also_ok", []))))
    if level in reached and mentions(text, gold["must_mention"]):
        return "right"
    return "missed" if level in ("none", "advice") else "wrong"


def _items_right(gold: dict[str, Any], answer: Answer, text: str) -> bool:
    names = {item: [item, *gold["synonyms"].get(item, [])] for item in gold["items"]}
    got = [[item.get("label", ""), *(item.get("alt_labels") or [])] for item in answer["items"]]
    for wanted in names.values():
        if not any(same(a, b) for labels in got for a in labels for b in wanted) and not any(
            holds(text, w) for w in wanted
        ):
            return False
    every = [name for wanted in names.values() for name in wanted]
    return not gold["complete"] or all(any(same(a, b) for a in labels for b in every) for labels in got)


def questions(paths: Iterable[Path]) -> Iterator[Question]:
    """The questions of several sets, each with the name of its set."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield {**json.loads(line), "set": path.stem}


def answering(catalogue: Path = CATALOGUE_DIR) -> Answering:
    """The answering over the shipped graph."""
    return Answering.load(open_backend("memory:", load_dataset()), catalogue_dir=catalogue)


def score(asked: Answering, every: Iterable[Question]) -> list[dict[str, Any]]:
    """Each question with its answer and outcome, and whether an ordinary question raised an emergency."""
    rows = []
    for question in every:
        started = time.perf_counter()
        answer = asked.ask(question["question"]).as_json()
        took = time.perf_counter() - started
        safety = answer["safety"]
        alarm = question["kind"] != "redflag" and safety["level"] == "emergency" and safety["because"] == "question"
        rows.append(
            {**question, "outcome": outcome(question["gold"], answer), "answer": answer, "alarm": alarm, "s": took}
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The counts by set and by kind."""
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        side = "REFUSE" if row["gold"].get("abstain") else "RED FLAG" if row["kind"] == "redflag" else "ANSWER"
        for name in (side, row["set"], f"  {row['set']}/{row['kind']}"):
            by[name][row["outcome"]] += 1
            by[name]["alarm"] += row["alarm"]
    lines = [f"{'':44}{'n':>5}{'right':>8}{'wrong':>8}{'refused':>9}{'missed':>8}{'alarms':>8}"]
    for name in sorted(by, key=lambda n: (not n.isupper(), n.strip().split("/")[0], n)):
        c = by[name]
        n = sum(c[o] for o in ("right", "wrong", "refused", "missed"))
        shares = f"{c['right'] / n:8.1%}{c['wrong'] / n:8.1%}{c['refused'] / n:9.1%}"
        lines.append(f"{name:44}{n:5}{shares}{c['missed']:8}{c['alarm']:8}")
    times = sorted(row["s"] for row in rows)
    lines.append(
        f"ms an answer: p50 {times[len(times) // 2] * 1000:.2f}, p95 {times[int(len(times) * 0.95)] * 1000:.2f}"
    )
    return "\n".join(lines)


def shown(row: dict[str, Any]) -> str:
    """One question and what became of it."""
    answer = row["answer"]
    told = (answer["answer"] or {}).get("text") or json.dumps(answer["reason"])
    file = answer["interpretation"]["question_file"]
    gold = row["gold"].get("answer") or row["gold"].get("urgency") or ""
    asked = f"{row['outcome']:8}{row['id']} {row['question']!r} [{gold}]"
    return f"{asked}\n      -> {answer['status']} {file} {told} {answer['safety']['level']}"


def main(arguments: list[str]) -> int:
    """Score the sets named, or all development sets; print the table and, with --show, the questions of one outcome."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", type=Path, default=sorted(SETS.glob("*.jsonl")))
    parser.add_argument("--show", default="", help="wrong, refused, missed, alarm or all")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE_DIR)
    chosen = parser.parse_args(arguments)
    rows = score(answering(chosen.catalogue), questions(chosen.sets))
    for row in rows:
        if chosen.show and (chosen.show in ("all", row["outcome"]) or (chosen.show == "alarm" and row["alarm"])):
            print(shown(row))
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
