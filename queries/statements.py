"""What the graph says of passages and headings, and what each passage states, read for citations."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from kg.backends import Backend, Row
from kg.backends.embedded import EmbeddedBackend
from kg.terms import DOC, Iri, Literal, Term

QUERY_S: Final = 10.0

About = Mapping[str, list[Term]]
Triple = tuple[str, str, Term]


class Statements:
    """Reads them of a backend: by queries, or of an embedded store, which is five times as fast, from its index."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._store = backend if isinstance(backend, EmbeddedBackend) else None

    def about(self, subjects: Iterable[str]) -> Mapping[str, About]:
        """What document graphs say of passages or headings and of their spans; a span's facts stand with its owner.

        Raises: EngineError.
        """
        out: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        if self._store is not None:
            for subject in subjects:
                if subject.startswith(DOC):
                    for node in (subject, f"{subject}#span"):
                        for predicate, term in self._store.about(node, subject.rpartition("/")[0] + "/"):
                            out[subject][predicate].append(term)
            return out
        names = " ".join(f"<{s}> <{s}#span>" for s in subjects)
        if not names:
            return out
        for row in self._rows(f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }}"):
            subject_, predicate_ = row["s"], row["p"]
            if isinstance(subject_, Iri) and isinstance(predicate_, Iri):
                out[subject_.value.removesuffix("#span")][predicate_.value].append(row["o"])
        return out

    def stated(self, passages: Iterable[str]) -> Mapping[str, list[Triple]]:
        """The statements of each passage's own graph.

        Raises: EngineError.
        """
        out: dict[str, list[Triple]] = defaultdict(list)
        if self._store is not None:
            for passage in passages:
                for quad in self._store.statements(passage):
                    out[passage].append((text(quad.subject), quad.predicate.value, quad.object))
            return out
        names = " ".join(f"<{passage}>" for passage in passages)
        if not names:
            return out
        for row in self._rows(f"SELECT ?g ?s ?p ?o WHERE {{ VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }}"):
            out[text(row["g"])].append((text(row["s"]), text(row["p"]), row["o"]))
        return out

    def _rows(self, query: str) -> list[Row]:
        return self._backend.query(query, deadline=time.monotonic() + QUERY_S).rows


def text(term: Term) -> str:
    """The text of an IRI or literal."""
    return term.value if isinstance(term, Iri | Literal) else str(term)
