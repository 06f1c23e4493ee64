"""Three documents in one dataset: each is whole, and they may disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kg.check import broken, run_checks
from kg.dataset import Dataset, load_dataset, parse_document, with_document
from kg.source import verify
from kg.terms import document_iri
from tests.conftest import REPOSITORY

SAMPLES = REPOSITORY / "tests/samples"


@pytest.fixture(scope="module")
def three() -> Dataset:
    """The shipped document and the two samples."""
    return load_dataset(extra_documents=sorted(SAMPLES.glob("*.trig")))


def test_the_samples_add_two_documents(three: Dataset) -> None:
    assert set(three.documents) == {document_iri(name) for name in ("back-spasms", "calf-cramps", "sciatica")}


def test_all_three_keep_every_rule(three: Dataset) -> None:
    assert broken(run_checks(three)) == []


def test_a_fact_that_another_document_denies_is_a_note(three: Dataset) -> None:
    notes = [v for v in run_checks(three, shapes=False) if v.note]
    assert "denial-between-documents" in {note.rule for note in notes}
    assert any(note.file == "tests/samples/sciatica.trig" for note in notes)


def test_the_samples_verify_against_their_texts(three: Dataset) -> None:
    reports = {report.document: report.copy for report in verify(three, SAMPLES)}
    assert reports[document_iri("calf-cramps")] == reports[document_iri("sciatica")] == "exact"


def test_documents_may_come_one_after_the_other(three: Dataset) -> None:
    sample = {document_iri(path.stem) for path in SAMPLES.glob("*.trig")}
    shipped = [q for q in three.quads if q.graph and not any(q.graph.value.startswith(iri) for iri in sample)]
    grown = replace(three, quads=shipped, documents=(document_iri("back-spasms"),))
    for path in sorted(SAMPLES.glob("*.trig")):
        text = path.read_text("utf-8")
        grown = with_document(grown, path.stem, parse_document(text, path.stem, grown), text)
    assert (grown.digest, set(grown.quads)) == (three.digest, set(three.quads))
