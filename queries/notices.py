"""Sentences of the service itself, from `language/en.notices.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from queries.language_file import read_language
from queries.words import LANGUAGE_DIR


class Notices:
    """The service's own sentences by name."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._patterns = patterns

    @classmethod
    def load(cls, path: Path = LANGUAGE_DIR / "en.notices.yaml") -> Notices:
        """The sentences of a language.

        Raises: QuestionFileError.
        """
        return cls(read_language(path))

    def say(self, name: str, **values: str) -> str:
        """A sentence with its names filled.

        Raises: QuestionFileError for a sentence, KeyError for a name that is not there.
        """
        return self._patterns[name].format(**values)
