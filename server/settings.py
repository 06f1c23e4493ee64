"""Settings are rows: the name carries its unit, the help says why; the command line, the environment and the docs
are made from the same rows.

A setting is read from the flag `--deadline-ms`, else from the environment `BACKSTORY_DEADLINE_MS`, else its default.
The administrator's token is no setting: it comes from the environment `BACKSTORY_TOKEN` only, since a flag shows in
`ps`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name (with the unit), default and one sentence why it exists."""

    name: str
    default: Any
    help: str

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return "BACKSTORY_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("host", "127.0.0.1", "address to listen on; the default is reachable from this machine only"),
    Setting("port", 8000, "port to listen on"),
    Setting("store", "memory:", "memory:, a directory, or the http(s) address of a SPARQL endpoint"),
    Setting(
        "sources", "", "directory with copies of the documents (<document>.txt), so that citations carry quotations"
    ),
    Setting("empty", False, "start with an empty store: no catalogue, no pages, a plain SPARQL store"),
    Setting("writable", False, "with --empty: /store and /update work, with the token of BACKSTORY_TOKEN"),
    Setting("deadline_ms", 10_000, "a query that has not ended by then, counted from its arrival, is stopped with 504"),
    Setting("document_deadline_ms", 120_000, "a write of a document that has not ended by then is given up, with 504"),
    Setting("fast_lane_ms", 50, "a query that works longer is slow for a minute, its client on probation"),
    Setting("evaluators", 4, "ad-hoc queries evaluated at a time: half as many slow ones, twice as many fast ones"),
    Setting("evaluator_memory_mib", 1024, "address space for all evaluators beyond the graph, half for each lane"),
    Setting("evaluator_stack_mib", 64, "stack of an evaluator; a query nested deeper than that is refused with 400"),
    Setting("result_max_bytes", 64 * 1024 * 1024, "a result larger than that is refused whole with 422, never cut"),
    Setting(
        "download_max_quads", 500_000, "a dataset with more statements is not offered whole at /dataset.nq, with 422"
    ),
    Setting("query_max_bytes", 64 * 1024, "a query longer than that is refused with 413; lifted by --empty --writable"),
    Setting(
        "query_max_depth",
        64,
        "a query with deeper nested brackets is refused with 400, before the parser's stack is at risk",
    ),
    Setting("query_max_tokens", 16_384, "a query with more tokens is refused with 400"),
    Setting("queue_length", 64, "queries that may wait; a further one is told 503 with Retry-After"),
    Setting("queue_per_client", 8, "slow queries of one client that may wait; a further one is told 429, Retry-After"),
    Setting("body_max_bytes", 64 * 1024 * 1024, "a request body larger than that is refused with 413"),
    Setting("body_timeout_ms", 10_000, "a request body must have come whole by then, else 408"),
    Setting("question_body_max_bytes", 64 * 1024, "a body sent to /ask larger than that is refused with 413"),
    Setting("body_patience_ms", 100, "a request body that has come whole by then is not counted as slow"),
    Setting(
        "bodies_per_client", 4, "slow request bodies of one address that may be coming in; a further one is told 503"
    ),
    Setting("bodies", 32, "slow request bodies that may be coming in in all; a further one is told 503"),
    Setting(
        "threads", 96, "threads that answer requests; more than queries can wait, so that questions are always answered"
    ),
    Setting("requests_waiting", 512, "requests that may wait for a thread; a further one is told 503 with Retry-After"),
    Setting("cache_max_bytes", 32 * 1024 * 1024, "memory for finished answers"),
    Setting("trusted_proxies", 0, "proxies in front whose X-Forwarded-For entries are believed"),
    Setting("log_requests", True, "write one JSON line for each request to standard error"),
    Setting("log_questions", False, "write the text of questions and queries into the request log"),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one service; every row of `SETTINGS` is an attribute."""

    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    token: str | None = field(default=None, repr=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self.values:
            return self.values[name]
        for row in SETTINGS:
            if row.name == name:
                return row.default
        raise AttributeError(f"no setting is called {name!r}")

    @property
    def sources_dir(self) -> Path | None:
        """The directory of copies of the documents, or None."""
        return Path(self.sources) if self.sources else None


def parse(row: Setting, text: str) -> Any:
    """A setting's value from its text, in the type of its default.

    Raises: ValueError, naming the setting and what it takes.
    """
    if isinstance(row.default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off", ""):
            return False
        raise ValueError(f"{row.variable}: {text!r} is neither true nor false")
    if isinstance(row.default, int):
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{row.variable}: {text!r} is no whole number") from None
    return text


def from_environment(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings from the environment, with `overrides` (from the command line) on top.

    Raises: ValueError for a variable that does not parse, or an override that is no setting.
    """
    rows = {row.name: row for row in SETTINGS}
    values = {
        row.name: parse(row, environ[row.variable]) if row.variable in environ else row.default for row in SETTINGS
    }
    for name, value in (overrides or {}).items():
        if name not in rows:
            raise ValueError(f"no setting is called {name!r}; there are: {', '.join(rows)}")
        if value is not None:
            values[name] = value
    return Settings(MappingProxyType(values), environ.get("BACKSTORY_TOKEN") or None)
