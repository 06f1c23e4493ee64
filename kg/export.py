"""The graph in every RDF format, and as sorted N-Quads that two versions can be compared by.

TriG, N-Quads and JSON-LD keep the named graphs, so every fact keeps its passage; Turtle, N-Triples and RDF/XML have no
graphs and hold the union. The same graph always gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from kg.backends.oxigraph import from_quad, from_quads
from kg.dataset import Dataset
from kg.terms import DOC, PREFIXES, Quad, local_name

Progress = Callable[[int, int], None]

#: A document's own prefix makes a file readable; hundreds of them would not.
MAX_DOCUMENT_PREFIXES: Final = 20
_PREFIX: Final = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_ROOT: Final = re.compile(rb"<rdf:RDF((?: xmlns:[^\s=]+=\"[^\"]*\")*)>")
_ATTRIBUTE: Final = re.compile(rb" xmlns:[^\s=]+=\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Format:
    """One RDF format: its media type, its file ending, and whether it keeps named graphs."""

    media_type: str
    extension: str
    graphs: bool
    syntax: ox.RdfFormat
    prefixes: bool = True


#: The formats by the name that `backstory export --format` takes.
FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "trig": Format("application/trig", "trig", True, ox.RdfFormat.TRIG),
        "nquads": Format("application/n-quads", "nq", True, ox.RdfFormat.N_QUADS, prefixes=False),
        "jsonld": Format("application/ld+json", "jsonld", True, ox.RdfFormat.JSON_LD),
        "turtle": Format("text/turtle", "ttl", False, ox.RdfFormat.TURTLE),
        "ntriples": Format("application/n-triples", "nt", False, ox.RdfFormat.N_TRIPLES, prefixes=False),
        "rdfxml": Format("application/rdf+xml", "rdf", False, ox.RdfFormat.RDF_XML),
    }
)


def sorted_nquads(quads: Iterable[Quad]) -> bytes:
    """Canonical N-Quads (RDF 1.1 N-Quads §4), one statement a line, sorted and without repetition."""
    return "".join(sorted({f"{quad} .\n" for quad in from_quads(quads)})).encode("utf-8")


def export(dataset: Dataset, form: str = "trig", *, document: str | None = None) -> bytes:
    """The dataset, or only the graphs of one document (by its IRI), in a format of `FORMATS`.

    N-Quads and N-Triples come sorted. Raises: KeyError for a format or document that is not there.
    """
    chosen = FORMATS[form]
    if document is not None and document not in dataset.documents:
        raise KeyError(document)
    quads = [
        q for q in dataset.quads if document is None or (q.graph is not None and q.graph.value.startswith(document))
    ]
    if not chosen.graphs:
        quads = list(dict.fromkeys(quad._replace(graph=None) for quad in quads))
    if not chosen.prefixes:
        return sorted_nquads(quads)
    return _serialised(quads, chosen, dataset.documents)


def export_to(target: Path, dataset: Dataset, progress: Progress | None = None) -> list[Path]:
    """Write the dataset in every format as `backstory.<ending>` into a directory; gives the files written."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for done, (name, form) in enumerate(FORMATS.items(), 1):
        path = target / f"backstory.{form.extension}"
        path.write_bytes(export(dataset, name))
        written.append(path)
        if progress is not None:
            progress(done, len(FORMATS))
    return written


def _serialised(quads: Iterable[Quad], form: Format, documents: Sequence[str]) -> bytes:
    """In the order of graph, subject and predicate, which groups what belongs together and is the same every time."""
    ordered = sorted(quads, key=lambda q: (q.graph.value if q.graph else "", *map(str, q[:3])))
    converted = map(from_quad, ordered)
    statements = converted if form.graphs else (quad.triple for quad in converted)
    prefixes = {name: space for name, space in PREFIXES.items() if space != DOC}
    named = {local_name(document.rstrip("/")): document for document in documents[:MAX_DOCUMENT_PREFIXES]}
    prefixes |= {name: space for name, space in named.items() if _PREFIX.fullmatch(name) and name not in prefixes}
    return _settled(ox.serialize(statements, format=form.syntax, prefixes=prefixes) or b"")


def _settled(body: bytes) -> bytes:
    """The same with its prefixes sorted: the serializer writes them in another order in each process."""
    lines = body.split(b"\n")
    count = next((i for i, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    lines[:count] = sorted(lines[:count])
    body = b"\n".join(lines)
    return _ROOT.sub(lambda root: b"<rdf:RDF" + b"".join(sorted(_ATTRIBUTE.findall(root[1]))) + b">", body, count=1)
