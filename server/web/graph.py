"""Reading the graph for the pages: SPARQL over named graphs through the one backend protocol, so that the pages work on
every engine. Text from a request never becomes query text: an IRI is checked, a string escaped (SPARQL 1.1 §19.7)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend, Row
from kg.terms import DOC, ENTITIES_GRAPH, ID, KG, ONTOLOGY_GRAPH, PREFIXES, Iri, Literal, Term

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_NAME: Final = re.compile(r"[A-Za-z0-9_.~-]+")
_PROLOGUE: Final = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})

ENTITIES: Final = f"<{ENTITIES_GRAPH}>"
ONTOLOGY: Final = f"<{ONTOLOGY_GRAPH}>"
#: That ?passage is a passage of a document: what its graph holds is stated there. A graph below a document's is one
#: (rule known-graph); to join with all 300,000 passages of 2,500 documents, as engines do, took two seconds.
STATED: Final = f'FILTER (STRSTARTS(STR(?passage), "{DOC}") && !STRENDS(STR(?passage), "/"))'
#: How urgent ?action is.
RANKED: Final = f"GRAPH {ENTITIES} {{ ?action kg:urgencyRank ?rank }}"


@dataclass(frozen=True)
class GraphReader:
    """Asks one backend; every query of a page has `deadline_s` seconds from the moment that it is asked."""

    backend: Backend
    deadline_s: float = 10.0

    def rows(self, where: str) -> list[Row]:
        """The rows of a SELECT whose prefixes are those of `kg.terms.PREFIXES`.

        Raises: EngineError.
        """
        return self.backend.query(_PROLOGUE + where, deadline=time.monotonic() + self.deadline_s).rows


def thing_iri(text: str) -> str | None:
    """The IRI that a request means by a local name or a full IRI; None when it can be neither."""
    if _NAME.fullmatch(text):
        return ID + text
    return text if _IRI.fullmatch(text) else None


def relation_iri(text: str) -> str | None:
    """The IRI of a property or class by its local name in the vocabulary, or as it stands."""
    if _NAME.fullmatch(text):
        return KG + text
    return text if _IRI.fullmatch(text) else None


def iris(values: Iterable[str]) -> str:
    """IRIs as they stand in a VALUES block; one that cannot stand there is left out."""
    return " ".join(f"<{value}>" for value in values if _IRI.fullmatch(value))


def string(text: str) -> str:
    """A string literal in SPARQL."""
    return f'"{text.translate(_ESCAPES)}"'


def text(row: Row, name: str) -> str:
    """The text of a variable: a literal's lexical form or an IRI; empty when unbound."""
    return value_of(row.get(name))


def value_of(term: Term | None) -> str:
    """The lexical form of a literal, an IRI as it stands; empty for anything else."""
    return term.value if isinstance(term, Iri | Literal) else ""


def number(row: Row, name: str, default: int = 0) -> int:
    """The whole number of a variable; `default` when unbound or no number."""
    found = text(row, name)
    return int(found) if found.lstrip("-").isdigit() else default
