"""Words of a text: lower case, short forms taken apart, one spelling for British and American, with their places kept.

The tables are data (`language/en.writing.yaml`). The same function reads questions, names of things and phrases of the
catalogue, so that all three meet in one form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from queries.language_file import language_file

LANGUAGE_DIR: Final = Path(__file__).parent / "language"

# A word is letters and digits of any script, with apostrophes inside; a number may have decimals; "%" is a word.
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)?(?![^\W_])|[^\W_]+(?:['’‘´`ʼ][^\W_]+)*|%|<[/!]?[^\W_]*")
_APOSTROPHES: Final = str.maketrans("’‘´`ʼ", "'''''")


class Word(NamedTuple):
    """One normalised word and the place of what it was written as: offsets in code points of the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Writing:
    """The tables of one language's writing; `words` reads a text with them."""

    replaced: Mapping[str, tuple[str, ...]]
    endings: tuple[tuple[str, str], ...]
    is_after: frozenset[str]
    misspelt: Mapping[str, str]
    numbers: Mapping[str, float]
    durations: Mapping[str, float]
    articles: frozenset[str]
    before_durations: frozenset[str]
    between: Mapping[str, float]

    @classmethod
    def load(cls, path: Path = LANGUAGE_DIR / "en.writing.yaml") -> Writing:
        """The tables of a language's writing file.

        Raises: QuestionFileError.
        """
        with language_file(path) as data:
            replaced: dict[str, tuple[str, ...]] = {}
            for table in ("british", "misspellings", "chat", "short_forms"):
                replaced.update({str(k): tuple(str(v).split()) for k, v in data[table].items()})
            return cls(
                replaced,
                tuple(data["endings"].items()),
                frozenset(data["is_after"]),
                {str(k): str(v) for k, v in data["misspellings"].items()},
                {str(k): float(v) for k, v in data["numbers"].items()},
                {str(k): float(v) for k, v in data["durations"].items()},
                frozenset(data["articles"]),
                frozenset(data["before_durations"]),
                {str(k): float(v) for k, v in data["between"].items()},
            )

    def words(self, text: str) -> list[Word]:
        """The words of a text in order, with their places."""
        out: list[Word] = []
        for match in _WORD.finditer(text):
            written = match.group()
            if not written.isascii():
                written = unicodedata.normalize("NFKC", written).translate(_APOSTROPHES)
            else:
                written = written.replace("`", "'")
            start, end = match.span()
            out.extend(Word(word, start, end) for word in self.spell_out(written.lower()))
        return out

    def texts(self, text: str) -> list[str]:
        """The words of a text without their places."""
        # Most phrases of the language files are plain words: 50,000 of them are read at every start.
        if text.isascii() and text.isalpha() and text.islower():
            return list(self.replaced.get(text, (text,)))
        return [word.text for word in self.words(text)]

    def spell_out(self, written: str) -> tuple[str, ...]:
        """What a written word stands for: one word, or the several of a short form; empty for a bare genitive."""
        known = self.replaced.get(written)
        if known is not None:
            return known
        if written == "%":
            return ("percent",)
        if "'" not in written:
            return (written,)
        for ending, word in self.endings:
            if written.endswith(ending) and len(written) > len(ending):
                return (*self.spell_out(written[: -len(ending)]), word)
        stem = written[:-2] if written.endswith("'s") else written
        if stem != written:
            plain = self.spell_out(stem)
            return (*plain, "is") if stem in self.is_after else plain
        return (written.replace("'", ""),)
