"""Learns the tables of evidence (`queries.evidence`) and of reports (`queries.likelihood`) from labelled texts.

    python -m tests.questions.learn

Reads `labelled/*.jsonl` (`{"q": question, "f": question file, or NONE where none answers it}`, with `:form` after the
file where the question is asked in another form than the file's own) and the examples and rejects of the catalogue, and
writes `queries/language/en.evidence.tsv`: the weights of a softmax regression over `queries.features`, learned by
AdaGrad in a few passes in which features are left out by chance, and averaged over several such runs. It takes a few
minutes and numpy, and gives the same table for the same questions.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from kg.backends import open_backend
from kg.dataset import load_dataset
from queries.answering import Answering
from queries.evidence import FORM, NONE
from queries.likelihood import features as word_features
from queries.template import CATALOGUE_DIR, load_catalogue
from queries.words import LANGUAGE_DIR

LABELLED: Final = Path(__file__).parent / "labelled"
TABLE: Final = LANGUAGE_DIR / "en.evidence.tsv"
REPORTS: Final = LABELLED / "reports"
REPORTS_TABLE: Final = LANGUAGE_DIR / "en.reports.tsv"
#: Ordinary questions among the texts that report nothing: every so many of the labelled ones.
ONE_IN: Final = 3
#: A feature is kept when so many questions have it, a weight when it is at least so many hundredths.
LEAST_QUESTIONS: Final = 3
LEAST_WEIGHT: Final = 10
#: A word is no stranger when so many answerable questions ask with it.
LEAST_MET: Final = 2
RUNS: Final = 4
PASSES: Final = 6
LEFT_OUT: Final = 0.3
BATCH: Final = 200
RATE: Final = 1.0
DECAY: Final = 1e-5

Pair = tuple[str, str]
Array = Any


def labelled(folder: Path = LABELLED) -> list[Pair]:
    """The questions of the folder and of the catalogue, each with its label, once; one with two labels has the label
    that it has more often, or the first.

    Raises: ValueError naming file and line for a line that is no labelled question.
    """
    votes: dict[str, Counter[str]] = {}
    for question, label in _all(folder):
        votes.setdefault(question, Counter())[label] += 1
    return sorted((question, labels.most_common(1)[0][0]) for question, labels in votes.items())


def _all(folder: Path) -> Iterator[Pair]:
    templates = load_catalogue(CATALOGUE_DIR)
    known = {template.id for template in templates} | {NONE}
    for template in templates:
        yield from ((str(example["ask"]), template.id) for example in template.examples)
        yield from ((reject, NONE) for reject in template.rejects)
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                question, label = row["q"], row["f"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f'{path.name}:{number}: not {{"q": …, "f": …}}: {error}') from error
            if label.partition(FORM)[0] not in known:
                raise ValueError(f"{path.name}:{number}: there is no question file {label!r}")
            yield question, label


def digest(folder: Path) -> str:
    """What a table says that it was learned from: it changes with any line of the folder's files."""
    lines = sorted(line for path in folder.glob("*.jsonl") for line in path.read_text("utf-8").splitlines())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def learn(pairs: Sequence[Pair], features: Sequence[Mapping[str, float]], learned_from: str) -> str:
    """The table's text, from the features of each question; `learned_from` is the digest of the labelled texts."""
    often = Counter(name for found in features for name in found)
    names = sorted(name for name, times in often.items() if times >= LEAST_QUESTIONS)
    column = {name: place for place, name in enumerate(names)}
    classes = sorted({label for _, label in pairs})
    place_of = {label: place for place, label in enumerate(classes)}
    rows = [_row(found, column) for found in features]
    wanted = np.array([place_of[label] for _, label in pairs])
    runs = [_fit(rows, wanted, (len(names), len(classes)), seed) for seed in range(RUNS)]
    weights = sum(run[0] for run in runs) / RUNS
    bias = sum(run[1] for run in runs) / RUNS
    asked = Counter(n for (_, label), found in zip(pairs, features, strict=True) if label != NONE for n in found)
    met = sorted(n[2:] for n, times in asked.items() if n.startswith("w:") and times >= LEAST_MET)
    head = {
        "classes": classes,
        "bias": [round(float(weight) * 100) for weight in bias],
        "learned_from": learned_from,
        "questions": len(pairs),
        "met": " ".join(met),
    }
    return "\n".join([json.dumps(head), *_lines(names, weights)]) + "\n"


def _row(found: Mapping[str, float], column: Mapping[str, int]) -> tuple[Array, Array]:
    """One question: the columns of its features, and their weights."""
    kept = {column[name]: weight for name, weight in found.items() if name in column}
    return np.array(list(kept), np.int64), np.array(list(kept.values()), np.float32)


def _fit(rows: Sequence[tuple[Array, Array]], wanted: Array, shape: tuple[int, int], seed: int) -> tuple[Array, Array]:
    """Weights (features by classes) and bias of one run."""
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros(shape, np.float32), np.zeros(shape[1], np.float32)
    past, past_bias = np.full((shape[0], 1), 1e-3, np.float32), np.full(shape[1], 1e-3, np.float32)
    for _ in range(PASSES):
        order = rng.permutation(len(rows))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            used, batch = _batch([rows[n] for n in chosen], rng)
            error = _softmax(batch @ weights[used] + bias)
            error[np.arange(len(chosen)), wanted[chosen]] -= 1
            slope = (batch.T @ error) / len(chosen) + DECAY * weights[used]
            past[used] += (slope * slope).mean(1, keepdims=True)
            weights[used] -= RATE * slope / np.sqrt(past[used])
            slope_bias = error.mean(0)
            past_bias += slope_bias * slope_bias
            bias -= 0.1 * RATE * slope_bias / np.sqrt(past_bias)
    return weights, bias


def _batch(rows: Sequence[tuple[Array, Array]], rng: Any) -> tuple[Array, Array]:
    """The columns that some questions use, and those questions over these columns, features left out by chance."""
    used, where = np.unique(np.concatenate([columns for columns, _ in rows]), return_inverse=True)
    data = np.concatenate([data for _, data in rows])
    data = data * (rng.random(len(data)) >= LEFT_OUT) / (1 - LEFT_OUT)
    dense = np.zeros((len(rows), len(used)), np.float32)
    dense[np.repeat(np.arange(len(rows)), [len(columns) for columns, _ in rows]), where] = data
    return used, dense


def _softmax(sums: Array) -> Array:
    raised = np.exp(sums - sums.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def _lines(names: Sequence[str], weights: Array) -> Iterator[str]:
    for name, row in zip(names, np.rint(weights * 100).astype(int), strict=True):
        entry = " ".join(f"{place} {row[place]}" for place in np.flatnonzero(np.abs(row) >= LEAST_WEIGHT))
        if entry:
            yield f"{name}\t{entry}"


def reports(folder: Path = REPORTS) -> list[Pair]:
    """Texts with the finding that they report (once for each), or NONE, ordinary questions among them.

    Raises: ValueError naming file and line.
    """
    pairs = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                pairs += [(row["q"], label) for label in row["f"].split("+")]
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f'{path.name}:{number}: not {{"q": …, "f": …}}: {error}') from error
    return [*pairs, *((question, NONE) for question, _ in labelled()[::ONE_IN])]


def main() -> int:
    """Learn both tables anew and say how large they are."""
    answering = Answering.load(open_backend("memory:", load_dataset()))
    pairs = labelled()
    print(f"{len(pairs)} questions, {len({label for _, label in pairs})} labels", file=sys.stderr)
    _write(TABLE, learn(pairs, [answering.features(question) for question, _ in pairs], digest(LABELLED)))
    pairs = reports()
    print(f"{len(pairs)} texts, {len({label for _, label in pairs})} labels", file=sys.stderr)
    _write(REPORTS_TABLE, learn(pairs, [word_features(answering.words(text)) for text, _ in pairs], digest(REPORTS)))
    return 0


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
