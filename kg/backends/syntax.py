"""Oxigraph's syntax errors as ours: one sentence, with line and column."""

from __future__ import annotations

import re
from typing import Final

from kg.backends import QuerySyntaxError

_POSITION: Final = re.compile(r"error at (\d+):(\d+): ")
#: What the parser says in place of a rule: each of these is a sentence of its own, and the reason of the error.
_REASON: Final = re.compile(
    r"(Prefix not found|IRI parsing failed|The SELECT contains [^,\[]*|[A-Z][a-z]+ [a-z][^,\[\]]{8,}[a-z])(?=,|$| or )"
)


def syntax_error(error: SyntaxError, shift: int = 0) -> QuerySyntaxError:
    """The error with its place in the text taken from the message (`error at 2:23: expected …`).

    `shift` is how many characters were put before the text in its first line.
    """
    message = str(error.args[0]) if error.args else str(error)
    found = _POSITION.search(message)
    if found is None:
        return QuerySyntaxError(message)
    line, column = int(found[1]), int(found[2])
    if line == 1:
        column = max(1, column - shift)
    rest = message[found.end() :]
    reason = _REASON.search(rest)
    said = reason[1] if reason else _shortened(rest)
    return QuerySyntaxError(f"syntax error at line {line}, column {column}: {said}", line, column)


def _shortened(rest: str) -> str:
    """The parser's list of what it expected, without the character classes that no reader can use."""
    if not rest.startswith("expected one of "):
        return rest[:300]
    names = [name.strip() for name in rest.removeprefix("expected one of ").split(", ")]
    readable = [name for name in names if "\\u" not in name and not name.startswith("[")]
    return f"expected one of {', '.join(readable[:12])}" if readable else "something else was expected here"
