"""Learning the table of evidence (`queries.evidence`) from labelled questions.

    python -m queries.learning

Reads `language/questions/*.jsonl` (`{"q": question, "f": question file, or NONE where none answers it}`), the examples
and rejects of the catalogue, and writes `language/en.evidence.tsv`. Needs scikit-learn (`requirements-learning.txt`),
which answering does not.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kg.backends import open_backend
from kg.dataset import load_dataset
from queries.answering import Answering
from queries.evidence import FORM, NONE
from queries.template import CATALOGUE_DIR, load_catalogue
from queries.words import LANGUAGE_DIR

QUESTIONS_DIR: Final = LANGUAGE_DIR / "questions"
TABLE: Final = LANGUAGE_DIR / "en.evidence.tsv"
#: How freely the weights follow the questions (scikit-learn's C).
FREEDOM: Final = 10.0
#: A feature is kept when so many questions have it; a weight when it is at least so many hundredths.
LEAST_QUESTIONS: Final = 2
LEAST_WEIGHT: Final = 12

Pair = tuple[str, str]


def labelled(folder: Path = QUESTIONS_DIR) -> Iterator[Pair]:
    """The questions of the folder and of the catalogue, each with its label.

    Raises: ValueError naming file and line for a line that is no labelled question.
    """
    known = {template.id for template in load_catalogue(CATALOGUE_DIR)} | {NONE}
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
    for template in load_catalogue(CATALOGUE_DIR):
        yield from ((str(example["ask"]), template.id) for example in template.examples)
        yield from ((reject, NONE) for reject in template.rejects)


def digest(pairs: Sequence[Pair]) -> str:
    """What a table says it was learned from: it changes with any question or label."""
    return hashlib.sha256(json.dumps(sorted(pairs)).encode()).hexdigest()[:16]


def learn(pairs: Sequence[Pair], features: Sequence[Mapping[str, float]]) -> str:
    """The table's text, from the features of each question."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    often = Counter(name for found in features for name in found)
    kept = [{n: w for n, w in found.items() if often[n] >= LEAST_QUESTIONS} for found in features]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(kept)
    model = LogisticRegression(C=FREEDOM, max_iter=300).fit(matrix, [label for _, label in pairs])
    bias = [round(weight * 100) for weight in model.intercept_]
    head = {"classes": list(model.classes_), "bias": bias, "learned_from": digest(pairs), "questions": len(pairs)}
    return "\n".join([json.dumps(head), *_lines(vectorizer.get_feature_names_out(), model.coef_)]) + "\n"


def _lines(names: Sequence[str], weights: Any) -> Iterator[str]:
    for column, name in enumerate(names):
        rounded = [(row, round(weight * 100)) for row, weight in enumerate(weights[:, column])]
        entry = " ".join(f"{row} {weight}" for row, weight in rounded if abs(weight) >= LEAST_WEIGHT)
        if entry:
            yield f"{name}\t{entry}"


def main() -> int:
    """Learn the table anew and say how large it is."""
    pairs = list(dict.fromkeys(labelled()))
    answering = Answering.load(open_backend("memory:", load_dataset()))
    print(f"{len(pairs)} questions, {len({label for _, label in pairs})} labels: taking their features", file=sys.stderr)
    features = [answering.features(question) for question, _ in pairs]
    print("learning", file=sys.stderr)
    TABLE.write_text(learn(pairs, features), "utf-8")
    print(f"{TABLE.name}: {TABLE.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
