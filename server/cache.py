"""Finished answers, bounded in bytes, and found again without entering Flask.

Two steps: what a request says literally (host, path, query string, Accept, coding) leads to an answer; the answer
itself is one for each entity tag, however many spellings lead to it. All belong to one state of the data: a write
empties it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

#: What an answer costs beyond its body, and a key that leads to it beyond its characters, roughly, in bytes.
_ANSWER_BYTES: Final = 2048
_KEY_BYTES: Final = 512
#: One answer takes no more than this share of the memory.
_SHARE: Final = 8
_KEYS_PER_ANSWER: Final = 16
#: A longer request is answered each time: its key would cost more than the answer.
_KEY_CHARACTERS_MAX: Final = 4096

Key = tuple[Hashable, ...]


@dataclass(slots=True)
class Kept:
    """One finished answer; `body` is in the coding that the headers say, `size` what it is counted with, in bytes."""

    headers: list[tuple[str, str]]
    body: bytes
    tag: str
    route: str
    used: bool = False
    keys: dict[Key, int] = field(default_factory=dict)
    size: int = 0

    def __post_init__(self) -> None:
        self.size = len(self.body) + _ANSWER_BYTES


def characters_of(key: Key) -> int:
    """How long the texts of a key are."""
    return sum(len(part) for part in key if isinstance(part, str))


class AnswerCache:
    """Answers by what asked for them; the ones not used lately go first (CLOCK). Reading takes no lock."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._by_key: dict[Key, Kept] = {}
        self._by_tag: dict[str, Kept] = {}
        self._state: Hashable = None
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._by_tag)

    def get(self, key: Key, state: Hashable) -> Kept | None:
        """The answer for a key, if it belongs to the present state of the data."""
        kept = self._by_key.get(key)
        if kept is None or state != self._state:
            return None
        kept.used = True
        return kept

    def put(self, key: Key, state: Hashable, answer: Kept) -> None:
        """Keep an answer; a new state of the data drops all of the old one."""
        length = characters_of(key)
        if answer.size > self._max_bytes // _SHARE or length > _KEY_CHARACTERS_MAX:
            return
        with self._lock:
            if state != self._state:
                self._by_key, self._by_tag, self._state, self.bytes = {}, {}, state, 0
            kept = self._by_tag.setdefault(answer.tag, answer)
            if kept is answer:
                self.bytes += answer.size
            if key not in kept.keys:
                if len(kept.keys) >= _KEYS_PER_ANSWER:
                    self._forget(kept, next(iter(kept.keys)))
                kept.keys[key] = length + _KEY_BYTES
                kept.size += kept.keys[key]
                self.bytes += kept.keys[key]
            self._by_key[key] = kept
            self._make_room()

    def _forget(self, kept: Kept, key: Key) -> None:
        size = kept.keys.pop(key)
        kept.size -= size
        self.bytes -= size
        self._by_key.pop(key, None)

    def _make_room(self) -> None:
        while self.bytes > self._max_bytes:
            tag, oldest = next(iter(self._by_tag.items()))
            del self._by_tag[tag]
            if oldest.used:
                oldest.used = False
                self._by_tag[tag] = oldest
                continue
            self.bytes -= oldest.size
            for key in oldest.keys:
                self._by_key.pop(key, None)
