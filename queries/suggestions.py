"""Suggestions: whole questions while somebody types, the nearest questions to a refused one, related passages."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlencode

from kg.backends import Backend
from kg.terms import ID, KG, Iri
from queries.citations import Citation, Citations
from queries.lexicon import Lexicon, Thing, number_forms
from queries.template import Frame, Template
from queries.understanding import Reading_

QUERY_S: Final = 10.0
#: How many questions and passages a refusal offers.
MOST: Final = 3
#: A thing that fits a slot counts as much as a concept that three question files share.
THING_WEIGHT: Final = 0.25
#: What the words speak for comes before what only shares concepts with them.
LIKELY_FIRST: Final = 1_000.0
#: What a missing concept costs.
MISSING_WEIGHT: Final = 0.15


class Suggestions:
    """All questions of the catalogue in words. Immutable, safe to share."""

    def __init__(
        self,
        templates: Sequence[Template],
        lexicon: Lexicon,
        backend: Backend,
        topic: str | None,
    ) -> None:
        self._backend = backend
        self._lexicon = lexicon
        self._topic = topic
        self._templates = templates
        self._questions = [_written(str(template.examples[0]["ask"])) for template in templates]
        concepts = [{c for frame in t.frames for options in frame.concepts for c in options} for t in templates]
        self._asked_for = Counter(concept for named in concepts for concept in named)

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Questions of the catalogue that continue a prefix, then those that hold all its words."""
        typed = prefix.strip().lower()
        starts = [question for question in self._questions if question.lower().startswith(typed)]
        words = typed.split()
        holds = [q for q in self._questions if q not in starts and all(word in q.lower() for word in words)]
        return [*starts, *holds][:limit]

    def nearest(self, reading: Reading_, topic: str | None) -> tuple[tuple[str, str], ...]:
        """At most three questions, those that the words of a text speak for before those that share the most with what
        was understood of it, about the things it names; `topic` is the condition that it was read about."""
        things = [self._lexicon.things[iri] for iri in reading.things if iri not in (topic, self._topic)]
        found = {*reading.concepts, *reading.things}
        tied = {fit.template.id for fit in reading.ambiguous}
        scored: list[tuple[float, int]] = []
        for place, template in enumerate(self._templates):
            score = max((self._nearness(frame, found) for frame in template.frames), default=0.0)
            score += THING_WEIGHT * sum(1 for thing in things if _slot_for(template, thing))
            score += 2 if template.id in tied else 0
            if template.id in reading.likely:
                score = LIKELY_FIRST - reading.likely.index(template.id)
            if score > 0:
                scored.append((-score, place))
        near = sorted(scored)[: 2 * MOST]
        questions = list(dict.fromkeys(self._about(self._templates[place], things, topic) for _, place in near))
        return tuple((question, "/ask?" + urlencode({"q": question})) for question in questions[:MOST])

    def _nearness(self, frame: Frame, found: set[str]) -> float:
        """How much of what a frame requires is there. A concept weighs the more, the fewer question files ask for it,
        and what is missing counts against the frame."""
        nearness = 0.0
        for options in frame.concepts:
            shared = [name for name in options if name in found or ID + name.removeprefix("id:") in found]
            if shared:
                nearness += max(1 / (1 + self._asked_for[name]) for name in shared)
            else:
                nearness -= MISSING_WEIGHT
        return nearness

    def _about(self, template: Template, things: Sequence[Thing], topic: str | None) -> str:
        """A question file's first example, with a thing that the text names in the place of its own, and with the
        condition that the text is about in the place of the example's."""
        question = str(template.examples[0]["ask"])
        about = self._lexicon.things.get(topic or "")
        if about is not None and template.topic_slot is not None:
            example = self._lexicon.things.get(template.slots[template.topic_slot].example)
            if example is not None and example.iri != about.iri:
                question = _instead(question, example, about)
        for thing in things:
            name = _slot_for(template, thing)
            if name is None or any(known in question.lower() for known in (thing.label, *thing.alt_labels)):
                continue
            example = self._lexicon.things.get(template.slots[name].example)
            if example is not None and example.kind == thing.kind:
                question = _instead(question, example, thing)
                break
        return _written(question)

    def related(self, things: Iterable[str], citations: Citations) -> list[tuple[Citation, str]]:
        """At most three passages that speak of things named in a text, and why they are shown."""
        wanted = [thing for thing in things if thing != self._topic][:MOST]
        if not wanted:
            return []
        names = " ".join(f"<{thing}>" for thing in wanted)
        query = (
            f"SELECT DISTINCT ?passage ?thing WHERE {{ VALUES ?thing {{ {names} }} "
            "GRAPH ?passage { { ?thing ?p ?o } UNION { ?s ?p ?thing } } "
            f"GRAPH ?document {{ ?passage a <{KG}Passage> }} }}"
        )
        why: dict[str, str] = {}
        for row in self._backend.query(query, deadline=time.monotonic() + QUERY_S).rows:
            passage, thing = row["passage"], row["thing"]
            if isinstance(passage, Iri) and isinstance(thing, Iri):
                label = self._lexicon.things[thing.value].label
                why[passage.value] = min(label, why.get(passage.value, label))
        found = citations.of(sorted(why)[:MOST])
        return [(citation, why[citation.passage]) for citation in found]


def _written(question: str) -> str:
    """A question with a capital letter and a question mark."""
    text = question.strip().rstrip("?")
    return text[:1].upper() + text[1:] + "?"


def _instead(question: str, example: Thing, thing: Thing) -> str:
    """A question about another thing than its example's: in the same number where the thing has both, and without an
    article where it has but one."""
    names = sorted((example.label, *example.alt_labels), key=len, reverse=True)
    place = re.search(rf"\b(an? )?({'|'.join(map(re.escape, names))})\b", question, re.IGNORECASE)
    if place is None:
        return question
    forms = (thing.label, *(name for name in thing.alt_labels if name in tuple(number_forms(thing.label))))
    alike = next((form for form in forms if form.endswith("s") == place[2].endswith("s")), None)
    article = f"{'an' if alike[:1] in 'aeiou' else 'a'} " if place[1] and alike and len(forms) > 1 else ""
    return question[: place.start()] + article + (alike or thing.label) + question[place.end() :]


def _slot_for(template: Template, thing: Thing) -> str | None:
    """The slot, other than the topic's, that takes a thing."""
    for name, slot in template.slots.items():
        if not slot.topic and not thing.classes.isdisjoint(slot.classes):
            return name
    return None
