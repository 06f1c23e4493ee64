"""Spelling: a word that nobody knows is corrected, but only towards known words, and only when one of them is nearest.

A real English word is never corrected (the guard is pyspellchecker's word list): it means something else, and a
question about something else must be refused. Distance is Damerau-Levenshtein: 1, or 2 for long words.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import chain
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from queries.lexicon import ListedWords, NameWords

#: Shorter words are not corrected: nearly everything is near them.
SHORTEST: Final = 3
#: From this length on, a distance of 2 is allowed.
LONG: Final = 7
#: Words corrected in one text; a longer list of errors is no typing mistake, and each costs time.
MOST: Final = 40
#: Corrections kept in memory.
KEPT: Final = 50_000
NO_NAMES: Final = ListedWords(frozenset())


def english() -> Mapping[str, int]:
    """English words with how often they were met in a corpus (pyspellchecker's list, MIT)."""
    data = files("spellchecker").joinpath("resources/en.json.gz").read_bytes()
    words: dict[str, int] = json.loads(gzip.decompress(data))
    return words


class Speller:
    """Corrects words towards a vocabulary. Safe to share: what it keeps is equal however often it is found."""

    def __init__(
        self, known: Iterable[str], targets: Iterable[str], real: Mapping[str, int], names: NameWords = NO_NAMES
    ) -> None:
        self._names = names
        self._known = {word for word in known if word.isalpha()}
        self._real = real
        self._near: dict[str, list[str]] = defaultdict(list)
        self._long: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(word for word in targets if word.isalpha()):
            if len(word) >= SHORTEST:
                for key in {word, *_shorter(word)}:
                    self._near[key].append(word)
                if len(word) >= LONG - 1:
                    self._long[(word[0], len(word))].append(word)
        self._kept: dict[str, str | None] = {}

    def is_known(self, word: str) -> bool:
        """Whether the vocabulary has the word."""
        return word in self._known or word in self._names

    def is_real(self, word: str) -> bool:
        """Whether it is a word of English, which is never corrected."""
        return word in self._real

    def corrections(self, words: Sequence[str]) -> dict[int, str]:
        """The places of misspelt words and what is meant, for the first MOST of them."""
        found: dict[int, str] = {}
        tried = 0
        for at, word in enumerate(words):
            if len(word) < SHORTEST or not word.isalpha() or self.is_real(word) or self.is_known(word):
                continue
            tried += 1
            if tried > MOST:
                break
            right = self.correct(word)
            if right is not None:
                found[at] = right
        return found

    def correct(self, word: str) -> str | None:
        """The one nearest known word, or None where there is none or more than one."""
        if word not in self._kept:
            if len(self._kept) > KEPT:
                self._kept.clear()
            self._kept[word] = self._find(word)
        return self._kept[word]

    def _find(self, word: str) -> str | None:
        near = self._within_one(word)
        if not near and len(word) >= LONG:
            candidates = (w for n in (-2, -1, 0, 1, 2) for w in self._long.get((word[0], len(word) + n), ()))
            named = self._meant(self._names.long(word[0], len(word) - 2, len(word) + 2))
            near = {w for w in chain(candidates, named) if DamerauLevenshtein.distance(word, w, score_cutoff=2) <= 2}
        only = _only(near, word)
        # "tuor" may be "tour" or "tumor": where a thing may be meant, nothing else is read in its place.
        return None if only not in self._names and any(w in self._names for w in near) else only

    def _within_one(self, word: str) -> set[str]:
        keys = (word, *_shorter(word))
        candidates = {w for key in keys for w in self._near.get(key, ())}
        candidates.update(self._meant(self._names.near(keys)))
        return {w for w in candidates if DamerauLevenshtein.distance(word, w, score_cutoff=1) <= 1}

    def _meant(self, words: Iterable[tuple[str, bool]]) -> Iterator[str]:
        """Those words that a misspelt word may become: English ones, and words of shown names."""
        return (word for word, shown in words if shown or word in self._real)


def _shorter(word: str) -> list[str]:
    """The word with each of its letters left out in turn."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _only(near: set[str], word: str) -> str | None:
    """The one candidate; of several, the one that keeps the letters (swapped, doubled) or the first one; else None."""
    if len(near) <= 1:
        return next(iter(near), None)
    for keeps in (_same_letters, _only_vowels_missing, _same_consonants, _letters_missing, _same_first):
        kept = {w for w in near if keeps(w, word)}
        if len(kept) == 1:
            return next(iter(kept))
        near = kept or near
    return None


def _same_letters(word: str, written: str) -> bool:
    return sorted(word) == sorted(written) or sorted(set(word)) == sorted(set(written))


def _only_vowels_missing(word: str, written: str) -> bool:
    """Whether the word is what was written with vowels put in ("mny", "wtr")."""
    letters = iter(word)
    return (
        len(word) > len(written)
        and all(letter in letters for letter in written)
        and _consonants(word) == _consonants(written)
    )


def _letters_missing(word: str, written: str) -> bool:
    """Whether the word is what was written with letters put in: leaving one out is the commonest mistake."""
    letters = iter(word)
    return word[0] == written[0] and len(word) > len(written) and all(letter in letters for letter in written)


def _same_consonants(word: str, written: str) -> bool:
    return word[0] == written[0] and _consonants(word) == _consonants(written)


def _consonants(word: str) -> str:
    """The consonants of a word, doubled ones once."""
    kept = [letter for letter in word if letter not in "aeiou"]
    return "".join(letter for at, letter in enumerate(kept) if at == 0 or kept[at - 1] != letter)


def _same_first(word: str, written: str) -> bool:
    return word[0] == written[0]
