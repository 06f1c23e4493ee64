"""The rules of drafting, as data (`language/en.drafting.yaml`): what items state, and what belongs to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queries.language_file import read_language
from queries.words import LANGUAGE_DIR


@dataclass(frozen=True, slots=True)
class Rule:
    """What the items below certain words state; see the head of `en.drafting.yaml`."""

    name: str
    when: tuple[re.Pattern[str], ...]
    kind: str
    state: str | None
    action: str | None
    otherwise: Mapping[str, str]
    about: tuple[str, frozenset[str]] | None


@dataclass(frozen=True, slots=True)
class Members:
    """What is stated of known things that an item names besides the group (of the class `of`) which it begins with."""

    name: str
    under: frozenset[str]
    of: str
    members: str
    state: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in their order; how a sentence begins a list of its own (the group `list`); words that no new name
    begins with; the abbreviations that end no sentence."""

    items: tuple[Rule, ...]
    members: tuple[Members, ...]
    brands: tuple[re.Pattern[str], ...]
    lists: tuple[re.Pattern[str], ...]
    leading: frozenset[str]
    abbreviations: frozenset[str]


def load_rules(path: Path = LANGUAGE_DIR / "en.drafting.yaml") -> Rules:
    """The rules of a language.

    Raises: QuestionFileError, re.error, KeyError for a rule without its parts.
    """
    data: Mapping[str, Any] = read_language(path)
    return Rules(
        tuple(_rule(rule) for rule in data["rules"]),
        tuple(Members(m["name"], frozenset(m["under"]), m["of"], m["members"], m["state"]) for m in data["members"]),
        tuple(re.compile(pattern) for pattern in data["brands"]),
        tuple(re.compile(pattern, re.IGNORECASE) for pattern in data["lists"]),
        frozenset(data["leading"]),
        frozenset(data["abbreviations"]),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    about = data.get("about")
    return Rule(
        data["name"],
        tuple(re.compile(pattern) for pattern in data["when"]),
        data["kind"],
        data.get("state"),
        data.get("action"),
        data.get("otherwise", {}),
        (about["state"], frozenset(about["of"])) if about else None,
    )
