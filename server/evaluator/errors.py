"""What the isolation adds to the engine's errors (the tree in `kg/backends/__init__.py`), with the status of each:

EngineError
├── QueryTooDeep          400
│   └── TooManyTokens     400  the query has more tokens than the parser is given
├── QueryTooLong          413  the text is longer than the limit
├── ServiceRefused        501  SERVICE or LOAD: this service fetches nothing
├── KindNotAcceptable     406  the query is of a kind for which no media type was acceptable; carries the kind
├── DatasetInText         400  dataset parameters beside USING or WITH in the update (SPARQL 1.1 Protocol §2.2.3)
└── DataSyntaxError       400  the graph sent does not parse; carries line and column where known
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from kg.backends import (
    EngineError,
    EngineFailed,
    OutOfMemory,
    QuerySyntaxError,
    QueryTooDeep,
    QueryTooLarge,
)


class TooManyTokens(QueryTooDeep):
    """The query has more tokens than the limit."""


class QueryTooLong(EngineError):
    """The text of the query is longer than the limit."""


class ServiceRefused(EngineError):
    """The query or update would fetch something from elsewhere."""


class KindNotAcceptable(EngineError):
    """The query parses, but its kind of result has no acceptable media type."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"none of the accepted media types can hold the result of this query, which is a {kind} result"
        )
        self.kind = kind


class DatasetInText(EngineError):
    """Dataset parameters were sent with an update that names its dataset itself."""


class DataSyntaxError(EngineError):
    """Data sent to be stored does not parse; `line` and `column` count from 1, None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


_PLAIN: Final = MappingProxyType(
    {
        error.__name__: error
        for error in (
            DatasetInText,
            EngineFailed,
            OutOfMemory,
            QueryTooDeep,
            QueryTooLarge,
            ServiceRefused,
            TooManyTokens,
        )
    }
)
_PLACED: Final = MappingProxyType({error.__name__: error for error in (DataSyntaxError, QuerySyntaxError)})


def raise_described(header: dict[str, Any]) -> None:
    """Raise the error that a message from a child process describes; nothing where it describes none.

    Raises: EngineError.
    """
    name = header.get("error")
    if name is None:
        return
    if name == KindNotAcceptable.__name__:
        raise KindNotAcceptable(header["kind"])
    if name in _PLACED:
        raise _PLACED[name](header["message"], header["line"], header["column"])
    raise _PLAIN.get(name, EngineFailed)(header["message"])
