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
from tests.kg.made import DOCUMENT, NAME, TRIG, write

SAMPLES = REPOSITORY / "tests/samples"

#: One way to break each rule of kg/checks.
RULE_BREAKS = (
    Break("known-graph", "a triple in a graph of nobody", add="<urn:stray> { id:Ice kg:inCategory id:SelfCare }"),
    Break("blank-node", "a blank node in a passage", add="<004> { id:BackSpasm kg:affects [] }"),
    Break(
        "fact-outside-passage", "a fact among the things", add="graph:entities { id:BackSpasm kg:hasCause id:Stress }"
    ),
    Break("name-in-passage", "a passage that names a thing", add='<004> { id:LowerBack skos:altLabel "loins"@en }'),
    Break("denial-beside-fact", "a cause that is denied", add="<012> { id:BackSpasm kg:notCausedBy id:Stress }"),
    Break(
        "denial-between-documents",
        "another document that denies a cause",
        add=f"""<{DOCUMENT}> {{ <{DOCUMENT}> a kg:Document . <{DOCUMENT}001> a kg:Passage ; kg:position 1 }}
                <{DOCUMENT}001> {{ id:BackSpasm kg:notCausedBy id:Stress }}""",
    ),
    Break("item-without-lead-in", "an item that lost its lead-in", drop=(("047", "kg:leadIn"),)),
    Break(
        "lead-in-misplaced",
        "an item that introduces an item",
        drop=(("047", "kg:leadIn"),),
        add="<> { <047> kg:leadIn <046> }",
    ),
    Break(
        "span-overlap",
        "a span that reaches back",
        drop=(("019#span", "oa:start"),),
        add="<> { <019#span> oa:start 1700 }",
    ),
    Break("position-gap", "a passage that is gone", drop=(("004", "kg:position"),)),
    Break(
        "span-beyond-text",
        "a text shorter than its spans",
        drop=(("", "kg:textLength"),),
        add="<> { <> kg:textLength 8000 }",
    ),
    Break(
        "unused-property",
        "a property for nothing",
        add='graph:ontology { kg:smellsOf a owl:ObjectProperty ; rdfs:label "smells of"@en }',
    ),
    Break(
        "unused-class", "a class without members", add='graph:ontology { kg:Smell a owl:Class ; rdfs:label "smell"@en }'
    ),
    Break(
        "unused-thing",
        "a thing that no document speaks of",
        add='graph:entities { id:Rain a kg:Factor ; rdfs:label "rain"@en }',
    ),
    Break("silent-passage", "a passage that states nothing", add="<> { <999> a kg:Passage }"),
    Break(
        "silent-yet-stating", "a reason for silence beside facts", add='<> { <004> kg:statesNothing "It is empty."@en }'
    ),
    Break(
        "statement-name", "a warning named like a thing", add="<004> { id:W a kg:Warning ; kg:hasTrigger id:ChestPain }"
    ),
    Break(
        "statement-scattered",
        "half a warning in another passage",
        add="<043> { <042#warning> kg:hasTrigger id:Headache }",
    ),
    Break("statement-untyped", "an instruction without its kind", drop=(("070#instruction", "rdf:type"),)),
    Break("subject-kind", "a body part that causes", add="<004> { id:LowerBack kg:hasCause id:Stress }"),
    Break("object-kind", "a cause that is a towel", add="<004> { id:BackSpasm kg:hasCause id:Towel }"),
    Break(
        "shared-label",
        "two things of one name",
        add='graph:entities { id:Heat rdfs:label "Ice"@en . id:Ice rdfs:label "ice"@en }',
    ),
    Break("foreign-term", "a misspelt label", add='graph:entities { id:Ice rdfs:lable "ice"@en }'),
    Break("question-unanswered", "a passage that forgets its heading", drop=(("004", "kg:answers"),)),
    Break("reading-without-note", "a confidence without its note", add="<> { <004> kg:readingConfidence 0.5 }"),
    Break("denial-not-disjoint", "a denial that is not disjoint", drop=(("kg:hasCause", "owl:propertyDisjointWith"),)),
    Break(
        "duration-without-minutes",
        "hours taken for minutes",
        drop=(("075#limit", "kg:minutes"),),
        add="<075> { <075#limit> kg:minutes 72 }",
    ),
    Break(
        "broader-loop",
        "two things broader than each other",
        add="graph:entities { id:Ice skos:broader id:Heat . id:Heat skos:broader id:Ice }",
    ),
    Break("dangling-passage", "a definition in no passage", add="graph:entities { id:Ice kg:definedBy <998> }"),
)

#: One way to break each shape; all at once, each at a node of its own.
SHAPE_BREAKS = (
    Break("term-label", "a class without a label", (("kg:Drug", "rdfs:label"),), focus="kg:Drug"),
    Break(
        "term-definition",
        "a class with two definitions",
        add='graph:ontology { kg:Measure skos:definition "Something."@en }',
        focus="kg:Measure",
    ),
    Break(
        "relation-inverse-label",
        "a relation that cannot be read backwards",
        (("kg:hasCause", "kg:inverseLabel"),),
        focus="kg:hasCause",
    ),
    Break(
        "thing-label", "a thing with two labels", add='graph:entities { id:Ice rdfs:label "cold"@en }', focus="id:Ice"
    ),
    Break("thing-definition", "a thing without a definition", (("id:Heat", "skos:definition"),), focus="id:Heat"),
    Break(
        "action-rank",
        "an action of rank 9",
        (("id:GoToEmergencyRoom", "kg:urgencyRank"),),
        "graph:entities { id:GoToEmergencyRoom kg:urgencyRank 9 }",
        "id:GoToEmergencyRoom",
    ),
    Break(
        "action-level",
        "an action without a level",
        (("id:CallEmergencyNumber", "kg:safetyLevel"),),
        focus="id:CallEmergencyNumber",
    ),
    Break("warning-trigger", "a warning about nothing", (("042#warning", "kg:hasTrigger"),), focus="042#warning"),
    Break(
        "warning-action",
        "a warning with two actions",
        add="<046> { <046#warning> kg:recommendsAction id:CallEmergencyNumber }",
        focus="046#warning",
    ),
    Break(
        "warning-case",
        "a warning about two conditions",
        add="<047> { <047#warning> kg:inCaseOf id:BackPain }",
        focus="047#warning",
    ),
    Break("Course", "a course that says nothing", (("051#course", "kg:hasDuration"),), focus="051#course"),
    Break(
        "statement-case",
        "an instruction for no condition",
        (("070#instruction", "kg:inCaseOf"),),
        focus="070#instruction",
    ),
    Break(
        "instruction-treatment",
        "an instruction for nothing",
        (("071#instruction", "kg:forTreatment"),),
        focus="071#instruction",
    ),
    Break(
        "prevalence-share",
        "a prevalence without a number",
        (("005#prevalence", "kg:hasShare"),),
        focus="005#prevalence",
    ),
    Break("quantity-unit", "a duration without a unit", (("052#duration", "schema:unitText"),), focus="052#duration"),
    Break(
        "Quantity",
        "a quantity with value and range",
        add="<071> { <071#duration> schema:value 25 }",
        focus="071#duration",
    ),
    Break("document-title", "a document without a title", (("", "dcterms:title"),), focus=""),
    Break("document-publisher", "a document without a publisher", (("", "dcterms:publisher"),), focus=""),
    Break(
        "document-topic",
        "a document about an activity",
        (("", "kg:aboutTopic"),),
        "<> { <> kg:aboutTopic id:Driving }",
        "",
    ),
    Break("document-length", "a document without a length", (("", "kg:textLength"),), focus=""),
    Break("document-digest", "a document with a short digest", (("", "kg:sha256"),), '<> { <> kg:sha256 "abc" }', ""),
    Break("section-label", "a section without a heading", (("s01", "rdfs:label"),), focus="s01"),
    Break(
        "section-level", "a section of level 9", (("s02", "kg:headingLevel"),), "<> { <s02> kg:headingLevel 9 }", "s02"
    ),
    Break("passage-section", "a passage in no section", (("001", "kg:inSection"),), focus="001"),
    Break("passage-item", "an item number 0", (("015", "kg:itemNumber"),), "<> { <015> kg:itemNumber 0 }", "015"),
    Break("passage-lead-in", "an item with two lead-ins", add="<> { <016> kg:leadIn <013> }", focus="016"),
    Break(
        "passage-answers",
        "a passage that answers no question",
        (("002", "kg:answers"),),
        "<> { <002> kg:answers <s01> }",
        "002",
    ),
    Break(
        "passage-confidence",
        "a confidence of 2",
        (("003", "kg:readingConfidence"),),
        "<> { <003> kg:readingConfidence 2.0 }",
        "003",
    ),
    Break("passage-note", "two notes on one reading", add='<> { <011> kg:readingNote "Another."@en }', focus="011"),
    Break("passage-silence", "two reasons for silence", add='<> { <014> kg:statesNothing "Another."@en }', focus="014"),
    Break("located-position", "a passage without a position", (("005", "kg:position"),), focus="005"),
    Break("located-digest", "a passage without a digest", (("006", "kg:sha256"),), focus="006"),
    Break("located-source", "a passage of no document", (("007", "oa:hasSource"),), focus="007"),
    Break("located-selector", "a passage without a selector", (("008", "oa:hasSelector"),), focus="008"),
    Break(
        "selector-start",
        "a span that starts after its end",
        (("009#span", "oa:start"),),
        "<> { <009#span> oa:start 2000 }",
        "009#span",
    ),
    Break("selector-end", "a span without an end", (("010#span", "oa:end"),), focus="010#span"),
)


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
