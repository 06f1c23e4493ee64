"""`backstory draft`: what a page's structure states, measured on the samples and on the page where it is at hand."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.backends import open_backend
from kg.dataset import Dataset, load_dataset
from queries.drafting.document import Draft, draft
from queries.drafting.page import pieces
from queries.lexicon import Lexicon, LoadedLexicon, read_ontology, read_things
from queries.words import Writing
from tests.bench.draft import by_hand, read

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def writing() -> Writing:
    return Writing.load()


@pytest.fixture(scope="module")
def lexicon(writing: Writing) -> Lexicon:
    backend = open_backend("memory:", load_dataset(extra_documents=sorted(SAMPLES.glob("*.trig"))))
    ontology = read_ontology(backend)
    return LoadedLexicon(read_things(backend, ontology), ontology, writing)


def stated(trig: str | bytes) -> set[tuple[str, str, str]]:
    """The plain facts of a document's passages, without those of nodes with several parts."""
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object))
        for quad in ox.parse(trig, format=ox.RdfFormat.TRIG)
        if str(quad.graph_name)[-4:-1].isdigit() and "#" not in str(quad.subject)
    }


def sample(name: str, lexicon: Lexicon, writing: Writing) -> Draft:
    return draft((SAMPLES / f"{name}.txt").read_text("utf-8"), name, lexicon, writing)


@pytest.mark.parametrize("name", ["calf-cramps", "sciatica"])
def test_what_the_lists_of_a_sample_state_is_drafted_and_nothing_else(
    name: str, lexicon: Lexicon, writing: Writing
) -> None:
    made = stated(sample(name, lexicon, writing).trig)
    curated = stated((SAMPLES / f"{name}.trig").read_bytes())
    known = {fact for fact in made if fact[2].startswith('"') or fact[2][1:-1] in lexicon.things}
    assert known
    assert known <= curated


@pytest.mark.parametrize(("name", "least"), [("ankle-sprain", 0.85), ("tension-headache", 0.85)])
def test_pages_of_other_structures_are_drafted(name: str, least: float, lexicon: Lexicon, writing: Writing) -> None:
    """Marked headings, capital headings, numbered lists, dashes, lists within a sentence: against facts by hand."""
    text = (SAMPLES / "drafts" / f"{name}.txt").read_text("utf-8")
    made = read(draft(text, name, lexicon, writing).trig.encode())
    wanted = set(by_hand(SAMPLES / "drafts" / f"{name}.facts", made).facts)
    found = made.facts.keys() & wanted
    assert len(found) >= least * len(made.facts)
    assert len(found) >= least * len(wanted)


def test_what_a_group_of_an_item_holds_is_drafted_and_marked(lexicon: Lexicon, writing: Writing) -> None:
    text = (
        "What causes leg pain?\nThese are its causes:\n- Trauma. It may follow a fall.\n"
        "How is it treated?\n- Muscle relaxants: for instance metaxalone.\n- Ice/Heat\n"
    )
    made = draft(text, "leg-pain", lexicon, writing).trig
    facts = {(s.rsplit("/", 1)[-1], p.rsplit("#", 1)[-1], o.rsplit("/", 1)[-1]) for s, p, o in stated(made)}
    assert ("Fall>", "inCategory>", "Trauma>") in facts
    assert ("Metaxalone>", "hasDrugClass>", "MuscleRelaxant>") in facts
    assert {o for _, p, o in facts if p == "hasTreatment>"} == {"MuscleRelaxant>", "Ice>", "Heat>"}
    assert "DOUBT fall: found inside a sentence" in made


def test_a_page_on_something_unknown_is_not_taken_for_something_known(lexicon: Lexicon, writing: Writing) -> None:
    made = draft("Causes\n- Stress\n", "tension-headache", lexicon, writing)
    assert "id:TensionHeadache kg:hasCause id:Stress" in made.trig


@pytest.mark.parametrize("name", ["calf-cramps", "sciatica"])
def test_a_draft_has_the_passages_and_places_of_the_curated_file(name: str, lexicon: Lexicon, writing: Writing) -> None:
    start = ox.NamedNode("http://www.w3.org/ns/oa#start")

    def places(trig: str | bytes) -> set[str]:
        return {str(q.object) for q in ox.parse(trig, format=ox.RdfFormat.TRIG) if q.predicate == start}

    assert places(sample(name, lexicon, writing).trig) == places((SAMPLES / f"{name}.trig").read_bytes())


def test_a_draft_loads_as_a_document_as_it_stands(tmp_path: Path, lexicon: Lexicon, writing: Writing) -> None:
    text = "Overview\nWhat causes hiccups?\nHiccups can be caused by:\n- Eating too fast.\n- Stress.\n"
    made = draft(text, "hiccups", lexicon, writing)
    path = tmp_path / "hiccups.trig"
    path.write_text(made.trig, "utf-8")
    dataset: Dataset = load_dataset(extra_documents=[path])
    assert "https://w3id.org/backstory/doc/hiccups/" in dataset.documents
    assert made.new_things == 1
    assert "DOUBT eating too fast: new" in made.trig


def test_no_sentence_of_the_text_is_written_down(lexicon: Lexicon, writing: Writing) -> None:
    text = "Causes\nThese can be causes:\n- When the weather turns all of a sudden and nobody has closed the windows.\n"
    assert "all of a sudden and nobody" not in draft(text, "draughts", lexicon, writing).trig


def test_an_empty_page_is_refused(lexicon: Lexicon, writing: Writing) -> None:
    with pytest.raises(ValueError, match="empty"):
        draft(" \n", "nothing", lexicon, writing)


def test_a_lost_space_after_a_full_stop_still_ends_the_sentence() -> None:
    assert [piece.text for piece in pieces("- Trauma.You can fall. Or slip.")] == [
        "Trauma.",
        "You can fall.",
        "Or slip.",
    ]


def test_an_abbreviation_ends_no_sentence() -> None:
    cut = pieces("Ask Dr. Ames first. Then rest.", {"dr"})
    assert [piece.text for piece in cut] == ["Ask Dr. Ames first.", "Then rest."]


def test_places_count_code_points() -> None:
    text = "Café 😀\n- Résumé.\n"
    cut = pieces(text)
    assert [text[piece.start : piece.end] for piece in cut] == [piece.text for piece in cut]


def test_numbered_and_bulleted_lists_are_lists() -> None:
    cut = pieces("Do this:\n1. Rest.\n2) Walk.\n• Sleep.\n")
    assert [(piece.item, piece.lead) for piece in cut[1:]] == [(1, 0), (2, 0), (3, 0)]
