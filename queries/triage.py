"""Triage: does the text report a finding for which the document has a warning? Read on every input, over all of it.

Findings, their names and the ways people say them come from the graph; the words for denial and for asking about a list
from the language files. Linear in the length of the text.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend
from kg.terms import ENTITIES_GRAPH, Iri, Literal
from queries.lexicon import Lexicon
from queries.things import Triggers, Warning_

QUERY_S: Final = 10.0
#: Documents that are cited for one and the same warning.
SAYING_THE_SAME: Final = 3
#: Findings whose warnings are kept in memory.
KEPT: Final = 20_000
_WARNINGS: Final = f"""PREFIX kg: <https://w3id.org/backstory/ns#>
SELECT ?passage ?warning ?trigger ?action ?rank ?level WHERE {{ %s
  GRAPH ?passage {{ ?warning kg:hasTrigger ?trigger ; kg:recommendsAction ?action }}
  GRAPH <{ENTITIES_GRAPH}> {{ ?action kg:urgencyRank ?rank ; kg:safetyLevel ?level }}
}}"""


def read_warnings(backend: Backend, document: str | None = None) -> tuple[Warning_, ...]:
    """All warnings of the graph, or those of one document, by IRI.

    Raises: EngineError.
    """
    passages = f"GRAPH <{document}> {{ ?passage a kg:Passage }}" if document is not None else ""
    rows = backend.query(_WARNINGS % passages, deadline=time.monotonic() + QUERY_S).rows
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


def by_trigger(warnings: Iterable[Warning_]) -> Mapping[str, Sequence[Warning_]]:
    """Warnings that were read into memory, by trigger."""
    found: dict[str, list[Warning_]] = defaultdict(list)
    for warning in warnings:
        for trigger in warning.triggers:
            found[trigger].append(warning)
    return dict(found)


def document_of(warning: Warning_) -> str:
    """The IRI of the document of a warning."""
    return warning.passage.rpartition("/")[0] + "/"


def fewest(raised: Sequence[Raised]) -> list[Raised]:
    """Of warnings of several documents that say the same of a finding, those of the first few documents."""
    had: dict[tuple[str, str], set[str]] = {}
    kept = []
    for one in raised:
        documents = had.setdefault((one.finding, one.warning.action), set())
        if document_of(one.warning) in documents or len(documents) < SAYING_THE_SAME:
            documents.add(document_of(one.warning))
            kept.append(one)
    return kept


class Warnings:
    """All warnings by the findings that raise them: the trigger itself, what is narrower, and what is broader.

    A finding's warnings are worked out when it is first met, and kept. Safe to share between threads.
    """

    def __init__(self, triggers: Triggers, lexicon: Lexicon) -> None:
        self._triggers = triggers
        self._lexicon = lexicon
        self._kept: dict[str, tuple[tuple[Warning_, str, bool], ...]] = {}

    def __contains__(self, finding: object) -> bool:
        """Whether a finding raises a warning."""
        return isinstance(finding, str) and bool(self._raised_by(finding))

    def _raised_by(self, finding: str) -> tuple[tuple[Warning_, str, bool], ...]:
        """The warnings that a finding raises, each with its trigger, and whether that is narrower than the finding."""
        known = self._kept.get(finding)
        if known is None:
            own, parts = _closure(finding, self._above), _closure(finding, self._lexicon.narrower) - {finding}
            met = [(trigger, if_so) for triggers, if_so in ((own, False), (parts, True)) for trigger in triggers]
            raised = [(w, trigger, if_so) for trigger, if_so in met for w in self._triggers.get(trigger) or ()]
            known = tuple(sorted(raised, key=lambda one: (one[0].iri, one[1], one[2])))
            if len(self._kept) > KEPT:
                self._kept.clear()
            self._kept[finding] = known
        return known

    def _above(self, iri: str) -> Sequence[str]:
        thing = self._lexicon.things.get(iri)
        return thing.broader if thing is not None else ()

    def passages(self, finding: str) -> set[str]:
        """The passages of all warnings that the finding raises."""
        return {warning.passage for warning, _, _ in self._raised_by(finding)}

    def akin(self, finding: str, others: Iterable[str]) -> bool:
        """Whether the finding is one of the others, or broader or narrower than one."""
        own = _closure(finding, self._above)
        return any(other in own or finding in _closure(other, self._above) for other in others)

    def raised(self, findings: Iterable[str], broader: bool = True) -> list[Raised]:
        """The warnings whose triggers are all met by these findings, the most urgent first."""
        met: dict[Warning_, dict[str, tuple[str, bool]]] = defaultdict(dict)
        for finding in sorted(set(findings)):
            for warning, trigger, if_so in self._raised_by(finding):
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


def _closure(start: str, edges: Callable[[str], Sequence[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(edges(node))
    return seen
