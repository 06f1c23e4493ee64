"""A page's text, cut into headings and passages with their places.

A heading is a line of its own without the end of a sentence, or with a question mark, or marked by "#" as in Markdown
(where its level counts from the second mark on, the first being the page's title); an item begins with a list mark;
everything else is running text, cut into sentences. Offsets count code points of the text with LF line ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_MARKED: Final = re.compile(r"(#{1,6})[ \t]+")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+")
# A sentence ends at . ! or ? before white space, or straight before a capital where the space was lost.
_END: Final = re.compile(r"[.!?][\"”’)]*\s+(?=\S)|(?<=[a-z)][.!?])(?=[A-Z])")
HEADING_MAX_WORDS: Final = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading or a passage: its text and place, and for an item the number and the lead-in of its list.

    `level` is 0 for a passage, 1 for a main heading, 2 for a question. `lead` is the index of the piece that introduces
    the list.
    """

    text: str
    start: int
    end: int
    level: int
    item: int | None = None
    lead: int | None = None


def pieces(text: str, abbreviations: Collection[str] = ()) -> list[Piece]:
    """The headings and passages of a page in order."""
    out: list[Piece] = []
    item, lead = 0, None
    for start, line in _lines(text):
        mark = _ITEM.match(line)
        if mark:
            item += 1
            body, offset = line[mark.end() :], start + mark.end()
            lead = lead if item > 1 else _lead(out)
            out += [Piece(t, a, b, 0, item, lead) for t, a, b in _sentences(body, offset, abbreviations)]
            continue
        item = 0
        body = line.strip()
        begin = start + line.index(body)
        marked = _MARKED.match(body)
        level = _level(body) if marked is None else max(1, len(marked[1]) - 1)
        if marked is not None:
            begin, body = begin + marked.end(), body[marked.end() :]
        if level:
            out.append(Piece(body, begin, begin + len(body), level))
        else:
            out += [Piece(t, a, b, 0) for t, a, b in _sentences(body, begin, abbreviations)]
    return out


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, line
        start += len(line) + 1


def _lead(before: list[Piece]) -> int | None:
    """The passage right before a list introduces it; a heading does not need to be named."""
    return len(before) - 1 if before and before[-1].level == 0 and before[-1].item is None else None


def _level(line: str) -> int:
    if len(line.split()) > HEADING_MAX_WORDS or line.endswith((".", "!", ":", ";", ",")):
        return 0
    return 2 if line.endswith("?") else 1


def _sentences(body: str, offset: int, abbreviations: Collection[str]) -> Iterator[tuple[str, int, int]]:
    begin = 0
    for match in _END.finditer(body):
        before = body[: match.start()].rsplit(None, 1)
        if before and before[-1].lower().strip("(\"'") in abbreviations:
            continue
        yield _trimmed(body, begin, match.end(), offset)
        begin = match.end()
    if body[begin:].strip():
        yield _trimmed(body, begin, len(body), offset)


def _trimmed(body: str, begin: int, end: int, offset: int) -> tuple[str, int, int]:
    text = body[begin:end].rstrip()
    return text, offset + begin, offset + begin + len(text)
