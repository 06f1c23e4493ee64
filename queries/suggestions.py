"""Suggestions: whole questions while somebody types, the nearest questions to a refused one, related passages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlencode

from kg.backends import Backend
from kg.terms import Iri, local_name
from queries.citations import Citation, Citations
from queries.lexicon import Lexicon
from queries.phrases import expand, parse
from queries.template import Template
from queries.understanding import Reading_
from queries.vocabulary import Language

QUERY_S: Final = 10.0
MOST: Final = 3


class Suggestions:
    """All questions of the catalogue in words. Immutable, safe to share."""

    def __init__(
        self, templates: Sequence[Template], language: Language, lexicon: Lexicon, backend: Backend, topic: str | None
    ) -> None:
        self._backend = backend
        self._lexicon = lexicon
        self._language = language
        self._topic = topic
        self._questions = [(self._question(t), t) for t in templates]

    def _question(self, template: Template) -> str:
        """The first example of a question file, with a capital letter and a question mark."""
        text = str(template.examples[0]["ask"]).strip()
        return text[:1].upper() + text[1:].rstrip("?") + "?"

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Questions of the catalogue that continue a prefix, then those that hold all its words."""
        typed = prefix.strip().lower()
        starts = [q for q, _ in self._questions if q.lower().startswith(typed)]
        words = typed.split()
        holds = [q for q, _ in self._questions if q not in starts and all(w in q.lower() for w in words)]
        return [*starts, *holds][:limit]

    def nearest(self, reading: Reading_) -> tuple[tuple[str, str], ...]:
        """At most three questions that share the most with what was understood of a text."""
        wanted = set(reading.concepts)
        things = set(reading.things)
        scored = []
        for n, (question, template) in enumerate(self._questions):
            concepts = {c for frame in template.frames for options in frame.concepts for c in options}
            classes = {kind for slot in template.slots.values() if not slot.topic for kind in slot.classes}
            fits = sum(1 for t in things if t in self._lexicon.things and self._lexicon.things[t].classes & classes)
            score = 2 * len(wanted & concepts) + fits
            if score:
                scored.append((-score, n, question))
        return tuple((question, "/ask?" + urlencode({"q": question})) for _, _, question in sorted(scored)[:MOST])

    def related(self, things: Iterable[str], citations: Citations) -> list[tuple[Citation, str]]:
        """At most three passages that speak of things named in a text, and why they are shown."""
        wanted = [thing for thing in things if thing != self._topic][:MOST]
        if not wanted:
            return []
        names = " ".join(f"<{thing}>" for thing in wanted)
        query = (
            f"SELECT DISTINCT ?passage ?thing WHERE {{ VALUES ?thing {{ {names} }} "
            "GRAPH ?passage { { ?thing ?p ?o } UNION { ?s ?p ?thing } } "
            "GRAPH ?document { ?passage a <https://w3id.org/backstory/ns#Passage> } }"
        )
        rows = self._backend.query(query, deadline=time.monotonic() + QUERY_S).rows
        why: dict[str, str] = {}
        for row in rows:
            passage, thing = row["passage"], row["thing"]
            if isinstance(passage, Iri) and isinstance(thing, Iri):
                why.setdefault(passage.value, self._lexicon.things[thing.value].label)
        found = citations.of(sorted(why)[:MOST])
        return [(citation, why[citation.passage]) for citation in found]


__all__ = ["Suggestions", "expand", "local_name", "parse"]
