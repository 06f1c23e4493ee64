"""Triage: does the text report a finding for which the document has a warning? Read on every input, over all of it.

Findings, their names and the ways people say them come from the graph; the words for denial and for asking about a list
from the language files. Linear in the length of the text.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend
from kg.terms import ENTITIES_GRAPH, Iri, Literal
from queries.lexicon import Lexicon

QUERY_S: Final = 10.0
_WARNINGS: Final = f"""PREFIX kg: <https://w3id.org/backstory/ns#>
SELECT ?passage ?warning ?trigger ?action ?rank ?level WHERE {{
  GRAPH ?passage {{ ?warning kg:hasTrigger ?trigger ; kg:recommendsAction ?action }}
  GRAPH <{ENTITIES_GRAPH}> {{ ?action kg:urgencyRank ?rank ; kg:safetyLevel ?level }}
}}"""


@dataclass(frozen=True, slots=True)
class Warning_:
    """A warning of a document: the findings that must all hold, the action, its rank and level, and the passage."""

    iri: str
    passage: str
    triggers: frozenset[str]
    action: str
    rank: int
    level: str


def read_warnings(backend: Backend) -> tuple[Warning_, ...]:
    """All warnings of the graph, in the order of their passages.

    Raises: EngineError.
    """
    rows = backend.query(_WARNINGS, deadline=time.monotonic() + QUERY_S).rows
    triggers: dict[str, set[str]] = defaultdict(set)
    others: dict[str, tuple[str, str, int, str]] = {}
    for row in rows:
        text = {name: term.value for name, term in row.items() if isinstance(term, Iri | Literal)}
        triggers[text["warning"]].add(text["trigger"])
        others[text["warning"]] = (text["passage"], text["action"], int(text["rank"]), text["level"])
    found = []
    for iri, (passage, action, rank, level) in sorted(others.items()):
        found.append(Warning_(iri, passage, frozenset(triggers[iri]), action, rank, level))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Raised:
    """A warning that holds: the finding that was met, and whether only a broader one was ("if you have that")."""

    warning: Warning_
    finding: str
    if_so: bool


class Warnings:
    """All warnings by the findings that raise them: the trigger itself, what is narrower, and what is broader."""

    def __init__(self, warnings: Sequence[Warning_], lexicon: Lexicon) -> None:
        self._warnings = warnings
        self._raises: dict[str, list[tuple[Warning_, str, bool]]] = defaultdict(list)
        self._above = {thing.iri: thing.broader for thing in lexicon.things.values()}
        narrower: dict[str, list[str]] = defaultdict(list)
        for thing in lexicon.things.values():
            for broad in thing.broader:
                narrower[broad].append(thing.iri)
        for warning in warnings:
            for trigger in sorted(warning.triggers):
                for finding in _closure(trigger, narrower):
                    self._raises[finding].append((warning, trigger, False))
                for finding in _closure(trigger, self._above) - {trigger}:
                    self._raises[finding].append((warning, trigger, True))

    @property
    def findings(self) -> frozenset[str]:
        """All findings that raise a warning."""
        return frozenset(self._raises)

    def passages(self, finding: str) -> set[str]:
        """The passages of all warnings that the finding raises."""
        return {warning.passage for warning, _, _ in self._raises.get(finding, ())}

    def akin(self, finding: str, others: Iterable[str]) -> bool:
        """Whether the finding is one of the others, or broader or narrower than one."""
        own = _closure(finding, self._above)
        return any(other in own or finding in _closure(other, self._above) for other in others)

    def raised(self, findings: Iterable[str], broader: bool = True) -> list[Raised]:
        """The warnings whose triggers are all met by these findings, the most urgent first."""
        met: dict[Warning_, dict[str, tuple[str, bool]]] = defaultdict(dict)
        for finding in sorted(set(findings)):
            for warning, trigger, if_so in self._raises.get(finding, ()):
                if if_so and not broader:
                    continue
                known = met[warning].get(trigger)
                if known is None or (known[1] and not if_so):
                    met[warning][trigger] = (finding, if_so)
        out = []
        for warning, triggers in met.items():
            if set(triggers) == set(warning.triggers):
                finding, if_so = sorted(triggers.values(), key=lambda entry: entry[1])[0]
                out.append(Raised(warning, finding, if_so))
        return sorted(out, key=lambda r: (r.if_so, -r.warning.rank, r.warning.passage, r.warning.iri))


def _closure(start: str, edges: Mapping[str, Sequence[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(edges.get(node, ()))
    return seen
