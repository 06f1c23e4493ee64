"""Answer sentences: the patterns of a question file, filled with labels and values.

A `{name}` is a slot, a projected variable, `{items}` or `{count}`; `[… {name} …]` is left out when one of its names is
unbound. Nothing of the question's own text enters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_OPTIONAL: Final = re.compile(r"\[([^\[\]]*)\]")
_START: Final = re.compile(r"(?<=[a-z)][.!?] )[a-z]")
_NAME: Final = re.compile(r"\{(\w+)\}")


def joined(labels: Sequence[str], last: str = "and") -> str:
    """Labels as a list in a sentence: "a", "a and b", "a, b and c"."""
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} {last} {labels[-1]}"


def sentence(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with its names filled; the first letter in upper case, doubled spaces closed."""

    def optional(match: re.Match[str]) -> str:
        names = _NAME.findall(match.group(1))
        return match.group(1) if all(values.get(name) for name in names) else ""

    earlier = None
    while earlier != pattern:
        earlier, pattern = pattern, _OPTIONAL.sub(optional, pattern)
    text = _NAME.sub(lambda match: values.get(match.group(1), ""), pattern)
    text = re.sub(r"\s+([.,;:?!])", r"\1", re.sub(r"\s{2,}", " ", text)).strip()
    return _START.sub(lambda match: match.group().upper(), text[:1].upper() + text[1:])


def needs(pattern: str) -> set[str]:
    """The names that a pattern cannot do without: those outside its optional parts."""
    earlier = None
    while earlier != pattern:
        earlier, pattern = pattern, _OPTIONAL.sub("", pattern)
    return set(_NAME.findall(pattern))
