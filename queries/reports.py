"""Which findings a text reports: names of things, and cues that stand together, with denial and other meanings.

The cues are data (`language/en.findings.yaml`); this file knows only how they combine. Linear in the length of the
text: each sentence's cues are found in one pass, and each cue looks only at its nearest fellows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from queries.cues import DENYING, ELSEWHERE, SOMEBODY, Cue, Cues, Rule
from queries.denial import Denials
from queries.lexicon import Lexicon
from queries.sentences import Sentence

#: A sentence of so many words that begins with a bare "no" answers the sentence before it.
SHORT_ANSWER: Final = 3
#: Places of a cue that are looked at in one sentence: nobody repeats a word so often but to cost time.
PLACES: Final = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding that a sentence mentions; `of_somebody`: it speaks of a person who has it; `denied`: or has not."""

    finding: str
    sentence: int
    of_somebody: bool
    denied: bool = False


class Reports:
    """Finds what texts report. Immutable, safe to share."""

    def __init__(self, lexicon: Lexicon, cues: Cues, findings: Container[str], topics: Iterable[str]) -> None:
        self._lexicon = lexicon
        self._cues = cues
        self._findings = findings
        self._topics = frozenset(topics)

    def mentions(self, texts: Sequence[str], sentences: Sequence[Sentence]) -> list[Mention]:
        """The findings that the sentences mention, each once a sentence."""
        out: list[Mention] = []
        named = {s: list(self._named(texts, sentence)) for s, sentence in enumerate(sentences)}
        of_topic = any(finding in self._topics for found in named.values() for finding, _ in found)
        for number, sentence in enumerate(sentences):
            found = self._cues.found(texts, sentence.first, sentence.last)
            if not of_topic and ELSEWHERE in found:
                continue
            candidates = list(self._candidates(found, named[number]))
            if self._answered_no(texts, sentences, number):
                out.extend(Mention(finding, number, SOMEBODY in found, denied=True) for finding, _ in candidates)
                continue
            if not candidates:
                continue
            denying = not DENYING.isdisjoint(found)
            denials = Denials(texts, sentence, found, [parts for _, parts in candidates]) if denying else None
            seen: set[str] = set()
            for finding, parts in candidates:
                if finding not in seen and not (denials and denials.deny(parts)):
                    seen.add(finding)
                    out.append(Mention(finding, number, SOMEBODY in found))
            denied = dict.fromkeys(finding for finding, _ in candidates if finding not in seen)
            out.extend(Mention(finding, number, SOMEBODY in found, denied=True) for finding in denied)
        return out

    def _named(self, texts: Sequence[str], sentence: Sentence) -> Iterator[tuple[str, Cue]]:
        """The topic, and the findings with a warning, that a sentence names."""
        for at in range(sentence.first, sentence.last):
            for end, readings in self._lexicon.names.matches(texts, at):
                for reading in readings:
                    if reading.name in self._topics or (reading.name in self._findings and end <= sentence.last):
                        yield reading.name, Cue(at, end, "name")

    def _answered_no(self, texts: Sequence[str], sentences: Sequence[Sentence], number: int) -> bool:
        """Whether the sentence is a question that the next one answers with "no" ("Numbness? None.")."""
        if number + 1 >= len(sentences) or not sentences[number].questioned:
            return False
        after = sentences[number + 1]
        first = self._cues.found(texts, after.first, after.first + 1)
        return after.last - after.first <= SHORT_ANSWER and "denial.after" in first

    def _candidates(
        self, found: Mapping[str, Sequence[Cue]], named: Sequence[tuple[str, Cue]]
    ) -> Iterator[tuple[str, Sequence[Cue]]]:
        """Findings with the cues that they were read from."""
        for finding, cue in named:
            if finding in self._findings:
                yield finding, (cue,)
        for name in found:
            for rule in self._cues.rules.get(name, ()):
                if all(part in found for part in rule.cues) and not any(part in found for part in rule.unless):
                    for parts in _together(rule, found):
                        yield rule.finding, parts


def _together(rule: Rule, found: Mapping[str, Sequence[Cue]]) -> Iterator[Sequence[Cue]]:
    """For each of the first PLACES of the first cue, the nearest places of the others, where all lie within reach."""
    for first in found[rule.cues[0]][:PLACES]:
        parts = [first]
        for name in rule.cues[1:]:
            nearest = _next(found[name], parts[-1].end) if rule.ordered else _nearest(found[name], first.start)
            if nearest is None:
                break
            parts.append(nearest)
        else:
            if max(c.end for c in parts) - min(c.start for c in parts) <= rule.reach:
                yield parts


def _next(cues: Sequence[Cue], at: int) -> Cue | None:
    """The first cue that begins at a place or after it."""
    place = bisect_left(cues, (at,))
    return cues[place] if place < len(cues) else None


def _nearest(cues: Sequence[Cue], at: int) -> Cue:
    """The cue that begins nearest to a place."""
    place = bisect_left(cues, (at,))
    return min(cues[max(0, place - 1) : place + 1], key=lambda cue: abs(cue.start - at))
