"""A trie over words: which known phrases begin at a place of a text, found in one walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Reading(NamedTuple):
    """What a run of words can mean: kind `concept`, `filler` or `thing` with its name, or `duration`, `number` with a value."""

    kind: str
    name: str
    value: float = 0.0


@dataclass(slots=True)
class _Node:
    after: dict[str, _Node] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()


class Trie:
    """Phrases and their readings. Filled while loading, then only read: safe to share between threads."""

    def __init__(self) -> None:
        self._root = _Node()
        self.words: set[str] = set()

    def add(self, words: Sequence[str], reading: Reading) -> None:
        """Enter one phrase."""
        node = self._root
        for word in words:
            found = node.after.get(word)
            if found is None:
                found = node.after[word] = _Node()
            node = found
        if reading not in node.readings:
            node.readings = (*node.readings, reading)
        self.words.update(words)

    def add_all(self, phrases: Iterable[Sequence[str]], reading: Reading) -> None:
        """Enter several phrases of one reading."""
        for words in phrases:
            self.add(words, reading)

    def matches(self, words: Sequence[str], start: int) -> list[tuple[int, tuple[Reading, ...]]]:
        """The phrases that begin at `start`: where each ends, and its readings, shortest first."""
        out: list[tuple[int, tuple[Reading, ...]]] = []
        node = self._root
        for at in range(start, len(words)):
            found = node.after.get(words[at])
            if found is None:
                break
            node = found
            if node.readings:
                out.append((at + 1, node.readings))
        return out

    def readings(self, words: Sequence[str]) -> tuple[Reading, ...]:
        """The readings of exactly these words."""
        node = self._root
        for word in words:
            found = node.after.get(word)
            if found is None:
                return ()
            node = found
        return node.readings

    def phrases(self) -> Iterator[tuple[tuple[str, ...], tuple[Reading, ...]]]:
        """All phrases with their readings."""
        todo: list[tuple[tuple[str, ...], _Node]] = [((), self._root)]
        while todo:
            words, node = todo.pop()
            if node.readings:
                yield words, node.readings
            todo.extend(((*words, word), after) for word, after in node.after.items())
