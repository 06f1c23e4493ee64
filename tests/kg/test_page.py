"""What the graph says of the page: its lists are whole, and its tensions are decided in the open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.backends import Result, Row
from kg.dataset import Dataset
from kg.terms import ENTITIES_GRAPH, Iri, Literal, local_name

Ask = Callable[[str], Result]


def names(ask: Ask, pattern: str) -> set[str]:
    """The local names of `?x` in a pattern of a passage's graph."""
    rows = ask(f"SELECT DISTINCT ?x WHERE {{ GRAPH ?passage {{ {pattern} }} }}").rows
    return {local_name(row["x"].value) for row in rows if isinstance(row["x"], Iri)}


def texts(row: Row, *variables: str) -> tuple[str, ...]:
    """The texts of a row's literals."""
    return tuple(term.value for term in map(row.__getitem__, variables) if isinstance(term, Literal))


def ranks(ask: Ask, finding: str) -> list[int]:
    """The ranks of urgency of the warnings that a finding raises, the most urgent first."""
    rows = ask(
        f"""SELECT DISTINCT ?rank WHERE {{
              GRAPH ?passage {{ ?warning kg:hasTrigger id:{finding} ; kg:recommendsAction ?action }}
              GRAPH <{ENTITIES_GRAPH}> {{ ?action kg:urgencyRank ?rank }} }}"""
    ).rows
    return sorted((int(row["rank"].value) for row in rows if isinstance(row["rank"], Literal)), reverse=True)


# ---------------------------------------------------------------- lists


def items(ask: Ask, section: str, lead_in: str | None = None) -> list[int]:
    """The item numbers of a section's list (of the list that a passage introduces), each once, in order."""
    of = f"; kg:leadIn <https://w3id.org/backstory/doc/back-spasms/{lead_in}>" if lead_in else ""
    rows = ask(
        f"""SELECT DISTINCT ?n WHERE {{ GRAPH ?d {{
              ?p kg:inSection <https://w3id.org/backstory/doc/back-spasms/{section}> ; kg:itemNumber ?n {of} }} }}
            ORDER BY ?n"""
    ).rows
    return [int(row["n"].value) for row in rows if isinstance(row["n"], Literal)]


@pytest.mark.parametrize(
    ("section", "lead_in", "count"),
    [
        ("s10", "014", 5),
        ("s10", "026", 7),
        ("s10", "034", 5),
        ("s13", "045", 5),
        ("s18", None, 9),
        ("s20", "069", 4),
        ("s21", "077", 2),
        ("s25", "085", 4),
        ("s30", "093", 7),
        ("s31", "093", 2),
        ("s32", "093", 4),
        ("s35", "111", 5),
        ("s36", None, 4),
    ],
    ids=[
        "five causes",
        "seven serious conditions",
        "five conditions that feel alike",
        "five signs to see a doctor for",
        "nine questions of a provider",
        "four treatments",
        "two side effects",
        "four ways to prevent",
        "seven other pains",
        "two kinds of stiffness",
        "four other conditions",
        "the same five signs again",
        "four questions for the doctor",
    ],
)
def test_a_list_of_the_page_is_whole(ask: Ask, section: str, lead_in: str | None, count: int) -> None:
    assert items(ask, section, lead_in) == list(range(1, count + 1))


def test_the_five_groups_of_causes_each_have_members(ask: Ask) -> None:
    groups = names(ask, "id:BackSpasm kg:hasCauseCategory ?x")
    assert len(groups) == 5
    for group in groups:
        members = names(ask, f"?x kg:inCategory id:{group}")
        assert members & names(ask, "id:BackSpasm kg:hasCause ?x"), group


def test_both_lists_of_five_signs_raise_the_same_warnings(ask: Ask) -> None:
    def triggers(first: int, last: int) -> list[set[str]]:
        return [
            names(
                ask, f"?w kg:hasTrigger ?x . FILTER (?passage = <https://w3id.org/backstory/doc/back-spasms/{n:03d}>)"
            )
            for n in range(first, last + 1)
        ]

    assert triggers(46, 50) == triggers(112, 116)
    assert all(len(found) == 1 for found in triggers(46, 50)), (
        "what an item joins is one finding: five items, five warnings"
    )


# ---------------------------------------------------------------- tensions


@pytest.mark.parametrize("finding", ["LossOfBladderOrBowelControl"])
def test_a_finding_in_several_lists_has_the_more_urgent_advice_too(ask: Ask, finding: str) -> None:
    assert ranks(ask, finding) == [3, 2]


def test_a_finding_that_is_also_called_harmless_company_still_raises_its_warning(ask: Ask) -> None:
    company = names(ask, "id:BackSpasm kg:occursWith ?x")
    assert {"LegWeakness", "Numbness", "Tingling"} <= company
    rows = ask(
        f"""SELECT DISTINCT ?x WHERE {{
              GRAPH <{ENTITIES_GRAPH}> {{ ?narrower skos:broader* ?x , ?finding }}
              GRAPH ?passage {{ ?warning kg:hasTrigger ?finding }} }}"""
    ).rows
    reached = {local_name(row["x"].value) for row in rows if isinstance(row["x"], Iri)}
    assert {"LegWeakness", "Numbness", "Tingling"} <= reached


def test_every_passage_that_recommends_muscle_relaxants_is_reached_by_the_limit_of_72_hours(ask: Ask) -> None:
    limits = ask(
        """SELECT ?value ?unit ?minutes WHERE { GRAPH ?passage {
             ?how kg:forTreatment id:MuscleRelaxant ; kg:atMostFor ?limit .
             ?limit schema:value ?value ; schema:unitText ?unit ; kg:minutes ?minutes } }"""
    ).rows
    assert [texts(row, "value", "unit", "minutes") for row in limits] == [("72", "hours", "4320")]
    treated = ask("SELECT ?passage WHERE { GRAPH ?passage { id:BackSpasm kg:hasTreatment id:MuscleRelaxant } }").rows
    assert len(treated) == 2
    assert names(ask, "?x kg:hasDrugClass id:MuscleRelaxant") == {"Cyclobenzaprine", "Metaxalone", "Methocarbamol"}


def test_bed_rest_is_a_thing_of_the_past_and_never_a_treatment(ask: Ask) -> None:
    assert "BedRest" not in names(ask, "id:BackSpasm kg:hasTreatment ?x")
    assert names(ask, "id:BackSpasm kg:hasFormerTreatment ?x") == {"BedRest"}
    assert "BedRest" in names(ask, "id:BackSpasm kg:advisesAgainst ?x")


def test_whether_it_can_cause_chest_pain_is_neither_stated_nor_denied_but_warned_of(ask: Ask) -> None:
    assert not ask("ASK { GRAPH ?p { id:BackSpasm ?how id:ChestPain } }").boolean
    assert not ask("ASK { GRAPH ?p { id:ChestPain ?how ?what . FILTER (STRSTARTS(STR(?how), STR(kg:))) } }").boolean
    assert ranks(ask, "ChestPain") == [3]
    assert not ask("ASK { GRAPH ?p { ?w kg:hasTrigger id:ChestPain ; kg:inCaseOf ?condition } }").boolean


def test_pain_that_radiates_to_the_hips_stands_beside_hip_pain_as_mere_company(ask: Ask) -> None:
    assert {"Hip", "Leg"} <= names(ask, "id:BackSpasm kg:radiatesTo ?x")
    assert "HipPain" in names(ask, "id:BackSpasm kg:occursWith ?x")
    assert ask("ASK { GRAPH ?p { id:HipPain kg:notCausedBy id:BackSpasm } }").boolean
    assert ask("ASK { GRAPH ?p { id:BackSpasm kg:notCausedBy id:HipPain } }").boolean


def test_back_pain_is_a_risk_group_and_a_companion(ask: Ask) -> None:
    assert "PeopleWithOtherBackPain" in names(ask, "id:BackSpasm kg:hasRiskGroup ?x")
    assert "BackPain" in names(ask, "id:BackSpasm kg:occursWith ?x")


def test_the_eighty_percent_are_of_back_pain_and_not_of_spasms(ask: Ask) -> None:
    assert names(ask, "?p a kg:Prevalence ; kg:inCaseOf ?x") == {"BackPain"}


def test_whatever_merely_occurs_together_is_denied_as_cause_and_as_effect(ask: Ask) -> None:
    company = names(ask, "id:BackSpasm kg:occursWith ?x")
    assert len(company) == 13
    assert company == names(ask, "id:BackSpasm kg:notCausedBy ?x") == names(ask, "?x kg:notCausedBy id:BackSpasm")


# ---------------------------------------------------------------- garbled spots


def test_every_garbled_spot_has_a_confidence_and_a_note(ask: Ask) -> None:
    rows = ask("SELECT ?p ?sure ?note WHERE { GRAPH ?d { ?p kg:readingConfidence ?sure ; kg:readingNote ?note } }").rows
    assert len(rows) >= 18
    assert all(0.5 <= float(row["sure"].value) < 1 for row in rows if isinstance(row["sure"], Literal))


@pytest.mark.parametrize(
    "word", ["deaf", "deafness", "elaborate", "itch", "itching", "carrier", "back work", "order ibuprofen"]
)
def test_a_garbled_word_is_no_name_of_what_it_was_read_as(dataset: Dataset, word: str) -> None:
    labels = {
        quad.object.value.casefold(): quad.subject.value
        for quad in dataset.graph(ENTITIES_GRAPH)
        if isinstance(quad.object, Literal) and quad.predicate.value.endswith(("#label", "#altLabel", "#hiddenLabel"))
    }
    assert word not in labels
