"""Evidence: how much the words of a text speak for each question file, and for none.

A linear model over `features`, learned from questions with the question file that answers them, and from questions
that no file answers (`tests/questions/labelled/`; `python -m tests.questions.learn` learns it anew). The table is text:
a line of JSON (the classes, their bias, what it was learned from, the words met in answerable questions), then a line
for each feature, with its weights by class in hundredths. The same text has the same shares on every machine; nothing
is drawn by chance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Final

from queries.template import QuestionFileError

#: The class of what no question file answers.
NONE: Final = "NONE"
#: Between a question file and its form, where a file is asked both ways ("gone-for-good:boolean_not").
FORM: Final = ":"
_UNIT: Final = 100.0
#: Entries of the table that are kept as numbers; the others are text, which takes a fifth of the memory.
KEPT: Final = 16_384


@dataclass(frozen=True, slots=True)
class Evidence:
    """The table. Immutable, safe to share between threads."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, str]
    learned_from: str
    met: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Evidence | None:
        """The table in a file; None where there is none, and every reading stands as it is.

        Raises: QuestionFileError when the file is not such a table.
        """
        if not path.exists():
            return None
        head, _, body = path.read_text("utf-8").partition("\n")
        try:
            about = json.loads(head)
            weights = dict(line.split("\t", 1) for line in body.splitlines())
            bias = tuple(weight / _UNIT for weight in about["bias"])
            return cls(
                tuple(about["classes"]), bias, weights, about["learned_from"], frozenset(about.get("met", "").split())
            )
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionFileError(path.name, 1, "evidence", f"this is no table of evidence: {error}") from error

    def has_met(self, word: str) -> bool:
        """Whether a word was in answerable questions that this was learned from, often enough to count."""
        return word in self.met

    def shares(self, features: Mapping[str, float]) -> dict[str, float]:
        """The share of each class, between 0 and 1, one in all; only those that are not next to nothing."""
        sums = list(self.bias)
        for feature, weight in features.items():
            entry = self.weights.get(feature)
            if entry is not None:
                scale = weight / _UNIT
                for place, hundredths in _pairs(entry):
                    sums[place] += hundredths * scale
        most = max(sums)
        raised = [exp(value - most) for value in sums]
        total = sum(raised)
        return {name: value / total for name, value in zip(self.classes, raised, strict=True) if value > total / 1000}


@lru_cache(KEPT)
def _pairs(entry: str) -> tuple[tuple[int, int], ...]:
    """The weights of one line of the table: the place of a class, and hundredths."""
    numbers = tuple(map(int, entry.split()))
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
