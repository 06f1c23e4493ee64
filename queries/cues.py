"""Cues: groups of words by which people report findings, and the rules of how they stand together.

A rule is one line of data: `limb & weak` (in any order), `unable > lift > limb` (in this order), `@ 6` (within so many
words, else the file's reach), `! effort` (not in a sentence with that cue).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.terms import ID
from queries.language_file import language_file
from queries.phrases import PhraseError
from queries.template import QuestionFileError
from queries.trie import Reading, Trie
from queries.words import LANGUAGE_DIR, Writing

_FILE: Final = "en.findings.yaml"
_RULE: Final = re.compile(r"^([a-z0-9_ &>]+?)(?:@ *(\d+))? *(?:!([a-z0-9_ ]+))?$")
#: Lists of words beside the cues: what ends a report, and how far.
ELSEWHERE: Final = "elsewhere"
SOMEBODY: Final = "somebody"
#: The lists that can deny a finding; the others of DENIAL only say how far.
DENYING: Final = frozenset(("denial.no", "denial.not", "denial.after"))
DENIAL: Final = ("no", "not", "can_not", "no_denial", "reset", "subject", "transparent", "after")


class Cue(NamedTuple):
    """A cue in a text: the words `[start, end)` and the name of its group."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Cues that report a finding when they stand within `reach` words, in order or not, without the cues `unless`."""

    finding: str
    cues: tuple[str, ...]
    reach: int
    ordered: bool
    unless: frozenset[str]


@dataclass(frozen=True)
class Cues:
    """The cues of a language, and the findings that they make up together."""

    trie: Trie
    rules: Mapping[str, tuple[Rule, ...]]

    @classmethod
    def load(cls, writing: Writing, path: Path = LANGUAGE_DIR / _FILE) -> Cues:
        """The cues of a language file; its rules are kept by their first cue.

        Raises: QuestionFileError for a phrase or a rule that does not parse, or a rule with an unknown cue.
        """
        with language_file(path) as data:
            trie = Trie()
            lists = {**data["cues"], ELSEWHERE: data[ELSEWHERE], SOMEBODY: data[SOMEBODY]}
            lists.update({f"denial.{name}": data["denial"][name] for name in DENIAL})
            for name, phrases in lists.items():
                for phrase in phrases:
                    try:
                        trie.add_phrase(phrase, Reading("cue", name), writing.texts)
                    except PhraseError as error:
                        raise QuestionFileError(_FILE, 1, "phrase", f"{name}: {error}") from error
            rules: dict[str, list[Rule]] = defaultdict(list)
            for thing, lines in data["findings"].items():
                for line in lines:
                    rule = _rule(ID + thing.removeprefix("id:"), line, int(data["reach"]), data["cues"])
                    rules[rule.cues[0]].append(rule)
            return cls(trie, {name: tuple(found) for name, found in rules.items()})

    def found(self, texts: Sequence[str], first: int, last: int) -> dict[str, list[Cue]]:
        """The cues of the words `[first, last)` by their group, each group in the order of the text."""
        out: dict[str, list[Cue]] = {}
        for at in range(first, last):
            for end, readings in self.trie.matches(texts, at):
                if end <= last:
                    for reading in readings:
                        out.setdefault(reading.name, []).append(Cue(at, end, reading.name))
        return out


def _rule(finding: str, line: str, reach: int, known: Mapping[str, Any]) -> Rule:
    """The rule that a line says.

    Raises: QuestionFileError.
    """
    match = _RULE.match(line)
    if match is None or ("&" in line and ">" in line):
        raise QuestionFileError(_FILE, 1, "rule", f"{finding}: cannot read {line!r}")
    names = tuple(name.strip() for name in re.split("[&>]", match.group(1)))
    unless = frozenset((match.group(3) or "").split())
    for name in (*names, *unless):
        if name not in known:
            raise QuestionFileError(_FILE, 1, "cue", f"{finding}: there is no cue {name!r}")
    return Rule(finding, names, int(match.group(2) or reach), ">" in line, unless)
