"""The sentence syntax of phrases and phrasings: `[optional]`, `(one|or another)`, `{slot}`, and plain words.

It is hassil's syntax (OHF-Voice), of which this reads the part above. A phrase is parsed into a small tree; the tree is
either written out into all its word sequences (`expand`, for vocabularies) or compiled into an automaton (grammar.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_PIECE: Final = re.compile(r"\s*([\[\]()|]|\{[a-z_]+\}|[^\s\[\](){}|]+)")


class PhraseError(ValueError):
    """The phrase breaks the sentence syntax; the message says where."""


@dataclass(frozen=True, slots=True)
class Text:
    """One word, as normalised."""

    word: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a thing or a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; an empty sequence among them makes it optional."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Several ways through the places 0 … `last`: arcs from place to place with a word, or None for nothing. It is
    made by loose.py and only ever compiled."""

    last: int
    arcs: tuple[tuple[int, int, str | None], ...]


Node = Text | Slot | Sequence | Choice | Lattice
Speller = Callable[[str], list[str]]


def parse(phrase: str, spell: Speller) -> Node:
    """The tree of a phrase, its words normalised by `spell`.

    Raises: PhraseError.
    """
    pieces: list[str] = []
    at = 0
    while at < len(phrase):
        match = _PIECE.match(phrase, at)
        if match is None:
            if phrase[at:].strip():
                raise PhraseError(f"cannot read {phrase[at:]!r} in {phrase!r}")
            break
        pieces.append(match.group(1))
        at = match.end()
    node, rest = _choice(pieces, 0, spell, phrase)
    if rest != len(pieces):
        raise PhraseError(f"unexpected {pieces[rest]!r} in {phrase!r}")
    return node


def _choice(pieces: list[str], at: int, spell: Speller, phrase: str) -> tuple[Node, int]:
    """Options separated by `|` from `at` on, and where they end."""
    options: list[Node] = []
    while True:
        node, at = _sequence(pieces, at, spell, phrase)
        options.append(node)
        if at >= len(pieces) or pieces[at] != "|":
            return (options[0] if len(options) == 1 else Choice(tuple(options))), at
        at += 1


def _sequence(pieces: list[str], at: int, spell: Speller, phrase: str) -> tuple[Node, int]:
    """Parts up to a closing bracket, a `|` or the end, and where they end."""
    parts: list[Node] = []
    while at < len(pieces) and pieces[at] not in ("|", "]", ")"):
        piece = pieces[at]
        if piece in ("[", "("):
            inner, at = _choice(pieces, at + 1, spell, phrase)
            close = "]" if piece == "[" else ")"
            if at >= len(pieces) or pieces[at] != close:
                raise PhraseError(f"a {piece!r} is not closed in {phrase!r}")
            parts.append(Choice((inner, Sequence(()))) if piece == "[" else inner)
        elif piece.startswith("{"):
            parts.append(Slot(piece[1:-1]))
        else:
            parts.extend(Text(word) for word in spell(piece))
        at += 1
    return Sequence(tuple(parts)), at


def expand(node: Node) -> Iterator[tuple[str, ...]]:
    """All word sequences of a phrase without slots; a slot is written as `{name}`."""
    if isinstance(node, Text):
        yield (node.word,)
    elif isinstance(node, Slot):
        yield ("{" + node.name + "}",)
    elif isinstance(node, Choice):
        for option in node.options:
            yield from expand(option)
    elif isinstance(node, Sequence):
        yield from _expand_parts(node.parts)


def _expand_parts(parts: tuple[Node, ...]) -> Iterator[tuple[str, ...]]:
    if not parts:
        yield ()
        return
    tails = list(_expand_parts(parts[1:]))
    for head in expand(parts[0]):
        for tail in tails:
            yield head + tail


def size(node: Node) -> int:
    """How many sequences `expand` gives, counted without writing them out."""
    if isinstance(node, Choice):
        return sum(size(option) for option in node.options)
    if isinstance(node, Sequence):
        total = 1
        for part in node.parts:
            total *= size(part)
        return total
    return 1


def slots_of(node: Node) -> set[str]:
    """The names of the slots in a phrase."""
    if isinstance(node, Slot):
        return {node.name}
    if isinstance(node, Sequence):
        return set().union(*(slots_of(part) for part in node.parts))
    if isinstance(node, Choice):
        return set().union(*(slots_of(option) for option in node.options))
    return set()
