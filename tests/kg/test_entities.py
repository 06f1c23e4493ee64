"""The things: each described once, named so that people find it, and none named by a garbled word."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from kg.dataset import Dataset
from kg.terms import DOC, ENTITIES_GRAPH, ID, KG, PREFIXES, Iri, Literal, local_name
from queries.phrases import parse, size

SKOS = PREFIXES["skos"]
LABEL = PREFIXES["rdfs"] + "label"
TYPE = PREFIXES["rdf"] + "type"
ALT, HIDDEN, DEFINITION, BROADER = (SKOS + name for name in ("altLabel", "hiddenLabel", "definition", "broader"))

#: Words of the copy that the translation put for others (the notes of the passages say for which): no names of things.
GARBLED = {
    "itch",
    "itches",
    "itching",
    "deaf",
    "deafness",
    "elaborate",
    "carrier",
    "backwork",
    "amuscle",
    "crampis",
    "emphasize",
}
WORDS = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")

Things = dict[str, dict[str, list[Iri | Literal]]]


@pytest.fixture(scope="module")
def things(dataset: Dataset) -> Things:
    """What the graph of entities says, by the thing's local name and the property."""
    found: Things = defaultdict(lambda: defaultdict(list))
    for quad in dataset.quads:
        if (
            quad.graph == Iri(ENTITIES_GRAPH)
            and isinstance(quad.subject, Iri)
            and isinstance(quad.object, Iri | Literal)
        ):
            found[local_name(quad.subject.value)][quad.predicate.value].append(quad.object)
    return found


def runs(values: Iterable[Iri | Literal]) -> set[str]:
    """Names as runs of lower-case words; patterns left out."""
    return {
        " ".join(re.findall(r"[a-z0-9]+", value.value.lower()))
        for value in values
        if isinstance(value, Literal) and value.datatype != f"{KG}pattern"
    }


def patterns(about: dict[str, list[Iri | Literal]]) -> list[str]:
    """The patterns of words among a thing's hidden labels."""
    return [v.value for v in about[HIDDEN] if isinstance(v, Literal) and v.datatype == f"{KG}pattern"]


def triggers(dataset: Dataset) -> set[str]:
    """The findings that warnings are about."""
    return {
        local_name(q.object.value)
        for q in dataset.quads
        if q.predicate.value == f"{KG}hasTrigger" and isinstance(q.object, Iri)
    }


def with_parts(findings: set[str], things: Things) -> set[str]:
    """The findings, and those that are directly narrower."""
    narrower = {
        n for n, about in things.items() if any(local_name(b.value) in findings for b in about.get(BROADER, []))
    }
    return findings | narrower


def test_every_thing_that_a_document_speaks_of_is_described(dataset: Dataset, things: Things) -> None:
    used = {
        local_name(term.value)
        for quad in dataset.quads
        if quad.graph is not None and quad.graph.value.startswith(DOC)
        for term in (quad.subject, quad.object)
        if isinstance(term, Iri) and term.value.startswith(ID)
    }
    assert len(used) > 150
    assert used - set(things) == set()


def test_every_thing_has_one_kind_one_label_and_one_definition(things: Things) -> None:
    for name, about in things.items():
        assert [len(about[p]) for p in (TYPE, LABEL, DEFINITION)] == [1, 1, 1], name


def test_labels_and_definitions_are_english(things: Things) -> None:
    for name, about in things.items():
        for prop in (LABEL, ALT, DEFINITION):
            assert {v.language for v in about.get(prop, []) if isinstance(v, Literal)} <= {"en"}, (name, prop)


def test_a_definition_is_one_sentence(things: Things) -> None:
    for name, about in things.items():
        text = about[DEFINITION][0].value
        assert re.fullmatch(r"[A-Z][^.!?]+\.", text), (name, text)


def test_a_label_reads_inside_a_sentence(things: Things) -> None:
    proper = {"the United States"}
    for name, about in things.items():
        label = about[LABEL][0].value
        assert label == label.strip().removesuffix("."), name
        assert label in proper or label == label.lower(), name


def test_no_two_things_have_the_same_label_or_synonym(things: Things) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for name, about in things.items():
        for run in runs([*about[LABEL], *about.get(ALT, [])]):
            owners[run].add(name)
    assert {run: who for run, who in owners.items() if len(who) > 1} == {}


def test_a_thing_gives_no_name_twice(things: Things) -> None:
    for name, about in things.items():
        counted = Counter(
            run for prop in (LABEL, ALT, HIDDEN) for value in about.get(prop, []) for run in runs([value])
        )
        assert [run for run, times in counted.items() if times > 1] == [], name


def test_no_garbled_word_of_the_copy_names_a_thing(things: Things) -> None:
    for name, about in things.items():
        for run in runs(v for prop in (LABEL, ALT, HIDDEN) for v in about.get(prop, [])):
            assert not GARBLED & set(run.split()), (name, run)


def test_hidden_labels_are_written_as_a_normalised_question_is(things: Things) -> None:
    for name, about in things.items():
        for value in about.get(HIDDEN, []):
            if isinstance(value, Literal) and value.datatype != f"{KG}pattern":
                assert WORDS.fullmatch(value.value), (name, value.value)


def test_patterns_parse_and_stay_small_enough_to_write_out(things: Things) -> None:
    total = 0
    for name, about in things.items():
        for pattern in patterns(about):
            count = size(parse(pattern, lambda word: [word]))
            assert 1 < count <= 4096, (name, pattern, count)
            total += count
    assert 1_000 < total < 150_000


def test_every_warning_sign_and_part_of_one_has_many_ways_of_being_told(dataset: Dataset, things: Things) -> None:
    findings = with_parts(triggers(dataset), things) - {"OneSidedTinglingOrNumbness"}  # told by its two parts
    assert len(findings) > 15
    few = {name: len(things[name][HIDDEN]) for name in findings if len(things[name][HIDDEN]) < 20}
    assert few == {}


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ("wet the bed", "LossOfBladderControl"),
        ("peed myself", "LossOfBladderControl"),
        ("soiled myself", "LossOfBowelControl"),
        ("accidents in my pants", "LossOfBladderOrBowelControl"),
        ("legs gave way", "LegWeakness"),
        ("foot drop", "LegWeakness"),
        ("dropping things", "ArmWeakness"),
        ("staggering", "LossOfBalance"),
        ("clumsy", "LossOfCoordination"),
        ("walking like a drunk", "LossOfBalanceAndCoordination"),
        ("dead leg", "LossOfSensationInExtremity"),
        ("can not get out of bed", "InabilityToMoveDueToPain"),
        ("stuck on the floor", "InabilityToMoveDueToPain"),
        ("chest hurts", "ChestPain"),
        ("elephant on my chest", "ChestPain"),
        ("er or wait", "UnsureAboutEmergency"),
        ("hemiparesis", "OneSidedWeakness"),
    ],
)
def test_a_warning_sign_is_known_by_what_people_say(things: Things, said: str, finding: str) -> None:
    about = things[finding]
    assert said in runs(v for prop in (LABEL, ALT, HIDDEN) for v in about.get(prop, []))


@pytest.mark.parametrize(
    "harmless", ["weak", "control", "balance", "bladder", "bowel", "chest", "move", "side", "stuck", "feel"]
)
def test_a_word_that_alone_reports_nothing_names_no_warning_sign(
    dataset: Dataset, things: Things, harmless: str
) -> None:
    for finding in with_parts(triggers(dataset), things):
        assert harmless not in runs(v for prop in (LABEL, ALT, HIDDEN) for v in things[finding].get(prop, [])), finding


def test_what_an_item_joins_is_one_finding_with_narrower_parts(things: Things) -> None:
    parts = {
        "LossOfBladderOrBowelControl": {"LossOfBladderControl", "LossOfBowelControl"},
        "MuscleWeaknessInArmsOrLegs": {"ArmWeakness", "LegWeakness"},
        "LossOfBalanceAndCoordination": {"LossOfBalance", "LossOfCoordination"},
        "OneSidedTinglingOrNumbness": {"OneSidedTingling", "OneSidedNumbness"},
        "OneSidedStrangeSensationsNumbnessOrWeakness": {
            "OneSidedStrangeSensations",
            "OneSidedNumbness",
            "OneSidedWeakness",
        },
    }
    for whole, expected in parts.items():
        found = {name for name, about in things.items() if Iri(ID + whole) in about.get(BROADER, [])}
        assert found == expected, whole


def test_actions_rise_in_urgency_from_the_doctor_to_the_emergency_call(things: Things) -> None:
    ranked = ["SeeDoctorRightAway", "GoToEmergencyRoom", "CallEmergencyNumber"]
    assert [things[name][f"{KG}urgencyRank"][0].value for name in ranked] == ["2", "3", "4"]
    levels = [things[name][f"{KG}safetyLevel"][0].value for name in ranked]
    assert levels == ["see_doctor_now", "emergency", "emergency"]
