"""What a document brought into the entities graph leaves with it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.backends.embedded import EmbeddedBackend
from kg.brought import Brought
from kg.terms import DOC, ENTITIES_GRAPH, ID, PREFIXES, Iri, Literal, Quad

ONE, TWO = f"{DOC}one/", f"{DOC}two/"
LABEL, BROADER, CAUSE = Iri(f"{PREFIXES['rdfs']}label"), Iri("http://x/broader"), Iri("http://x/cause")
ENTITIES = Iri(ENTITIES_GRAPH)
A, B = Iri(f"{ID}A"), Iri(f"{ID}B")
OURS = Quad(Iri(f"{ID}Ours"), LABEL, Literal("ours"), ENTITIES)


def labelled(thing: Iri, text: str) -> Quad:
    return Quad(thing, LABEL, Literal(text), ENTITIES)


def fact(document: str, subject: Iri, value: Iri) -> Quad:
    return Quad(subject, CAUSE, value, Iri(f"{document}001"))


def put(store: EmbeddedBackend, notes: Brought, document: str, *quads: Quad) -> tuple[EmbeddedBackend, Brought]:
    """The store and the notes after a write."""
    after, leaving = notes.after(document, quads, store)
    return store.successor(document, quads, leaving), after


@pytest.fixture
def store() -> EmbeddedBackend:
    return EmbeddedBackend.in_memory([OURS])


def test_what_only_one_document_brought_leaves_with_it(store: EmbeddedBackend) -> None:
    before = store.digest()
    now, notes = put(store, Brought(), ONE, labelled(A, "a"), fact(ONE, A, A))
    assert now.holds(labelled(A, "a"))
    now, notes = put(now, notes, ONE)
    assert not now.holds(labelled(A, "a"))
    assert now.digest() == before
    assert not notes.by_document


def test_what_another_document_brought_too_stays_until_that_leaves(store: EmbeddedBackend) -> None:
    now, notes = put(store, Brought(), ONE, labelled(A, "a"), labelled(A, "only one's"))
    now, notes = put(now, notes, TWO, labelled(A, "a"))
    now, notes = put(now, notes, ONE)
    assert now.holds(labelled(A, "a"))
    assert not now.holds(labelled(A, "only one's"))
    now, _ = put(now, notes, TWO)
    assert now.digest() == store.digest()


def test_what_was_there_before_stays(store: EmbeddedBackend) -> None:
    now, notes = put(store, Brought(), ONE, OURS, fact(ONE, A, A))
    now, _ = put(now, notes, ONE)
    assert now.holds(OURS)


def test_a_new_state_of_a_document_takes_out_what_it_says_no_more(store: EmbeddedBackend) -> None:
    now, notes = put(store, Brought(), ONE, labelled(A, "old"), labelled(B, "b"))
    now, notes = put(now, notes, ONE, labelled(A, "new"), labelled(B, "b"))
    assert not now.holds(labelled(A, "old"))
    assert now.holds(labelled(A, "new"))
    assert now.holds(labelled(B, "b"))
    assert put(now, notes, ONE)[0].digest() == store.digest()


def test_a_thing_that_another_document_speaks_of_keeps_its_name_and_what_is_above_it(
    store: EmbeddedBackend,
) -> None:
    broader = Quad(A, BROADER, B, ENTITIES)
    now, notes = put(store, Brought(), ONE, labelled(A, "a"), labelled(B, "b"), broader, fact(ONE, A, B))
    now, notes = put(now, notes, TWO, fact(TWO, A, A))
    now, _ = put(now, notes, ONE)
    assert all(now.holds(quad) for quad in (labelled(A, "a"), labelled(B, "b"), broader))


def test_the_union_loses_what_left_and_keeps_what_somebody_else_states(store: EmbeddedBackend) -> None:
    same = Quad(A, CAUSE, B, ENTITIES)
    now, notes = put(store, Brought(), ONE, same, labelled(A, "a"))
    now, notes = put(now, notes, TWO, Quad(B, CAUSE, B, Iri(f"{TWO}001")))
    now, _ = put(now, notes, ONE)
    assert not now.holds(Quad(A, CAUSE, B, None))
    assert now.holds(Quad(B, CAUSE, B, None))


def test_files_that_are_loaded_together_are_told_apart() -> None:
    files = {ENTITIES_GRAPH: [OURS], ONE: [OURS, labelled(A, "a"), fact(ONE, A, A)], TWO: [fact(TWO, A, A)]}
    assert Brought.of_files(files) == Brought({ONE: frozenset([labelled(A, "a")])})


def test_notes_are_written_and_read(tmp_path: Path) -> None:
    notes = Brought({ONE: frozenset([labelled(A, 'é 日 \U0001f600 "q" \\ \n')]), TWO: frozenset([labelled(A, "a")])})
    notes.write(tmp_path / "brought.nq")
    assert Brought.read(tmp_path / "brought.nq") == notes
    assert Brought.read(tmp_path / "none.nq") == Brought()


def test_a_thing_that_two_documents_describe_loses_what_the_leaving_one_said_of_it(store: EmbeddedBackend) -> None:
    defined = Quad(A, CAUSE, Iri(f"{ONE}001"), ENTITIES)
    now, notes = put(store, Brought(), ONE, labelled(A, "a"), defined, fact(ONE, A, A))
    now, notes = put(now, notes, TWO, labelled(A, "a"), fact(TWO, A, A))
    now, notes = put(now, notes, ONE)
    assert now.holds(labelled(A, "a"))
    assert not now.holds(defined)
    assert put(now, notes, TWO)[0].digest() == store.digest()
