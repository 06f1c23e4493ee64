"""Weighing: what the words of a text speak for, beside what was found by phrasings and frames.

A frame fits when each word has its place in it, and may still fit a question that means something else; and a question
may mean what a file answers in words that no frame puts together. So each reading but one that is word for word a
sentence of the catalogue is held against the evidence: what has next to no share is dropped, and where one file has
most of it, all things named have a place there, and no word is strange, that file is the reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from queries.context import Text
from queries.evidence import FORM, NONE, Evidence
from queries.features import Features
from queries.filling import Fillable, Filling
from queries.lexicon import Lexicon
from queries.placing import Named, Placing, named
from queries.reading import Segment
from queries.sentences import views
from queries.template import Template

#: The least share with which a reading by a frame stands: where no other file has more, and where another has.
AGREED: Final = 0.2
STANDS: Final = 0.2
#: The least share with which a file is the reading where no frame fits, or another one.
ENOUGH: Final = 0.55
#: How much of the share of a file's likelier form the other may have.
DOUBTFUL_FORM: Final = 0.3
#: Question files that are offered where none is the reading.
LIKELIEST: Final = 3
#: The share beyond which strange words in what only tells change nothing.
BEYOND_DOUBT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question file with its form and the ways to fill its slots, found by evidence, and the share it has."""

    template: Template
    form: str | None
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

    def shares(self, text: Text) -> dict[str, float]:
        """The share of each question file and form, and of none."""
        return self._evidence.shares(self._features.of(text))

    def likeliest(self, text: Text) -> tuple[str, ...]:
        """The question files that a text speaks for most, the likeliest first."""
        shares = self.shares(text)
        ranked = sorted(shares, key=lambda name: (-shares[name], name))
        files = dict.fromkeys(name.partition(FORM)[0] for name in ranked if name != NONE)
        return tuple(id for id in files if id in self._templates)[:LIKELIEST]

    def best(self, text: Text, found: str | None) -> Weighed | None:
        """The file that the evidence speaks for, where phrasings or frames give the file `found`, or nothing: that one,
        if it has a share in the evidence (or was no part of it), else the one with the largest share, if that is
        enough, nothing is strange and all slots are filled."""
        if found is not None and found not in self._known:
            return Weighed(self._templates[found], None, (), 1.0)
        files: dict[str, float] = {}
        shares = self.shares(text)
        for name, share in shares.items():
            id = name.partition(FORM)[0]
            files[id] = files.get(id, 0.0) + share
        first = max(files, key=lambda id: (files[id], id))
        if found is not None and files.get(found, 0.0) >= (AGREED if found == first else STANDS):
            return self._weighed(text, found, None, files[found])
        if first == NONE or files[first] < ENOUGH or first not in self._templates:
            return None
        if self._strange(text, named(text), files[first]):
            return None
        if not self._answers_so(self._templates[first], text):
            return None
        form = self._sense(first, shares)
        if form is None:
            return None
        weighed = self._weighed(text, first, form.partition(FORM)[2] or None, files[first])
        return weighed if weighed.ways else None

    def _sense(self, id: str, shares: Mapping[str, float]) -> str | None:
        """The label of a file with most of its evidence: the file, or the file asked in another form. None where two
        come near each other: yes might be no."""
        forms = sorted(((shares[name], name) for name in shares if name.partition(FORM)[0] == id), reverse=True)
        if len(forms) > 1 and forms[1][0] > DOUBTFUL_FORM * forms[0][0]:
            return None
        return forms[0][1]

    def _weighed(self, text: Text, id: str, form: str | None, share: float) -> Weighed:
        template = self._templates[id]
        ways = tuple(self._placing.places(template, named(text)))
        return Weighed(template, form or self._form(template, text), ways, share)

    def _answers_so(self, template: Template, text: Text) -> bool:
        """Whether a file answers in the way that is asked: with yes or no, or with something named."""
        view = next(views(text.sentences, text.marks), None)
        if view is None or text.holds(view, "any"):
            return True
        polar = text.polar(view)
        if polar is False:
            return not template.is_boolean or not text.holds(view, "named")
        return not polar or template.is_boolean or template.form in ("text", "value")

    def _strange(self, text: Text, runs: Named, share: float) -> bool:
        """Whether a word is strange: neither a word of the graph or the catalogue nor met in answerable questions
        that the evidence was learned from, or a notion that changes a question; where the evidence is beyond doubt,
        what only tells may hold both, and what asks such a notion if answerable questions have it."""
        beyond_doubt = share >= BEYOND_DOUBT
        told = () if beyond_doubt else runs.told
        return any(self._is_strange(text, run, beyond_doubt) for run in (*runs.asked, *told))

    def _is_strange(self, text: Text, run: Segment, beyond_doubt: bool) -> bool:
        if not run.readings and not (self._evidence.has_met(text.words[run.start]) or text.says_what_is_done(run)):
            return True
        if any(reading.kind == "thing" for reading in run.readings):
            return False
        if beyond_doubt and all(self._evidence.has_met(word) for word in text.words[run.start : run.end]):
            return False
        return any(text.marks.end("blocking", at) for at in range(run.start, run.end))

    def _form(self, template: Template, text: Text) -> str:
        """The form of the answer: a count where one is asked for, else the question file's own."""
        view = next(views(text.sentences, text.marks), None)
        countable = not template.is_boolean and any(phrasing.form == "count" for phrasing in template.phrasings)
        return "count" if countable and view is not None and text.holds(view, "count") else template.form
