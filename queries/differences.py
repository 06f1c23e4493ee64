"""Where another document denies what an answer states: both are shown (DESIGN §2, 5)."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Final

from kg.backends import Backend
from kg.terms import KG, ONTOLOGY_GRAPH, Iri, Term
from queries.citations import verbalised
from queries.lexicon import Lexicon
from queries.statements import Statements, text

QUERY_S: Final = 10.0


class Differences:
    """Finds denials. Safe to share between threads."""

    def __init__(self, backend: Backend, lexicon: Lexicon) -> None:
        self._backend = backend
        self._lexicon = lexicon
        self._statements = Statements(backend)

    def denials(self, passages: Iterable[str], about: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The passages that deny what these passages state of two things of `about`, each with what it says.

        Most statements have no denial that anybody could make: those are told here, and never asked for.
        Raises: EngineError.
        """
        denied = {
            (subject, self._denial[predicate], value.value)
            for triples in self._statements.stated(passages).values()
            for subject, predicate, value in triples
            if predicate in self._denial and isinstance(value, Iri) and subject in about and value.value in about
        }
        if not denied:
            return {}
        asked = " ".join(f"(<{subject}> <{denial}> <{thing}>)" for subject, denial, thing in sorted(denied))
        query = f"SELECT ?g ?s ?p ?o WHERE {{ VALUES (?s ?p ?o) {{ {asked} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        found: dict[str, list[tuple[str, str, Term]]] = {}
        for row in self._backend.query(query, deadline=time.monotonic() + QUERY_S).rows:
            found.setdefault(text(row["g"]), []).append((text(row["s"]), text(row["p"]), row["o"]))
        return {passage: verbalised(facts, self._lexicon) for passage, facts in sorted(found.items())}

    @cached_property
    def _denial(self) -> Mapping[str, str]:
        """The denial of each property that has one."""
        query = f"SELECT ?p ?d WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?p <{KG}negatedBy> ?d }} }}"
        rows = self._backend.query(query, deadline=time.monotonic() + QUERY_S).rows
        return {text(row["p"]): text(row["d"]) for row in rows}
