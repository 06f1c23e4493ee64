"""The graph from its files: the ontology, the things, and one file per document, checked and with a digest.

Layout of the data, below `root` (by default this package's directory):

    ontology.ttl              (in a checkout it stands one level higher)   → graph …/graph/ontology
    entities.ttl                                                           → graph …/graph/entities
    documents/<name>.trig     the graphs of …/doc/<name>/; it may reopen the entities graph for its new things
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from kg.backends.oxigraph import from_quads, to_quad
from kg.backends.union import digest
from kg.brought import Brought
from kg.integrity import Fault, Known, faults
from kg.locate import line_of, line_of_term
from kg.terms import BASE, ENTITIES_GRAPH, ONTOLOGY_GRAPH, Iri, Quad, Term, document_iri

PACKAGE_DATA: Final = Path(__file__).parent
#: So many faults are located and reported of one file; whoever has more mends those first.
MAX_FAULTS: Final = 50
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class DatasetError(Exception):
    """A file of the dataset breaks a rule; `further` holds what else is wrong in the same dataset."""

    def __init__(
        self,
        file: str,
        line: int,
        rule: str,
        message: str,
        further: Sequence[DatasetError] = (),
        passage: str | None = None,
    ) -> None:
        super().__init__(f"{file}:{line}: rule {rule}: {message}")
        self.file = file
        self.line = line
        self.rule = rule
        self.message = message
        self.further = tuple(further)
        self.passage = passage


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the dataset: the name shown in messages, its text, and the base its relative IRIs resolve against."""

    name: str
    text: str
    base: str | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """The whole graph: quads of named graphs, the IRIs of the documents in it, and a digest of the quads.

    `sources` are the files by the graph (or, for a document, its IRI) they hold, for messages with file and line.
    """

    quads: list[Quad]
    documents: tuple[str, ...]
    digest: str
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))
    brought: Brought = field(default_factory=Brought)

    def union(self) -> list[Quad]:
        """The union of all graphs as a set, in the default graph: a fact that two passages state is there once."""
        return list(dict.fromkeys(Quad(q.subject, q.predicate, q.object, None) for q in self.quads))

    def graph(self, iri: str) -> Iterator[Quad]:
        """The quads of one graph."""
        return (quad for quad in self.quads if quad.graph is not None and quad.graph.value == iri)

    def place(self, quad: Quad) -> tuple[str, int]:
        """The file and the line, from 1, that state a quad; ("", 0) for one that came from no file."""
        graph = quad.graph.value if quad.graph else ""
        holders = [self.sources[graph]] if graph in self.sources else []
        holders += [source for key, source in self.sources.items() if graph.startswith(key) or graph == ENTITIES_GRAPH]
        for source in holders:
            if _short(quad.subject) in source.text:
                return source.name, line_of(source.text, quad, source.base)
        return (holders[0].name, 1) if holders else ("", 0)

    def place_of(self, graph: str, term: str = "") -> tuple[str, int]:
        """The file and line where a graph (and in it, a term) is written; ("", 0) for a graph of no file."""
        for key, source in self.sources.items():
            if graph == key or (key != ENTITIES_GRAPH and graph.startswith(key)):
                marker = line_of_term(source.text, Iri(term or graph), source.base)
                return source.name, marker or 1
        return "", 0


def _short(term: Term) -> str:
    """What every spelling of an IRI ends with."""
    return term.value.rsplit("/", 1)[-1] if isinstance(term, Iri) else ""


def files_of(root: Path = PACKAGE_DATA) -> list[Path]:
    """The files of the dataset below `root`.

    Raises: FileNotFoundError for a root without an ontology.
    """
    return [_ontology(root), root / "entities.ttl", *sorted((root / "documents").glob("*.trig"))]


def load_dataset(root: Path = PACKAGE_DATA, extra_documents: Iterable[Path] = ()) -> Dataset:
    """The dataset of the files below `root`, with further document files; takes some 50 ms for the shipped one.

    Raises: DatasetError for the first of what is wrong (its `further` has the rest); FileNotFoundError for a root
    without an ontology or entities.
    """
    found: dict[str, tuple[Source, list[Quad]]] = {}
    ontology, entities, *documents = files_of(root)
    found[ONTOLOGY_GRAPH] = _read(ontology, root, ox.RdfFormat.TURTLE, ONTOLOGY_GRAPH)
    found[ENTITIES_GRAPH] = _read(entities, root, ox.RdfFormat.TURTLE, ENTITIES_GRAPH)
    for path in [*documents, *extra_documents]:
        iri = document_iri(path.stem)
        found[iri] = _read(path, root, ox.RdfFormat.TRIG, iri)
    return _checked(found)


def parse_document(text: str, name: str, dataset: Dataset) -> list[Quad]:
    """The quads of one document given as TriG, checked against the terms and things of a dataset.

    Relative IRIs resolve against the document's own IRI unless the text has an `@base`.
    Raises: DatasetError, as `load_dataset` does, with `<name>.trig` as its file.
    """
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name of a document; it has lower-case letters, digits and single hyphens"
        raise DatasetError(f"{name}.trig", 1, "document-name", message)
    iri = document_iri(name)
    source, quads = _parse(f"{name}.trig", text, ox.RdfFormat.TRIG, iri)
    others = [quad for quad in dataset.quads if quad.graph and not quad.graph.value.startswith(iri)]
    _refuse(_errors(source, faults(quads, Known.of([*others, *quads]), iri)))
    return quads


def with_document(dataset: Dataset, name: str, quads: Sequence[Quad], text: str = "") -> Dataset:
    """The dataset with one document replaced or added (no quads: removed)."""
    iri = document_iri(name)
    rest = [quad for quad in dataset.quads if quad.graph is None or not quad.graph.value.startswith(iri)]
    sources = {key: source for key, source in dataset.sources.items() if key != iri}
    documents = [document for document in dataset.documents if document != iri]
    if quads:
        sources[iri] = Source(f"{name}.trig", text, iri)
        documents.append(iri)
    return _built([*rest, *quads], documents, sources)


def _ontology(root: Path) -> Path:
    """In a wheel the ontology is in the package; in a checkout at the root of the repository."""
    for path in (root / "ontology.ttl", root.parent / "ontology.ttl"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"no ontology.ttl in {root} or above it")


def _read(path: Path, root: Path, form: ox.RdfFormat, graph: str) -> tuple[Source, list[Quad]]:
    inside = path.is_relative_to(root.parent)
    name = str(path.relative_to(root.parent)) if inside else str(path)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DatasetError(name, 1, "syntax", f"not UTF-8: {error.reason} at byte {error.start}") from error
    return _parse(name, text, form, graph)


def _parse(name: str, text: str, form: ox.RdfFormat, graph: str) -> tuple[Source, list[Quad]]:
    turtle = form == ox.RdfFormat.TURTLE
    base = BASE if turtle else graph
    source = Source(name, text, base)
    try:
        quads = [to_quad(quad) for quad in ox.parse(text, form, base_iri=base)]
    except SyntaxError as error:
        raise DatasetError(name, error.lineno or 1, "syntax", error.msg) from error
    if turtle:
        quads = [quad._replace(graph=Iri(graph)) for quad in quads]
    if not quads:
        raise DatasetError(name, 1, "no-statement", "the file states nothing")
    return source, list(dict.fromkeys(quads))


def _checked(found: dict[str, tuple[Source, list[Quad]]]) -> Dataset:
    everything = [quad for _, quads in found.values() for quad in quads]
    known = Known.of(everything)
    documents = [iri for iri in found if iri not in (ONTOLOGY_GRAPH, ENTITIES_GRAPH)]
    wrong: list[DatasetError] = []
    for iri, (source, quads) in found.items():
        wrong += _errors(source, faults(quads, known, iri if iri in documents else None))
    _refuse(wrong)
    built = _built(everything, documents, {iri: source for iri, (source, _) in found.items()})
    return replace(built, brought=Brought.of_files({iri: quads for iri, (_, quads) in found.items()}))


def _built(quads: Sequence[Quad], documents: Iterable[str], sources: Mapping[str, Source]) -> Dataset:
    distinct = list(dict.fromkeys(quads))
    return Dataset(distinct, tuple(documents), digest_of(distinct), MappingProxyType(dict(sources)))


def digest_of(quads: Iterable[Quad]) -> str:
    """`sha256:` and a digest of the quads that does not depend on their order; a store counts the same one."""
    return digest(from_quads(quads))


def _errors(source: Source, wrong: Iterable[Fault]) -> list[DatasetError]:
    errors = []
    for fault in islice(wrong, MAX_FAULTS):
        line = line_of(source.text, fault.quad, source.base)
        passage = fault.quad.graph.value if fault.quad.graph else None
        errors.append(DatasetError(source.name, line, fault.rule, fault.message, passage=passage))
    return sorted(errors, key=lambda error: error.line)


def _refuse(errors: Sequence[DatasetError]) -> None:
    if errors:
        first = errors[0]
        raise DatasetError(first.file, first.line, first.rule, first.message, errors[1:], first.passage)
