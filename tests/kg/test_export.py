"""The graph in every RDF format: nothing is lost, and the bytes are the same each time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.backends.oxigraph import to_quad
from kg.dataset import Dataset, load_dataset
from kg.export import FORMATS, export, export_to, sorted_nquads
from tests.conftest import REPOSITORY
from tests.kg.made import write

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_back_every_statement(name: str, dataset: Dataset) -> None:
    form = FORMATS[name]
    again = {to_quad(quad) for quad in ox.parse(export(dataset, name), form.syntax)}
    assert again == set(dataset.quads if form.graphs else dataset.union())


@pytest.mark.parametrize("name", FORMATS)
def test_rdflib_reads_as_many_statements(name: str, dataset: Dataset) -> None:
    form = FORMATS[name]
    reader = {"rdfxml": "xml", "ntriples": "nt", "jsonld": "json-ld"}.get(name, name)
    graph: rdflib.Graph = rdflib.Dataset() if form.graphs else rdflib.Graph()
    graph.parse(data=export(dataset, name), format=reader)
    count = sum(1 for _ in graph.quads()) if isinstance(graph, rdflib.Dataset) else len(graph)
    assert count == len(dataset.quads if form.graphs else dataset.union())


def test_n_quads_are_sorted_and_each_stands_once(dataset: Dataset) -> None:
    lines = export(dataset, "nquads").decode().splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) == len(dataset.quads)
    assert sorted_nquads([*dataset.quads, *reversed(dataset.quads)]).decode().splitlines() == lines


def test_the_bytes_are_the_same_in_another_process(tmp_path: Path) -> None:
    data = write(tmp_path)
    program = (
        "import hashlib, pathlib, sys\nfrom kg.dataset import load_dataset\nfrom kg.export import FORMATS, export\n"
        "made = load_dataset(pathlib.Path(sys.argv[1]))\n"
        "print([hashlib.sha256(export(made, name)).hexdigest() for name in FORMATS])"
    )
    here = [hashlib.sha256(export(load_dataset(data), name)).hexdigest() for name in FORMATS]
    command = [sys.executable, "-c", program, str(data)]
    for _ in range(2):  # the serializer orders prefixes by a hash that is seeded anew in each process
        there = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
        assert there.stdout.strip() == str(here)


def test_one_document_is_exported_with_its_own_graphs_only(dataset: Dataset) -> None:
    [document] = dataset.documents
    graphs = {to_quad(quad).graph for quad in ox.parse(export(dataset, "trig", document=document), ox.RdfFormat.TRIG)}
    assert document in {graph.value for graph in graphs if graph}
    assert all(graph is not None and graph.value.startswith(document) for graph in graphs)


def test_an_unknown_format_or_document_is_a_key_error(dataset: Dataset) -> None:
    with pytest.raises(KeyError):
        export(dataset, "csv")
    with pytest.raises(KeyError):
        export(dataset, "trig", document="https://w3id.org/backstory/doc/none/")


def test_all_formats_are_written_into_a_directory_with_progress(dataset: Dataset, tmp_path: Path) -> None:
    steps: list[int] = []
    written = export_to(tmp_path / "new", dataset, lambda done, _: steps.append(done))
    assert steps == list(range(1, len(FORMATS) + 1))
    assert [path.read_bytes() for path in written] == [export(dataset, name) for name in FORMATS]
    assert {path.suffix for path in written} == {".trig", ".nq", ".jsonld", ".ttl", ".nt", ".rdf"}


def test_turtle_names_passages_by_a_prefix_of_their_document(dataset: Dataset) -> None:
    body = export(dataset, "trig").decode()
    assert body.startswith("@prefix back-spasms: <")
    assert "\nback-spasms:018 {" in body
