"""Which findings a text reports: names and patterns, with denial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queries.lexicon import Lexicon
from queries.vocabulary import Language
from queries.words import Word


class Reports:
    """Finds reported findings in texts. Immutable, safe to share."""

    def __init__(self, lexicon: Lexicon, language: Language, findings: Iterable[str]) -> None:
        self._lexicon = lexicon
        self._language = language
        self._findings = frozenset(findings)

    def in_text(self, text: str, words: Sequence[Word]) -> list[str]:
        """The findings that the text reports and does not deny, in the order they are met."""
        texts = [word.text for word in words]
        out: list[str] = []
        for at in range(len(texts)):
            for _, readings in self._lexicon.names.matches(texts, at):
                for reading in readings:
                    if reading.name in self._findings and not self._denied(texts, at):
                        out.append(reading.name)
        return list(dict.fromkeys(out))

    def _denied(self, texts: Sequence[str], at: int) -> bool:
        return any(self._language.has("negation", texts, before) for before in range(max(0, at - 4), at))
