"""Passages against a copy of the text: quotations, and the proof that every locator is right.

The text of a document is somebody else's and not part of the graph; whoever holds a copy keeps it in a directory as
`<document>.txt`. Offsets count Unicode code points of the text with LF line ends and no byte order mark.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Final
from typing import Literal as Choice

from kg.dataset import Dataset
from kg.terms import DOC, KG, PREFIXES, Iri, Literal, local_name

Progress = Callable[[int, int], None]

#: Below this share of its characters found again, a file is not an edited copy of the document but another text.
SAME_TEXT: Final = 0.25
_MARKER: Final = re.compile(r"^[ \t]*[-*•][ \t]+", re.MULTILINE)
_SHA256: Final = f"{KG}sha256"
_WORD: Final = re.compile(r"(?<![\w])\w")


def normalised(raw: bytes) -> str:
    """The text of a copy with LF line ends and without a byte order mark.

    Raises: UnicodeDecodeError for bytes that are not UTF-8.
    """
    return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def digest_of(text: str) -> str:
    """The SHA-256, in hexadecimal, of a text as UTF-8."""
    return sha256(text.encode("utf-8")).hexdigest()


class Sources:
    """Copies of documents in a directory; each is read once, when it is first asked for. Safe for several threads."""

    def __init__(self, directory: Path | str) -> None:
        self._directory = Path(directory)
        self._texts: dict[str, str | None] = {}
        self._lock = Lock()

    def path(self, document: str) -> Path:
        """Where the copy of a document (by IRI) is looked for."""
        return self._directory / f"{local_name(document.rstrip('/'))}.txt"

    def text(self, document: str) -> str | None:
        """The text of a document's copy, or None where there is none that can be read as UTF-8."""
        if not document.startswith(DOC):
            return None
        with self._lock:
            if document not in self._texts:
                try:
                    self._texts[document] = normalised(self.path(document).read_bytes())
                except (OSError, UnicodeDecodeError):
                    self._texts[document] = None
            return self._texts[document]

    def quote(self, document: str, start: int, end: int, sha256: str) -> str | None:
        """The span's text where the copy has it, exactly; None without a copy or where the digest differs."""
        text = self.text(document)
        if text is None or not 0 <= start < end <= len(text):
            return None
        found = text[start:end]
        return found if digest_of(found) == sha256 else None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a passage or heading stands in the text: code points from `start` up to `end`, and what they hash to."""

    iri: str
    heading: bool
    position: int
    start: int
    end: int
    sha256: str

    @property
    def length(self) -> int:
        """The length in code points."""
        return self.end - self.start


def spans(dataset: Dataset, document: str) -> tuple[Span, ...]:
    """The spans of a document's headings and passages, in document order."""
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for quad in dataset.graph(document):
        if isinstance(quad.subject, Iri) and isinstance(quad.object, Iri | Literal):
            facts[quad.subject.value][quad.predicate.value] = quad.object.value
    found = []
    for iri, of in facts.items():
        at = facts.get(of.get(f"{PREFIXES['oa']}hasSelector", ""))
        if at is not None:
            heading = f"{KG}inSection" not in of
            start, end = int(at[f"{PREFIXES['oa']}start"]), int(at[f"{PREFIXES['oa']}end"])
            found.append(Span(iri, heading, int(of[f"{KG}position"]), start, end, of[_SHA256]))
    return tuple(sorted(found, key=lambda span: span.position))


@dataclass(frozen=True, slots=True)
class Placed:
    """A span and where the copy has its text: at its own place, elsewhere (`start`), or nowhere (None)."""

    span: Span
    start: int | None

    @property
    def state(self) -> Choice["in place", "moved", "changed"]:
        """`changed` also when the text is gone: a digest cannot tell the two apart."""
        if self.start is None:
            return "changed"
        return "in place" if self.start == self.span.start else "moved"


class _Finder:
    """Finds texts of which only length and digest are known."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = [match.start() for match in _WORD.finditer(text)]
        self._seen: dict[tuple[int, bool], dict[str, list[int]]] = {}

    def at(self, start: int, span: Span) -> bool:
        end = start + span.length
        return start >= 0 and end <= len(self.text) and digest_of(self.text[start:end]) == span.sha256

    def places(self, span: Span, *, everywhere: bool) -> list[int]:
        """Where the span's text begins: looked for at the beginnings of words, or at every character."""
        key = (span.length, everywhere)
        if key not in self._seen:
            index: dict[str, list[int]] = defaultdict(list)
            last = len(self.text) - span.length
            for start in range(last + 1) if everywhere else self._words:
                if start <= last:
                    index[digest_of(self.text[start : start + span.length])].append(start)
            self._seen[key] = index
        return self._seen[key].get(span.sha256, [])


def place(text: str, wanted: Sequence[Span], progress: Progress | None = None) -> tuple[Placed, ...]:
    """Where each span's text stands in a copy that may have been edited.

    First with the shift of the span before it, which finds nearly all of a lightly edited copy; then at every beginning
    of a word, the place nearest to the expected one; then, unless the file is another text, at every character.
    """
    finder = _Finder(text)
    found: list[int | None] = []
    shift = 0
    for done, span in enumerate(wanted, 1):
        start = span.start + shift
        if start in found or not finder.at(start, span):
            start = _nearest(finder.places(span, everywhere=False), start, found)
        found.append(start if start >= 0 else None)
        shift = shift if start < 0 else start - span.start
        if progress is not None:
            progress(done, len(wanted))
    if _share(wanted, found) >= SAME_TEXT:
        for index, span in enumerate(wanted):
            if found[index] is None:
                before = next((at - wanted[i].start for i, at in _back(found, index)), 0)
                start = _nearest(finder.places(span, everywhere=True), span.start + before, found)
                found[index] = start if start >= 0 else None
    return tuple(Placed(span, start) for span, start in zip(wanted, found, strict=True))


def _back(found: Sequence[int | None], index: int) -> Iterable[tuple[int, int]]:
    """The spans before `index` that were found, from the nearest back."""
    return ((i, at) for i in range(index - 1, -1, -1) if (at := found[i]) is not None)


def _nearest(places: Sequence[int], expected: int, taken: Iterable[int | None]) -> int:
    """The free place nearest to the expected one; -1 where there is none."""
    used = set(taken)
    return min((at for at in places if at not in used), key=lambda at: abs(at - expected), default=-1)


def _share(wanted: Sequence[Span], found: Sequence[int | None]) -> float:
    """The share of the passages' characters that were found again; headings are too short to tell one text by."""
    total = sum(span.length for span in wanted if not span.heading)
    again = sum(s.length for s, at in zip(wanted, found, strict=True) if at is not None and not s.heading)
    return again / total if total else 0.0


def uncovered(text: str, covered: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The stretches of text outside the covered ones; space and the markers of list items are layout."""
    layout = [match.span() for match in _MARKER.finditer(text)]
    gaps, reached = [], 0
    for start, end in [*sorted([*covered, *layout]), (len(text), len(text))]:
        if text[reached:start].strip():
            lead = len(text[reached:start]) - len(text[reached:start].lstrip())
            gaps.append((reached + lead, reached + len(text[reached:start].rstrip())))
        reached = max(reached, end)
    return tuple(gaps)


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What a copy of a document proves: `exact`, or why not."""

    document: str
    path: str
    copy: Choice["exact", "edited", "other text", "missing"]
    placed: tuple[Placed, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    line_starts: tuple[int, ...] = ()
    same_bytes: bool = True

    @property
    def ok(self) -> bool:
        """Every span's digest is right and every character that is not space lies in a span."""
        return self.copy == "exact"

    def as_text(self) -> str:
        """The report for a reader: a line for the copy, then a line for each passage that moved or changed."""
        name = local_name(self.document.rstrip("/"))
        if self.copy == "missing":
            return f"{name}: no readable copy at {self.path}"
        right = sum(1 for placed in self.placed if placed.state == "in place")
        head = f"{name}: {right} of {len(self.placed)} spans verify"
        if self.copy == "other text":
            return f"{head}\n  {self.path} is another text, not a copy of the document: next to nothing of it is there"
        if self.ok:
            layout = "" if self.same_bytes else "; only its layout differs from the copy that the graph was made from"
            return f"{head}, the text is covered ({self.path}{layout})"
        again = sum(1 for placed in self.placed if placed.start is not None)
        lines = [f"{head}, {again} are found", f"  {self.path} is an edited copy:", *self._moves()]
        for placed in self.placed:
            if placed.start is None:
                was = f"was at {placed.span.start}–{placed.span.end}"
                lines.append(f"  changed  {local_name(placed.span.iri)} {was}, is no longer there in these words")
        for start, end in self.gaps:
            lines.append(f"  new      line {self._line(start)}: characters {start}–{end} are in no span")
        return "\n".join(lines)

    def _moves(self) -> list[str]:
        """The spans that moved, those that follow each other with the same shift in one line."""
        lines = []
        moved = [p for p in self.placed if p.start is not None and p.state == "moved"]
        for shift, group in groupby(moved, key=lambda p: (p.start or 0) - p.span.start):
            several = list(group)
            first, last = local_name(several[0].span.iri), local_name(several[-1].span.iri)
            which = first if first == last else f"{first} to {last}"
            lines.append(f"  moved    {which} by {shift:+d} characters, from {several[0].span.start} on")
        return lines

    def _line(self, offset: int) -> int:
        return bisect_left(self.line_starts, offset + 1)


def verify(dataset: Dataset, directory: Path | str, progress: Progress | None = None) -> tuple[CopyReport, ...]:
    """Every document of the dataset against its copy in a directory; `progress` is called with (done, all) spans."""
    copies = Sources(directory)
    wanted = {document: spans(dataset, document) for document in dataset.documents}
    total, before = sum(map(len, wanted.values())), 0
    reports = []
    for document, of in wanted.items():
        step = None if progress is None else _from(progress, before, total)
        placed = place(copies.text(document) or "", of, step)
        reports.append(_report(document, copies, placed, _digest(dataset, document)))
        before += len(of)
    return tuple(reports)


def _from(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _digest(dataset: Dataset, document: str) -> str:
    """The digest of the text that the document's graph was made from; "" where it gives none."""
    digests = (q.object for q in dataset.graph(document) if q.subject == Iri(document) and q.predicate.value == _SHA256)
    return next((term.value for term in digests if isinstance(term, Literal)), "")


def _report(document: str, copies: Sources, placed: Sequence[Placed], digest: str) -> CopyReport:
    text, path = copies.text(document), str(copies.path(document))
    if text is None:
        return CopyReport(document, path, "missing")
    wanted, starts = [p.span for p in placed], [p.start for p in placed]
    gaps = uncovered(text, [(p.start, p.start + p.span.length) for p in placed if p.start is not None])
    lines = (0, *(match.end() for match in re.finditer("\n", text)))
    if all(p.state == "in place" for p in placed) and not gaps:
        return CopyReport(document, path, "exact", tuple(placed), (), lines, digest_of(text) == digest)
    if _share(wanted, starts) < SAME_TEXT:
        return CopyReport(document, path, "other text", tuple(placed), (), lines, False)
    return CopyReport(document, path, "edited", tuple(placed), gaps, lines, False)
