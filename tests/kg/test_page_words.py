"""The text of the page is somebody else's: no tracked file holds seven consecutive words of it outside its headings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from kg.dataset import Dataset
from kg.source import Sources, spans
from tests.conftest import REPOSITORY

RUN = 7
BETWEEN_STRINGS = re.compile(r'"(?:@[\w-]+|\^\^[\w:]+)?[\]}]?\s*[,:;]\s*[\[{]?\s*"')
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text, in lower case, whatever stands between them."""
    return WORD.findall(text.casefold().replace("’", "'"))


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of seven words; it ends where one quoted string of a list ends and the next begins."""
    for part in BETWEEN_STRINGS.split(text):
        found = words(part)
        yield from zip(*(found[shift:] for shift in range(RUN)), strict=False)


def tracked() -> Iterator[tuple[str, str]]:
    """The tracked files that are text, with their content as it now is."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, cwd=REPOSITORY, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = REPOSITORY / name
        if path.is_file():
            yield name, path.read_bytes().decode("utf-8", errors="replace")


def test_a_run_of_words_is_seen_across_lines_and_marks() -> None:
    assert set(runs("One two,\nthree -- four; 'five' six\tSEVEN")) == {
        ("one", "two", "three", "four", "five", "six", "seven")
    }
    assert not list(runs("one two three four five six"))


def test_no_tracked_file_holds_seven_consecutive_words_of_the_text(dataset: Dataset, sources: Sources) -> None:
    theirs: set[tuple[str, ...]] = set()
    headings: set[tuple[str, ...]] = set()
    for document in dataset.documents:
        text = sources.text(document)
        assert text is not None, f"no copy of {document}"
        located = spans(dataset, document)
        for span in located:  # within a sentence: names of things in a list, one after the other, are nobody's
            (headings if span.heading else theirs).update(runs(text[span.start : span.end]))
    theirs -= headings
    assert len(theirs) > 500, "the text must give something to look for"
    copied = [(name, " ".join(run)) for name, content in tracked() for run in set(runs(content)) & theirs]
    assert copied == []
