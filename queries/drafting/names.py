"""Which thing of the graph a stretch of a page names, or which new one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.terms import ID, compact
from queries.lexicon import Lexicon, number_forms
from queries.words import Writing

#: A name longer than that is no name but a sentence: it is not written down, only marked for the curator.
NAME_MAX_WORDS: Final = 6
_HEAD: Final = re.compile(r"[.:(;?!]")
_JOINED: Final = re.compile(r"\s*(?:/|,|\bor\b|\band\b|&)\s*")
#: Where a text has lost the space between two words ("includingIbuprofen").
_LOST_SPACE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Found:
    """The thing an item names: an IRI as a prefixed name, its label, and whether the graph knows it already."""

    name: str
    label: str
    known: bool
    doubt: str | None = None
    kinds: frozenset[str] = frozenset()


class Names:
    """Looks up names in the lexicon."""

    def __init__(self, lexicon: Lexicon, writing: Writing, leading: Collection[str] = ()) -> None:
        """`leading` are words that a new name does not begin with."""
        self._lexicon = lexicon
        self._writing = writing
        self._leading = frozenset(leading)

    def thing(self, text: str, kinds: Sequence[str] = ()) -> Found:
        """The thing that an item is about: the longest known name in its head, else a new one named by its head.

        A known thing has to be of one of the classes `kinds` (prefixed names; none: of any).
        """
        words = self._writing.texts(head_of(text))
        whole = self._named(words, kinds) or self._named(self._without_leading(words), kinds)
        if whole:
            return self._by_name(whole, words)
        inside = None if text.rstrip().endswith("?") else self._longest(words, kinds)
        if inside:
            doubt = "the item says more than the name" if len(words) <= NAME_MAX_WORDS else "found inside a sentence"
            return self._known(inside, doubt)
        return self._new(words)

    def topic(self, text: str, kinds: Sequence[str]) -> Found:
        """The thing that exactly this text names, or a new one."""
        words = self._writing.texts(text)
        whole = self._named(words, kinds)
        return self._by_name(whole, words) if whole else self._new(words)

    def _by_name(self, iri: str, words: Sequence[str]) -> Found:
        return self._known(iri, None if self._shows(iri, words) else "named by a word that also means it")

    def _new(self, words: Sequence[str]) -> Found:
        """A new thing named by the beginning of some words."""
        words = self._without_leading(words)
        label = " ".join(words[:NAME_MAX_WORDS])
        doubt = "new; only the beginning of a longer text" if len(words) > NAME_MAX_WORDS else "new"
        return Found("id:" + "".join(w.capitalize() for w in label.split() if w.isalnum()), label, False, doubt)

    def _without_leading(self, words: Sequence[str]) -> Sequence[str]:
        while len(words) > 1 and words[0] in self._leading:
            words = words[1:]
        return words

    def several(self, text: str, kinds: Sequence[str]) -> list[Found]:
        """The things that an item lists ("Ice/Heat"), where each of its parts is a known one; else the one it names."""
        head = head_of(text)
        if self._named(self._writing.texts(head), kinds) is None:
            named = [self._named(self._writing.texts(part), kinds) for part in _JOINED.split(head)]
            if len(named) > 1 and all(named):
                return [self._known(iri, None) for iri in dict.fromkeys(iri for iri in named if iri)]
        return [self.thing(text, kinds)]

    def listed(self, text: str, kinds: Sequence[str]) -> list[Found]:
        """The things that an enumeration in a sentence lists, where at least half of its parts are known ones."""
        parts = [part for part in (re.split(r"\s*;\s*", text) if ";" in text else _JOINED.split(text)) if part.strip()]
        found = [self.topic(part.strip(" ."), kinds) for part in parts]
        known = sum(1 for one in found if one.known)
        return found if len(found) > 1 and 2 * known >= len(found) else []

    def inside(self, text: str, kinds: Collection[str]) -> list[Found]:
        """The known things of these classes that a text names, in its order; of names that overlap the longest."""
        words = self._writing.texts(_LOST_SPACE.sub(" ", text))
        found: dict[str, None] = {}
        at = 0
        while at < len(words):
            ends = [(end, self._named(words[at:end], kinds)) for end, _ in self._lexicon.names.matches(words, at)]
            last, iri = next(((end, iri) for end, iri in reversed(ends) if iri), (at + 1, None))
            if iri:
                found.setdefault(iri)
            at = last
        return [self._known(iri, "found inside a sentence") for iri in found]

    def brands(self, text: str, patterns: Sequence[re.Pattern[str]], kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Names of things of these classes, each with a name that it is sold under, by the patterns' groups `thing` and
        `brands`."""
        for pattern in patterns:
            for match in pattern.finditer(_LOST_SPACE.sub(" ", text)):
                iri = self._named(self._writing.texts(match["thing"]), kinds)
                for brand in re.split(r"\s*,\s*", match["brands"]) if iri else ():
                    yield self._known(iri or "", None).name, brand.strip(" ®™")

    def _known(self, iri: str, doubt: str | None) -> Found:
        name = compact(iri) if iri.startswith(ID) else f"<{iri}>"
        thing = self._lexicon.things[iri]
        return Found(name, thing.label, True, doubt, frozenset(compact(kind) for kind in thing.classes))

    def _named(self, words: Sequence[str], kinds: Collection[str]) -> str | None:
        """The one thing of these classes that exactly these words name; of several, the one whose label they are."""
        named = {reading.name for reading in self._lexicon.names.readings(words)}
        fit = {iri for iri in named if not kinds or self._classes(iri) & set(kinds)}
        if len(fit) > 1:
            fit = {iri for iri in fit if self._writing.texts(self._lexicon.things[iri].label) == list(words)}
        return fit.pop() if len(fit) == 1 else None

    def _classes(self, iri: str) -> set[str]:
        return {compact(kind) for kind in self._lexicon.things[iri].classes}

    def _longest(self, words: Sequence[str], kinds: Sequence[str]) -> str | None:
        for size in range(len(words), 0, -1):
            for start in range(len(words) - size + 1):
                found = self._named(words[start : start + size], kinds)
                if found and self._shows(found, words[start : start + size]):
                    return found
        return None

    def _shows(self, iri: str, words: Sequence[str]) -> bool:
        """Whether a thing is shown under this name, in either number; inside other words no other name proves it."""
        thing = self._lexicon.things[iri]
        names = (self._writing.texts(name) for name in (thing.label, *thing.alt_labels))
        forms = set(number_forms(words[-1]))
        return any(name[:-1] == list(words[:-1]) and forms & set(number_forms(name[-1])) for name in names if name)


def head_of(text: str) -> str:
    """What an item begins with, up to its first mark."""
    return _HEAD.split(text, maxsplit=1)[0].strip()
