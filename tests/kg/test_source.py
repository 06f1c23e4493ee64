"""Passages against a copy: quotations, digests, coverage, edited copies and wrong files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from kg.dataset import Dataset, load_dataset
from kg.source import CopyReport, Sources, digest_of, normalised, place, spans, uncovered, verify
from kg.terms import DOC
from tests.kg.made import DOCUMENT, LINES, NAME, TEXT, write

PASSAGE = LINES[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The made-up dataset."""
    return load_dataset(write(tmp_path_factory.mktemp("made")))


def verified(made: Dataset, directory: Path, text: str | bytes) -> CopyReport:
    """What a copy of the made-up document proves."""
    raw = text.encode() if isinstance(text, str) else text
    (directory / f"{NAME}.txt").write_bytes(raw)
    [report] = verify(made, directory)
    return report


def states(report: CopyReport) -> list[str]:
    """The state of each span, in document order."""
    return [placed.state for placed in report.placed]


@pytest.mark.parametrize("raw", [b"a\r\nb", b"a\rb", b"\xef\xbb\xbfa\nb", "\ufeffa\r\nb".encode()])
def test_line_ends_and_a_byte_order_mark_do_not_count(raw: bytes) -> None:
    assert normalised(raw) == "a\nb"


def test_a_quotation_is_the_span_whose_digest_is_right(made: Dataset, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    sources = Sources(tmp_path)
    start = TEXT.index(PASSAGE)
    assert sources.quote(DOCUMENT, start, start + len(PASSAGE), digest_of(PASSAGE)) == PASSAGE


def test_no_quotation_where_the_digest_differs(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").write_text(TEXT, "utf-8")
    assert Sources(tmp_path).quote(DOCUMENT, 0, 5, digest_of("other")) is None


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (5, 4), (0, len(TEXT) + 1)])
def test_no_quotation_outside_the_text(tmp_path: Path, start: int, end: int) -> None:
    (tmp_path / f"{NAME}.txt").write_text(TEXT, "utf-8")
    assert Sources(tmp_path).quote(DOCUMENT, start, end, digest_of(TEXT[start:end])) is None


@pytest.mark.parametrize("document", [DOCUMENT, f"{DOC}absent/", "https://elsewhere.example/made-up/", "made-up"])
def test_no_text_without_a_readable_copy(tmp_path: Path, document: str) -> None:
    (tmp_path / f"{NAME}.txt").write_bytes(b"\xff\xfe not UTF-8")
    assert Sources(tmp_path).text(document) is None


def test_offsets_count_code_points_beyond_the_basic_plane(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").write_text("😀 sore", "utf-8")
    assert Sources(tmp_path).quote(DOCUMENT, 2, 6, digest_of("sore")) == "sore"


def test_the_exact_copy_verifies_and_is_covered(made: Dataset, tmp_path: Path) -> None:
    report = verified(made, tmp_path, TEXT)
    assert (report.copy, report.ok, states(report)) == ("exact", True, ["in place"] * 4)
    assert report.as_text().startswith(f"{NAME}: 4 of 4 spans verify, the text is covered")


def test_a_copy_with_other_line_ends_is_exact(made: Dataset, tmp_path: Path) -> None:
    assert verified(made, tmp_path, TEXT.replace("\n", "\r\n")).copy == "exact"


def test_space_at_the_end_is_layout_and_said(made: Dataset, tmp_path: Path) -> None:
    report = verified(made, tmp_path, TEXT + "\n\n")
    assert (report.copy, report.same_bytes) == ("exact", False)
    assert "only its layout differs" in report.as_text()


def test_a_sentence_put_in_moves_what_follows_and_is_in_no_span(made: Dataset, tmp_path: Path) -> None:
    new = "A new sentence. "
    report = verified(made, tmp_path, TEXT.replace(PASSAGE, new + PASSAGE))
    assert report.copy == "edited"
    assert states(report) == ["in place", "moved", "moved", "moved"]
    assert [(placed.start or 0) - placed.span.start for placed in report.placed] == [0, *[len(new)] * 3]
    assert report.gaps == ((TEXT.index(PASSAGE), TEXT.index(PASSAGE) + len(new.strip())),)
    assert f"moved    001 to 003 by +{len(new)} characters" in report.as_text()
    assert "new      line 2: characters" in report.as_text()


def test_a_changed_word_changes_its_passage_only(made: Dataset, tmp_path: Path) -> None:
    report = verified(made, tmp_path, TEXT.replace("kneeling", "knelling"))
    assert (report.copy, states(report)) == ("edited", ["in place", "changed", "in place", "in place"])
    assert "changed  001 was at 13–50" in report.as_text()


def test_a_passage_that_changed_its_place_is_found_there(made: Dataset, tmp_path: Path) -> None:
    turned = "\n".join([LINES[0], LINES[2], LINES[1], LINES[3]])
    report = verified(made, tmp_path, turned)
    assert report.copy == "edited"
    assert [turned[p.start or 0 :][: p.span.length] for p in report.placed] == [
        LINES[0],
        PASSAGE,
        LINES[2][2:],
        LINES[3][2:],
    ]


def test_a_passage_run_together_with_the_word_before_is_still_found(made: Dataset, tmp_path: Path) -> None:
    report = verified(made, tmp_path, TEXT.replace("\n" + PASSAGE, "x" + PASSAGE))
    assert states(report)[1] in ("in place", "moved")
    assert report.copy == "edited"
    report = verified(made, tmp_path, TEXT.replace("\n" + PASSAGE, "\nabcx" + PASSAGE))
    assert states(report)[1] == "moved"


def test_text_that_stands_twice_is_placed_twice(made: Dataset) -> None:
    wanted = spans(made, DOCUMENT)
    doubled = [wanted[1], wanted[1]]
    placed = place(f"{PASSAGE}\n{PASSAGE}", doubled)
    assert sorted(p.start or 0 for p in placed) == [0, len(PASSAGE) + 1]


def test_a_wrong_file_is_told_apart_from_an_edited_copy(made: Dataset, tmp_path: Path) -> None:
    report = verified(made, tmp_path, f"{LINES[0]}\nThis is about something else altogether, and at some length.")
    assert (report.copy, report.ok) == ("other text", False)
    assert "is another text, not a copy" in report.as_text()


def test_an_empty_file_is_another_text(made: Dataset, tmp_path: Path) -> None:
    assert verified(made, tmp_path, "").copy == "other text"


def test_a_missing_copy_is_named_with_its_path(made: Dataset, tmp_path: Path) -> None:
    [report] = verify(made, tmp_path)
    assert (report.copy, report.ok) == ("missing", False)
    assert report.as_text() == f"{NAME}: no readable copy at {tmp_path / NAME}.txt"


def test_markers_of_list_items_and_space_are_layout() -> None:
    text = "One.\n- Two.\n\n  * Three. stray"
    covered = [(0, 4), (text.index("Two"), text.index("Two") + 4), (text.index("Three"), text.index("Three") + 6)]
    assert uncovered(text, covered) == ((text.index("stray"), len(text)),)


def test_progress_counts_the_spans(made: Dataset, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.txt").write_text(TEXT, "utf-8")
    steps: list[tuple[int, int]] = []
    verify(made, tmp_path, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_shipped_spans_are_in_order_and_disjoint(dataset: Dataset) -> None:
    [document] = dataset.documents
    wanted = spans(dataset, document)
    assert len([span for span in wanted if not span.heading]) == 127
    assert len([span for span in wanted if span.heading]) == 37
    assert all(before.end <= after.start for before, after in pairwise(wanted))


def test_every_locator_of_the_shipped_document_verifies_and_covers_the_text(
    dataset: Dataset, sources_dir: Path
) -> None:
    for report in verify(dataset, sources_dir):
        assert report.copy == "exact", report.as_text()
        assert report.same_bytes


def test_an_edit_in_the_shipped_document_moves_every_passage_after_it(
    dataset: Dataset, sources: Sources, tmp_path: Path
) -> None:
    [document] = dataset.documents
    text = sources.text(document)
    assert text is not None
    at = spans(dataset, document)[80].start
    (tmp_path / "back-spasms.txt").write_text(f"{text[:at]}New. {text[at:]}", "utf-8")
    [report] = verify(dataset, tmp_path)
    assert [p.state for p in report.placed] == ["in place"] * 80 + ["moved"] * (len(report.placed) - 80)
    assert report.gaps == ((at, at + 4),)
