"""A language file: its content, and what is wrong with it told by file, line and rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

#: libyaml's loader where the wheel has it: ten times faster, and the start must stay under a second.
YAML_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The same, but every scalar stays a text ("no", "on" and "off" are words here).
TEXT_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class QuestionFileError(Exception):
    """A question file or a language file breaks a rule; says file, line (from 1) and rule."""

    def __init__(self, file: str, line: int, rule: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {rule}: {message}")
        self.file, self.line, self.rule, self.message = file, line, rule, message


class Content(dict[str, Any]):
    """The members of a language file; remembers which was read last, so that an error has a place."""

    def __init__(self, members: dict[str, Any], path: Path, text: str) -> None:
        super().__init__(members)
        self.path = path
        self._text = text
        self._last = ""

    def __getitem__(self, name: str) -> Any:
        self._last = name
        return super().__getitem__(name)

    def __missing__(self, name: str) -> Any:
        raise QuestionFileError(self.path.name, 1, "member", f"the member {name!r} is missing")

    def fault(self, error: Exception) -> QuestionFileError:
        """What went wrong with the member that was read last."""
        found = re.search(rf"(?m)^[\"']?{re.escape(self._last)}[\"']?\s*:", self._text) if self._last else None
        line = 1 + self._text.count("\n", 0, found.start()) if found else 1
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        rule, message = self._last or "language", f"it cannot be read as it should: {said}"
        return QuestionFileError(self.path.name, line, rule, message)


def read_language(path: Path) -> Content:
    """The members of a language file, every scalar a text.

    Raises: QuestionFileError for a file that is not there, is no YAML, or is no mapping.
    """
    try:
        text = path.read_text("utf-8")
        data = yaml.load(text, Loader=TEXT_LOADER)  # noqa: S506 (builds texts only)
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error)
        raise QuestionFileError(path.name, 1 + (mark.line if mark else 0), "yaml", said) from error
    if not isinstance(data, dict):
        raise QuestionFileError(path.name, 1, "language", "the file is not a mapping")
    return Content(data, path, text)


@contextmanager
def language_file(path: Path) -> Iterator[Content]:
    """The members of a language file, for a block that takes them apart; what breaks there is told with its place.

    Raises: QuestionFileError.
    """
    content = read_language(path)
    try:
        yield content
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise content.fault(error) from error
