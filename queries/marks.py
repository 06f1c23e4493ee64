"""Marks: which words of a text ask, refer, deny or join, found in one walk over it and then only looked up."""

from __future__ import annotations

from collections.abc import Sequence

from queries.trie import Trie


class Marks:
    """The phrases of the sentence lists that stand in a text, by list and place."""

    def __init__(self, phrases: Trie, words: Sequence[str]) -> None:
        self.words = words
        self._ends: list[dict[str, list[int]]] = []
        for at in range(len(words)):
            found: dict[str, list[int]] = {}
            for end, readings in phrases.matches(words, at):
                for reading in readings:
                    found.setdefault(reading.name, []).append(end)
            self._ends.append(found)

    def end(self, name: str, at: int, last: int | None = None) -> int:
        """Where the longest phrase of a list that begins at `at` ends, at the latest at `last`; 0 for none."""
        if at >= len(self._ends):
            return 0
        ends = self._ends[at].get(name)
        if ends is None:
            return 0
        if last is None:
            return ends[-1]
        return max((end for end in ends if end <= last), default=0)

    def any(self, name: str, first: int, last: int) -> bool:
        """Whether a phrase of a list stands within the words `[first, last)`."""
        return any(name in self._ends[at] and self.end(name, at, last) for at in range(first, last))

    def ends_with(self, name: str, first: int, last: int) -> bool:
        """Whether a phrase of a list, of at most four words, ends the words `[first, last)`."""
        return any(self.end(name, at, last) == last for at in range(max(first, last - 4), last))
