"""Which findings a text reports: names of things, and cues that stand together, with denial and other meanings.

The cues are data (`language/en.findings.yaml`); this file knows only how they combine. Linear in the length of the
text: each sentence's cues are found in one pass, and only cues within reach of each other are combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.terms import ID
from queries.lexicon import Lexicon
from queries.phrases import PhraseError
from queries.sentences import Sentence
from queries.template import QuestionFileError
from queries.trie import Reading, Trie
from queries.vocabulary import Language
from queries.words import LANGUAGE_DIR, Writing, read_yaml

#: How many words before a finding a denial reaches.
DENIAL_REACH: Final = 6
_FILE: Final = "en.findings.yaml"


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding that a sentence mentions and does not deny; `words` is where."""

    finding: str
    sentence: int
    words: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Cues:
    """The cues of a language, and the findings that they make up together."""

    trie: Trie
    reach: int
    findings: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def load(cls, writing: Writing, path: Path = LANGUAGE_DIR / _FILE) -> Cues:
        """The cues of a language file.

        Raises: QuestionFileError for a phrase that does not parse, or a finding made of an unknown cue.
        """
        data = read_yaml(path)
        trie = Trie()
        lists = {**data["cues"], "elsewhere": data["elsewhere"], "pseudo_denial": data["pseudo_denial"]}
        for name, phrases in lists.items():
            for phrase in phrases:
                try:
                    trie.add_phrase(phrase, Reading("cue", name), writing.texts)
                except PhraseError as error:
                    raise QuestionFileError(_FILE, 1, "phrase", f"{name}: {error}") from error
        findings = {}
        for thing, rules in data["findings"].items():
            for rule in rules:
                for cue in rule:
                    if cue not in data["cues"]:
                        raise QuestionFileError(_FILE, 1, "cue", f"{thing}: there is no cue {cue!r}")
            findings[ID + thing.removeprefix("id:")] = tuple(tuple(rule) for rule in rules)
        return cls(trie, int(data["reach"]), findings)


class Reports:
    """Finds what texts report. Immutable, safe to share."""

    def __init__(
        self, lexicon: Lexicon, language: Language, cues: Cues, findings: Iterable[str], topic: str | None
    ) -> None:
        self._lexicon = lexicon
        self._language = language
        self._cues = cues
        self._findings = frozenset(findings)
        self._topic = topic

    @property
    def words(self) -> set[str]:
        """All words of the cues, towards which misspelt words may be corrected."""
        return self._cues.trie.words

    def mentions(self, texts: Sequence[str], sentences: Sequence[Sentence]) -> list[Mention]:
        """The findings that the sentences mention and do not deny, each once a sentence."""
        out: dict[tuple[str, int], Mention] = {}
        of_topic = any(self._names_topic(texts, at) for at in range(len(texts)))
        for number, sentence in enumerate(sentences):
            cues = self._found(texts, sentence)
            if not of_topic and any(cue.name == "elsewhere" for cue in cues):
                continue
            for finding, span, parts in self._candidates(texts, sentence, cues):
                if not self._denied(texts, sentence, span, parts, cues):
                    out.setdefault((finding, number), Mention(finding, number, span))
        return list(out.values())

    def _names_topic(self, texts: Sequence[str], at: int) -> bool:
        matches = self._lexicon.names.matches(texts, at)
        return any(reading.name == self._topic for _, readings in matches for reading in readings)

    def _found(self, texts: Sequence[str], sentence: Sentence) -> list[_Cue]:
        """All cues of a sentence."""
        return [
            _Cue(at, end, reading.name)
            for at in range(sentence.first, sentence.last)
            for end, readings in self._cues.trie.matches(texts, at)
            if end <= sentence.last
            for reading in readings
        ]

    def _candidates(
        self, texts: Sequence[str], sentence: Sentence, cues: Sequence[_Cue]
    ) -> Iterator[tuple[str, tuple[int, int], list[_Cue]]]:
        """Findings with the run of words they were read from, and the cues in it."""
        for at in range(sentence.first, sentence.last):
            for end, readings in self._lexicon.names.matches(texts, at):
                for reading in readings:
                    if reading.name in self._findings and end <= sentence.last:
                        yield reading.name, (at, end), [_Cue(at, end, "name")]
        by_name: dict[str, list[_Cue]] = {}
        for cue in cues:
            by_name.setdefault(cue.name, []).append(cue)
        for finding, rules in self._cues.findings.items():
            for rule in rules:
                if all(name in by_name for name in rule):
                    for parts in self._together(rule, by_name):
                        yield finding, (min(c.start for c in parts), max(c.end for c in parts)), parts

    def _together(self, rule: Sequence[str], by_name: Mapping[str, Sequence[_Cue]]) -> Iterator[list[_Cue]]:
        """For each place of the first cue, the nearest places of the others, where all lie within reach."""
        for first in by_name[rule[0]]:
            parts = [first]
            for name in rule[1:]:
                nearest = min(by_name[name], key=lambda cue: (abs(cue.start - first.start), cue.start))
                parts.append(nearest)
            if max(c.end for c in parts) - min(c.start for c in parts) <= self._cues.reach:
                yield parts

    def _denied(
        self,
        texts: Sequence[str],
        sentence: Sentence,
        span: tuple[int, int],
        parts: Sequence[_Cue],
        cues: Sequence[_Cue],
    ) -> bool:
        """Whether a word of denial reaches the finding: shortly before it, or between its parts, outside cues."""
        covered = {n for cue in (*parts, *(c for c in cues if c.name != "painful")) for n in range(cue.start, cue.end)}
        last = max(part.start for part in parts)
        for at in range(max(sentence.first, span[0] - DENIAL_REACH), last):
            if at in covered or not self._language.has("negation", texts, at):
                continue
            if at >= span[0]:
                return True
            if not any(self._language.has("reset", texts, between) for between in range(at + 1, span[0])):
                return True
        return False
