"""Weighing: what the words of a text speak for, beside what was found by phrasings and frames.

A frame fits when each word has its place in it, and may still fit a question that means something else; and a question may
mean what a file answers in words that no frame puts together. So each reading but one that is word for word a sentence of
the catalogue is held against the evidence: what has next to no share is dropped, and where one file has most of it, all
things named have a place there, and no word is strange, that file is the reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from queries.context import Text
from queries.evidence import FORM, NONE, Evidence
from queries.features import Features
from queries.filling import Fillable, Filling
from queries.lexicon import Lexicon
from queries.placing import Named, Placing, named
from queries.reading import Segment
from queries.sentences import is_polar, views
from queries.template import Template

#: The least share with which a reading by a frame stands.
STANDS: Final = 0.3
#: The least share with which a file is the reading where no frame fits, or another one.
ENOUGH: Final = 0.4
#: The share beyond which strange words in what only tells change nothing.
BEYOND_DOUBT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question file with its form and the ways to fill its slots, found by evidence, and the share it has."""

    template: Template
    form: str
    ways: tuple[Mapping[str, Filling], ...]
    share: float


class Weighing:
    """Holds readings against the evidence. Immutable, safe to share between threads."""

    def __init__(
        self,
        templates: Mapping[str, Template],
        evidence: Evidence,
        lexicon: Lexicon,
        fillable: Fillable,
        topic: str | None,
    ) -> None:
        self._templates = templates
        self._evidence = evidence
        self._known = {name.partition(FORM)[0] for name in evidence.classes}
        self._features = Features(lexicon, topic)
        self._placing = Placing(lexicon, fillable, topic)

    def shares(self, text: Text, found: str | None, tie: Sequence[str]) -> dict[str, float]:
        """The share of each question file and form, and of none, where phrasings or frames give `found`, or a tie."""
        return self._evidence.shares(self._features.of(text, [] if found is None else [found], tie))

    def best(self, text: Text, found: str | None, tie: Sequence[str]) -> Weighed | None:
        """The file that the evidence speaks for, if it is enough, nothing is strange and all slots are filled; what
        phrasings or frames give needs neither, nor a place in the evidence."""
        if found is not None and found not in self._known:
            return Weighed(self._templates[found], "", (), 1.0)
        shares = self.shares(text, found, tie)
        name, share = max(shares.items(), key=lambda entry: (entry[1], entry[0]))
        id, _, form = name.partition(FORM)
        template = self._templates.get(id)
        if name == NONE or template is None or share < (STANDS if id == found else ENOUGH):
            return None
        runs = named(text)
        if id != found and self._strange(text, runs, share):
            return None
        return Weighed(template, form or self._form(template, text), tuple(self._placing.places(template, runs)), share)

    def _strange(self, text: Text, runs: Named, share: float) -> bool:
        """Whether a word is unknown and rare, or a notion that the graph and the catalogue do not know; where the evidence
        is beyond doubt, what only tells may hold such words."""
        beyond_doubt = share >= BEYOND_DOUBT
        return any(self._is_strange(text, run) for run in (runs.asked if beyond_doubt else (*runs.asked, *runs.told)))

    def _is_strange(self, text: Text, run: Segment) -> bool:
        if not run.readings and not text.is_everyday(run):
            return True
        if any(reading.kind == "thing" for reading in run.readings):
            return False
        return any(text.marks.end("blocking", at) for at in range(run.start, run.end))

    def _form(self, template: Template, text: Text) -> str:
        """The form of the answer: a count where one is asked for, else the question file's own."""
        view = next(views(text.sentences, text.marks), None)
        countable = not template.is_boolean and any(phrasing.form == "count" for phrasing in template.phrasings)
        return "count" if countable and view is not None and text.holds(view, "count") else template.form
