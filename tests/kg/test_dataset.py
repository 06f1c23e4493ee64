"""The graph from its files: where they are found, what is refused and where the message points."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.dataset import Dataset, DatasetError, load_dataset, parse_document, with_document
from kg.terms import DOC, ENTITIES_GRAPH, ONTOLOGY_GRAPH, Iri, Literal, Quad, local_name
from tests.conftest import REPOSITORY
from tests.kg.made import DOCUMENT, ENTITIES, NAME, TRIG, line_of, write


def refused(tmp_path: Path, trig: str = TRIG, entities: str = ENTITIES) -> DatasetError:
    """The error with which a dataset of these files is refused."""
    with pytest.raises(DatasetError) as raised:
        load_dataset(write(tmp_path, trig=trig, entities=entities))
    return raised.value


def test_the_shipped_dataset_has_the_ontology_the_things_and_the_document(dataset: Dataset) -> None:
    graphs = {quad.graph.value for quad in dataset.quads if quad.graph is not None}
    assert {ONTOLOGY_GRAPH, ENTITIES_GRAPH, f"{DOC}back-spasms/", f"{DOC}back-spasms/018"} <= graphs
    assert dataset.documents == (f"{DOC}back-spasms/",)


def test_every_quad_stands_in_a_named_graph_and_none_twice(dataset: Dataset) -> None:
    assert all(quad.graph is not None for quad in dataset.quads)
    assert len(set(dataset.quads)) == len(dataset.quads)


def test_the_union_holds_a_fact_once_that_several_passages_state(dataset: Dataset) -> None:
    facts = [(q.subject, q.predicate, q.object) for q in dataset.quads]
    union = dataset.union()
    assert len(set(facts)) < len(facts)
    assert len(union) == len(set(facts))
    assert all(quad.graph is None for quad in union)


def test_a_made_up_dataset_loads_from_a_checkout_and_from_a_wheel(tmp_path: Path) -> None:
    checkout = write(tmp_path / "checkout")
    wheel = write(tmp_path / "wheel")
    shutil.move(wheel.parent / "ontology.ttl", wheel / "ontology.ttl")
    assert load_dataset(checkout).digest == load_dataset(wheel).digest


def test_a_root_without_an_ontology_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no ontology\.ttl in"):
        load_dataset(tmp_path / "empty")


def test_a_further_document_is_added_to_those_of_the_root(tmp_path: Path) -> None:
    data = write(tmp_path)
    further = tmp_path / "second-page.trig"
    further.write_text(TRIG.replace(DOCUMENT, f"{DOC}second-page/"), "utf-8")
    assert load_dataset(data, [further]).documents == (DOCUMENT, f"{DOC}second-page/")


def test_a_document_may_name_its_new_things_itself(tmp_path: Path) -> None:
    trig = TRIG.replace("id:Kneeling", "id:Squatting") + (
        '<https://w3id.org/backstory/graph/entities> {\n  id:Squatting a kg:Factor ; rdfs:label "squatting"@en .\n}\n'
    )
    assert load_dataset(write(tmp_path, trig=trig)).documents == (DOCUMENT,)


def test_the_digest_does_not_depend_on_the_order_of_the_files_lines(tmp_path: Path) -> None:
    lines = ENTITIES.splitlines(keepends=True)
    turned = "".join([*lines[:5], *lines[6:8], lines[5], *lines[8:]])
    assert load_dataset(write(tmp_path / "a")).digest == load_dataset(write(tmp_path / "b", entities=turned)).digest


def test_the_digest_changes_with_a_single_statement(tmp_path: Path) -> None:
    other = TRIG.replace("kg:hasCause id:Kneeling", "kg:notCausedBy id:Kneeling")
    assert load_dataset(write(tmp_path / "a")).digest != load_dataset(write(tmp_path / "b", trig=other)).digest


def test_a_syntax_error_is_reported_with_file_line_and_rule(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("id:KneeTwinge kg:hasCause id:Kneeling .", "id:KneeTwinge kg:hasCause ; ."))
    assert (error.rule, error.line) == ("syntax", line_of(TRIG, "id:KneeTwinge kg:hasCause"))
    assert str(error).startswith(f"kg/documents/{NAME}.trig:{error.line}: rule syntax: ")


def test_a_file_that_is_not_utf_8_is_a_syntax_error_with_its_byte(tmp_path: Path) -> None:
    data = write(tmp_path)
    (data / "entities.ttl").write_bytes(b"\xff" + ENTITIES.encode())
    with pytest.raises(DatasetError, match=r"kg/entities\.ttl:1: rule syntax: not UTF-8.*byte 0"):
        load_dataset(data)


def test_an_empty_document_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "").rule == "no-statement"


def test_a_document_file_that_holds_another_document_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, TRIG.replace(DOCUMENT, f"{DOC}another/")).rule == "own-document"


def test_an_unknown_property_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("kg:hasCause", "kg:hasCauze"))
    assert (error.rule, error.line) == ("unknown-term", line_of(TRIG, "kg:hasCause"))
    assert error.passage == f"{DOCUMENT}001"
    assert "kg:hasCauze" in error.message


def test_an_unknown_class_is_refused_at_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("a kg:Warning", "a kg:Warnung"))
    assert (error.rule, error.line) == ("unknown-term", line_of(TRIG, "a kg:Warning"))


def test_an_unknown_datatype_is_refused(tmp_path: Path) -> None:
    entities = ENTITIES.replace('"emergency" .', '"emergency" ; skos:notation "K1"^^kg:icd11 .')
    error = refused(tmp_path, entities=entities)
    assert (error.rule, error.file) == ("unknown-term", "kg/entities.ttl")


def test_a_thing_without_a_label_is_refused_where_it_is_used(tmp_path: Path) -> None:
    error = refused(tmp_path, entities=ENTITIES.replace('rdfs:label "kneeling"@en ; ', ""))
    rules = {(e.rule, e.file) for e in (error, *error.further)}
    assert rules == {("unknown-thing", "kg/entities.ttl"), ("unknown-thing", f"kg/documents/{NAME}.trig")}


def test_a_thing_that_is_not_among_the_entities_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("id:Kneeling", "id:Kneling"))
    assert (error.rule, error.line) == ("unknown-thing", line_of(TRIG, "id:Kneeling"))


def test_a_statement_in_no_graph_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG + "id:KneeTwinge kg:hasCause id:Kneeling .\n")
    assert (error.rule, error.passage) == ("no-default-graph", None)


def test_a_blank_node_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("<002#warning> a kg:Warning", "[] a kg:Warning"))
    assert error.rule == "no-blank-node"


def test_a_statement_in_another_documents_graph_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("\n<001> {", f"\n<{DOC}another/001> {{"))
    assert error.rule == "own-graphs"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("oa:start 13 ; oa:end 50", "oa:start 50 ; oa:end 13"),
        ("oa:start 13 ; oa:end 50", "oa:start 5 ; oa:end 50"),
        ("oa:start 13 ; oa:end 50", "oa:start 13 ; oa:end 50 ; oa:end 51"),
        ("oa:start 13 ; oa:end 50", "oa:start 13"),
        ("oa:start 13 ; oa:end 50", 'oa:start "thirteen" ; oa:end 50'),
        ("oa:start 13 ; oa:end 50", "oa:start -13 ; oa:end 50"),
        ("oa:hasSelector <001#span> ; ", ""),
        ("kg:position 2 ;", ""),
    ],
    ids=[
        "it ends before it starts",
        "it starts inside the heading before it",
        "it has two ends",
        "it has no end",
        "its start is no number",
        "its start is negative",
        "it has no selector",
        "it has no position",
    ],
)
def test_a_wrong_span_is_refused(tmp_path: Path, before: str, after: str) -> None:
    assert before in TRIG
    error = refused(tmp_path, TRIG.replace(before, after, 1))
    assert error.rule == "span"
    assert abs(error.line - line_of(TRIG, before)) <= 3


def test_all_that_is_wrong_comes_with_the_first_error(tmp_path: Path) -> None:
    error = refused(tmp_path, TRIG.replace("kg:hasCause", "kg:hasCauze").replace("id:Dizziness", "id:Dizzyness"))
    assert [e.rule for e in (error, *error.further)] == ["unknown-term", "unknown-thing"]


def test_a_document_given_as_text_is_parsed_against_the_dataset(dataset: Dataset, tmp_path: Path) -> None:
    made = load_dataset(write(tmp_path))
    quads = parse_document(TRIG, NAME, made)
    assert set(quads) == {quad for quad in made.quads if quad.graph and quad.graph.value.startswith(DOCUMENT)}
    with pytest.raises(DatasetError, match="unknown-thing"):
        parse_document(TRIG, NAME, dataset)


def test_relative_iris_of_a_document_without_a_base_are_its_own(tmp_path: Path) -> None:
    made = load_dataset(write(tmp_path))
    without = TRIG.removeprefix(f"@base <{DOCUMENT}> .\n")
    assert without != TRIG
    assert set(parse_document(without, NAME, made)) == set(parse_document(TRIG, NAME, made))


@pytest.mark.parametrize("name", ["", "../up", "Upper", "two words", "a--b", "a/b", "é"])
def test_a_document_is_not_called(name: str, dataset: Dataset) -> None:
    with pytest.raises(DatasetError, match="rule document-name"):
        parse_document(TRIG, name, dataset)


def test_a_document_is_replaced_and_removed_as_a_whole(tmp_path: Path) -> None:
    made = load_dataset(write(tmp_path))
    gone = with_document(made, NAME, [])
    assert gone.documents == ()
    assert not [quad for quad in gone.quads if quad.graph and quad.graph.value.startswith(DOCUMENT)]
    back = with_document(gone, NAME, parse_document(TRIG, NAME, gone), TRIG)
    assert (back.digest, back.documents) == (made.digest, made.documents)


def test_a_fact_is_placed_at_its_line_in_the_file(dataset: Dataset) -> None:
    text = (REPOSITORY / "kg/documents/back-spasms.trig").read_text("utf-8").splitlines()
    facts = [q for q in dataset.quads if q.graph and q.graph.value.startswith(f"{DOC}back-spasms/0")]
    wrong = []
    for quad in facts:
        file, line = dataset.place(quad)
        assert isinstance(quad.object, Iri | Literal)
        if file != "kg/documents/back-spasms.trig" or local_name(quad.object.value) not in text[line - 1]:
            wrong.append((quad, line))
    assert not wrong


def test_a_quad_of_no_file_has_no_place(dataset: Dataset) -> None:
    quad = Quad(Iri("urn:a"), Iri("urn:b"), Iri("urn:c"), Iri("urn:g"))
    assert dataset.place(quad) == ("", 0)


@pytest.mark.slow
def test_a_fresh_process_loads_and_answers_within_a_second() -> None:
    program = (
        "import sys, time; from kg.dataset import load_dataset; from kg.backends import open_backend\n"
        "b = open_backend('memory:', load_dataset())\n"
        "assert b.query('ASK { ?s ?p ?o }', deadline=time.monotonic() + 60).boolean\n"
        "assert 'rdflib' not in sys.modules, 'rdflib alone takes a third of a second to import'\n"
        "print(time.process_time())"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, cwd=REPOSITORY, capture_output=True, text=True)
    assert float(run.stdout) < 1.0, "seconds of processor time, which other work on the machine does not change"
