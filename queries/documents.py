"""What answers need to know of the documents: title, publisher, date, and the condition each is about."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend
from kg.terms import KG, Iri, Literal, local_name

QUERY_S: Final = 10.0
_TOPICS: Final = f"SELECT DISTINCT ?d ?p ?o WHERE {{ GRAPH ?d {{ ?d <{KG}aboutTopic> ?t ; ?p ?o }} }}"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the notice says of a document, and its topic."""

    iri: str
    title: str
    publisher: str
    date: str
    topic: str | None


def read_documents(backend: Backend) -> tuple[DocumentFacts, ...]:
    """The documents of the graph, by IRI.

    Raises: EngineError.
    """
    found: dict[str, dict[str, str]] = {}
    for row in backend.query(_TOPICS, deadline=time.monotonic() + QUERY_S).rows:
        about = found.setdefault(row["d"].value if isinstance(row["d"], Iri) else "", {})
        value = row["o"]
        about[local_name(row["p"].value if isinstance(row["p"], Iri) else "")] = (
            value.value if isinstance(value, Iri | Literal) else ""
        )
    return tuple(
        DocumentFacts(iri, a.get("title", ""), a.get("publisher", ""), a.get("date", ""), a.get("aboutTopic"))
        for iri, a in sorted(found.items())
    )
