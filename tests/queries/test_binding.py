"""Binding: no question changes a query outside its slot."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.parser import parseQuery

from kg.terms import XSD, Iri, Literal
from queries.answering import Answering
from queries.binding import UnboundSlot, bind, decimal, written


def lines(sparql: str) -> list[str]:
    return [line for line in sparql.splitlines() if not line.strip().startswith("VALUES ?")]


@pytest.mark.parametrize(
    "hostile",
    ["x> } DELETE WHERE { ?s ?p ?o } #", 'x"', "a b", "a\nb", "<x>", "x{y}", "x\\u003e", "", "x|y", "x^y", "x`y"],
)
def test_an_iri_that_would_end_its_brackets_is_refused(hostile: str) -> None:
    with pytest.raises(ValueError, match="no IRI"):
        written(Iri(hostile))


@given(st.text())
def test_whatever_an_iri_holds_it_is_refused_or_stays_one_iri(text: str) -> None:
    try:
        sparql = f"ASK {{ VALUES ?x {{ {written(Iri('http://e/' + text))} }} }}"
    except ValueError:
        return
    assert sparql.count("<") == 1
    assert sparql.count(">") == 1


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_number_is_written_as_one_typed_literal(number: float) -> None:
    literal = decimal(number)
    assert literal.datatype == f"{XSD}decimal"
    assert written(literal).startswith('"')
    assert written(literal).endswith(f'"^^<{XSD}decimal>')


def test_a_literal_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        written(Literal('1" } #', f"{XSD}decimal"))


def test_a_slot_that_must_be_filled_is_missed(answering: Answering) -> None:
    template = next(t for t in answering.templates if any(not s.optional for s in t.slots.values()))
    with pytest.raises(UnboundSlot):
        bind(template, {})


def test_every_query_parses_bound_and_unbound_in_both_engines(answering: Answering) -> None:
    store = ox.Store()
    for template in answering.templates:
        full = {n: Iri(s.example) if s.classes else decimal(float(s.example or 1)) for n, s in template.slots.items()}
        least = {n: v for n, v in full.items() if not template.slots[n].optional}
        for sparql in (template.sparql, bind(template, full), bind(template, least)):
            store.query(sparql)
            parseQuery(sparql)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("can", "stress", "cause", "back", "spasms?", "side", "effects", "of", "ibuprofen", '"', "}", "#"),
                *("<x>", "?x", "VALUES", "{", "DELETE", "WHERE", ";", "\\", "\n", "a_b", "id:Ice"),
            ]
        ),
        max_size=12,
    )
)
def test_no_question_changes_a_query_outside_its_slots(answering: Answering, words: list[str]) -> None:
    answer = answering.ask(" ".join(words))
    if answer.interpretation.sparql is None:
        return
    template = next(t for t in answering.templates if t.id == answer.interpretation.question_file)
    assert lines(answer.interpretation.sparql) == lines(template.sparql)
    assert all(
        value.iri in answering.lexicon.things for value in answer.interpretation.slots.values() if value.iri is not None
    )
