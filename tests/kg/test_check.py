"""The shapes and rules: the shipped graph keeps all of them, and each catches what breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import SH

from kg.check import RULES, SHAPES, Violation, broken, check_document, load_rules, report, run_checks
from kg.dataset import Dataset, DatasetError, load_dataset
from tests.conftest import REPOSITORY
from tests.kg.breaking import PAGE, Break, iri
from tests.kg.breaks import RULE_BREAKS, SHAPE_BREAKS
from tests.kg.made import DOCUMENT, NAME, TRIG, write

SAMPLES = REPOSITORY / "tests/samples"


def test_the_shipped_graph_breaks_no_shape_and_no_rule(dataset: Dataset) -> None:
    assert broken(run_checks(dataset)) == []


def test_every_rule_has_a_test_that_breaks_it() -> None:
    assert sorted(b.rule for b in RULE_BREAKS) == sorted(rule.name for rule in load_rules())


def test_every_shape_has_a_test_that_breaks_it() -> None:
    shapes = rdflib.Graph().parse(SHAPES)
    nodes = set(shapes.subjects(SH.targetClass))
    named = {str(p).rsplit("#", 1)[-1] for node in nodes for p in shapes.objects(node, SH.property)}
    alternatives = {
        str(node).rsplit("#", 1)[-1]
        for node in nodes
        if (node, SH["or"], None) in shapes or (node, SH.xone, None) in shapes
    }
    assert sorted(b.rule for b in SHAPE_BREAKS) == sorted(named | alternatives)


@pytest.mark.parametrize("how", RULE_BREAKS, ids=lambda how: how.sentence)
def test_a_rule_catches(how: Break, dataset: Dataset) -> None:
    [rule] = [rule for rule in load_rules() if rule.name == how.rule]
    found = run_checks(how(dataset), shapes=False, rules=[rule])
    assert found, f"{how.rule} did not see {how.sentence}"


@pytest.fixture(scope="module")
def misshapen(dataset: Dataset) -> list[Violation]:
    """What the shapes say of a copy that is broken in every way at once, each at a node of its own."""
    return run_checks(reduce(lambda data, how: how(data), SHAPE_BREAKS, dataset))


@pytest.mark.parametrize("how", SHAPE_BREAKS, ids=lambda how: how.sentence)
def test_a_shape_catches(how: Break, misshapen: list[Violation]) -> None:
    said = [v.message for v in misshapen if v.rule == how.rule]
    focus = iri(how.focus)
    assert any(re.search(rf"{re.escape(how.focus if ':' in how.focus else focus)}>?$", message) for message in said), (
        said
    )


def test_a_violation_names_file_line_rule_and_the_statement(dataset: Dataset) -> None:
    data = RULE_BREAKS[[b.rule for b in RULE_BREAKS].index("denial-beside-fact")](dataset)
    [first, *_] = [v for v in run_checks(data, shapes=False) if v.rule == "denial-beside-fact"]
    assert first.file == "kg/documents/back-spasms.trig"
    assert first.graph in (f"{PAGE}023", f"{PAGE}040")
    text = first.as_text()
    assert text.startswith(f"kg/documents/back-spasms.trig:{first.line}: rule denial-beside-fact: ")
    assert "id:BackSpasm kg:hasCause id:Stress" in text
    assert "012" in text


def test_advising_against_a_measure_denies_only_that_measure(dataset: Dataset) -> None:
    against = Break("", "", add="<004> { id:BackSpasm kg:advisesAgainst id:Ice }")
    rules = {v.rule for v in run_checks(against(dataset), shapes=False)}
    assert "denial-beside-fact" in rules
    harmless = Break("", "", add="<004> { id:BackSpasm kg:advisesAgainst id:StayingHomeWhenUnsure }")
    assert "denial-beside-fact" not in {v.rule for v in run_checks(harmless(dataset), shapes=False)}


def test_a_warning_without_a_condition_holds_for_anybody_and_is_no_violation(dataset: Dataset) -> None:
    general = [
        q for q in dataset.quads if q.subject.value == f"{PAGE}042#warning" and q.predicate.value.endswith("inCaseOf")
    ]
    assert general == []
    assert broken(run_checks(dataset)) == []


def test_what_two_documents_dispute_is_a_note_and_no_violation(dataset: Dataset) -> None:
    how = RULE_BREAKS[[b.rule for b in RULE_BREAKS].index("denial-between-documents")]
    disputed = [v for v in run_checks(how(dataset), shapes=False) if v.rule == "denial-between-documents"]
    assert disputed
    assert all(v.note for v in disputed)
    assert "denial-beside-fact" not in {v.rule for v in run_checks(how(dataset), shapes=False)}


def test_a_document_of_another_subject_keeps_every_rule_but_those_on_the_whole_vocabulary(tmp_path: Path) -> None:
    made = load_dataset(write(tmp_path))
    assert {v.rule for v in run_checks(made)} <= {"unused-property", "unused-class"}


def test_progress_goes_from_the_first_step_to_the_last(dataset: Dataset) -> None:
    steps: list[tuple[int, int]] = []
    run_checks(dataset, lambda done, total: steps.append((done, total)))
    total = len(load_rules()) + 1
    assert steps == [(n, total) for n in range(1, total + 1)]


def test_the_report_counts_what_it_lists(dataset: Dataset) -> None:
    assert report([], dataset).endswith(f"1 document(s), {len(dataset.quads)} statements: no violations")
    two = [Violation("a", "g", "is wrong", "f", 3), Violation("b", "g", "is odd", note=True)]
    assert report(two, dataset).splitlines() == [
        "f:3: rule a: is wrong",
        "note b: is odd",
        f"1 document(s), {len(dataset.quads)} statements: 1 violation(s), 1 note(s)",
    ]


def test_each_rule_says_what_is_wrong_and_why_it_matters() -> None:
    for rule in load_rules():
        assert len(rule.message) > 10, rule.name
        assert len(rule.why) > 20, rule.name


def test_a_rule_without_its_head_is_refused(tmp_path: Path) -> None:
    (tmp_path / "silent.rq").write_text("SELECT * { ?s ?p ?o }", "utf-8")
    with pytest.raises(ValueError, match=r"silent\.rq"):
        load_rules(tmp_path)


def test_no_rule_reads_the_default_graph() -> None:
    for path in RULES.glob("*.rq"):
        body = re.sub(r"#.*|<[^>]*>|\"[^\"]*\"", "", path.read_text("utf-8"))
        assert "GRAPH" in body, path.name


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("denial-beside-fact", "kg:hasCause id:Kneeling .", "kg:hasCause id:Kneeling ; kg:notCausedBy id:Kneeling ."),
        ("object-kind", "kg:hasCause id:Kneeling", "kg:hasCause id:Dizziness"),
        ("item-without-lead-in", "kg:itemNumber 2 ; kg:leadIn <001> ;", "kg:itemNumber 2 ;"),
        ("silent-passage", 'kg:statesNothing "It is here to be the last one."@en ;', ""),
    ],
)
def test_a_document_is_refused_with_its_line_passage_and_rule(
    tmp_path: Path, rule: str, before: str, after: str
) -> None:
    made = load_dataset(write(tmp_path))
    text = TRIG.replace(before, after)
    assert text != TRIG
    with pytest.raises(DatasetError) as raised:
        check_document(text, NAME, made)
    assert raised.value.rule == rule
    assert raised.value.file == f"{NAME}.trig"
    assert raised.value.line > 1
    assert (raised.value.passage or "").startswith(DOCUMENT)


def test_a_document_that_keeps_all_rules_gives_its_quads(tmp_path: Path) -> None:
    made = load_dataset(write(tmp_path))
    assert set(check_document(TRIG, NAME, made, shapes=True)) == {
        q for q in made.quads if q.graph and q.graph.value.startswith(DOCUMENT)
    }


def test_a_document_is_not_blamed_for_what_was_wrong_before(dataset: Dataset) -> None:
    vocabulary = [q for q in dataset.quads if q.graph and not q.graph.value.startswith(PAGE)]
    alone = replace(dataset, quads=vocabulary, documents=(), sources={})
    assert "dangling-passage" in {v.rule for v in run_checks(alone, shapes=False)}, (
        "definitions of a page that is not there"
    )
    text = (SAMPLES / "sciatica.trig").read_text("utf-8")
    assert check_document(text, "sciatica", alone)
