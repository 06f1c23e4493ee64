"""Where another document denies what an answer states: both are shown (DESIGN §2, 5)."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from kg.backends import Backend
from kg.terms import KG, ONTOLOGY_GRAPH, Iri
from queries.citations import verbalised
from queries.lexicon import Lexicon

QUERY_S: Final = 10.0


def denials(
    backend: Backend, passages: Iterable[str], about: Collection[str], lexicon: Lexicon
) -> Mapping[str, tuple[str, ...]]:
    """The passages that deny what these passages state of two things of `about`, each with what it says.

    Raises: EngineError.
    """
    names = " ".join(f"<{passage}>" for passage in passages)
    query = f"""SELECT DISTINCT ?denying ?s ?denial ?o WHERE {{
  VALUES ?passage {{ {names} }}
  GRAPH ?passage {{ ?s ?p ?o }}
  GRAPH <{ONTOLOGY_GRAPH}> {{ ?p <{KG}negatedBy> ?denial }}
  GRAPH ?denying {{ ?s ?denial ?o }}
}}"""
    found: dict[str, list[tuple[str, str, Iri]]] = {}
    for row in backend.query(query, deadline=time.monotonic() + QUERY_S).rows:
        passage, subject, denial, thing = (row[name] for name in ("denying", "s", "denial", "o"))
        if not (isinstance(passage, Iri) and isinstance(subject, Iri) and isinstance(denial, Iri)):
            continue
        if isinstance(thing, Iri) and subject.value in about and thing.value in about:
            found.setdefault(passage.value, []).append((subject.value, denial.value, thing))
    return {passage: verbalised(facts, lexicon) for passage, facts in sorted(found.items())}
