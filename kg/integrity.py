"""What every dataset is held to when it is loaded: terms that exist, things that have a name, spans that fit together.

These are the checks that cost milliseconds. Shapes and rules about meaning are in `kg.check`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.terms import DOC, ENTITIES_GRAPH, ID, KG, ONTOLOGY_GRAPH, PREFIXES, BlankNode, Iri, Literal, Quad, compact

RDF_TYPE: Final = f"{PREFIXES['rdf']}type"
LABEL: Final = f"{PREFIXES['rdfs']}label"
_SELECTOR: Final = f"{PREFIXES['oa']}hasSelector"
_START: Final = f"{PREFIXES['oa']}start"
_END: Final = f"{PREFIXES['oa']}end"
_POSITION: Final = f"{KG}position"
_SHA256: Final = f"{KG}sha256"
_LOCATED: Final = frozenset({f"{KG}Passage", f"{KG}Section", f"{KG}Question"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A statement that breaks a rule: the rule's name, the statement, and what is wrong in a sentence."""

    rule: str
    quad: Quad
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """The terms that the ontology defines, and the things that the entities graph types and labels."""

    terms: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Known:
        """What these quads define."""
        terms: set[str] = set()
        typed: set[str] = set()
        labelled: set[str] = set()
        for quad in quads:
            graph = quad.graph.value if quad.graph else None
            if not isinstance(quad.subject, Iri):
                continue
            if graph == ONTOLOGY_GRAPH and quad.predicate.value == RDF_TYPE:
                terms.add(quad.subject.value)
            elif graph == ENTITIES_GRAPH and quad.predicate.value == RDF_TYPE:
                typed.add(quad.subject.value)
            elif graph == ENTITIES_GRAPH and quad.predicate.value == LABEL:
                labelled.add(quad.subject.value)
        return cls(frozenset(terms), frozenset(typed & labelled))


def faults(quads: Iterable[Quad], known: Known, document: str | None = None) -> Iterator[Fault]:
    """What is wrong with the quads of one file; `document` is the IRI of the document it holds, if it holds one."""
    listed = list(quads)
    if document is not None and listed and not any(map(_declares(document), listed)):
        yield Fault("own-document", listed[0], f"nothing in the file says that {document} is a kg:Document")
        return  # every other statement would be said to be in a wrong graph
    elsewhere: set[str] = set()
    for quad in listed:
        yield from _placed(quad)
        yield from _spelled(quad, known)
        name = quad.graph.value if quad.graph is not None else ENTITIES_GRAPH
        own = document is None or name == ENTITIES_GRAPH or name.startswith(document)
        if not own and name not in elsewhere:
            elsewhere.add(name)  # once for each graph, not for each of its statements
            message = f"{compact(name)} is no graph of {document}; only the entities graph is shared"
            yield Fault("own-graphs", quad, message)
    yield from _spans(listed)


def _declares(document: str) -> Callable[[Quad], bool]:
    kind, iri, node = Iri(f"{KG}Document"), Iri(RDF_TYPE), Iri(document)
    return lambda quad: quad.object == kind and quad.predicate == iri and quad.subject == quad.graph == node


def _placed(quad: Quad) -> Iterator[Fault]:
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        yield Fault("no-blank-node", quad, "a blank node can be neither cited, diffed nor dereferenced; give it a name")
    if quad.graph is None:
        yield Fault("no-default-graph", quad, "the statement stands in no named graph, so it has no passage to cite")


def _spelled(quad: Quad, known: Known) -> Iterator[Fault]:
    for term in (quad.subject, quad.predicate, quad.object):
        iri = term.datatype if isinstance(term, Literal) else term.value if isinstance(term, Iri) else ""
        if iri.startswith(KG) and iri not in known.terms:
            yield Fault("unknown-term", quad, f"{compact(iri)} is not defined in the ontology")
        elif iri.startswith(ID) and iri not in known.things:
            yield Fault("unknown-thing", quad, f"{compact(iri)} has no type and English label in the entities graph")


@dataclass(slots=True)
class _Located:
    """What the document's graph says about one passage or heading."""

    quad: Quad
    selectors: list[str] = field(default_factory=list)
    position: int | None = None
    digest: str | None = None


def _integer(quad: Quad) -> int | None:
    value = quad.object.value if isinstance(quad.object, Literal) else ""
    return int(value) if value.isascii() and value.isdecimal() else None


def _spans(quads: list[Quad]) -> Iterator[Fault]:
    located: dict[str, _Located] = {}
    ends: dict[str, dict[str, list[int]]] = defaultdict(lambda: {_START: [], _END: []})
    for quad in quads:
        if (
            isinstance(quad.subject, Iri)
            and quad.predicate.value == RDF_TYPE
            and isinstance(quad.object, Iri)
            and quad.object.value in _LOCATED
            and quad.subject.value.startswith(DOC)
        ):
            located.setdefault(quad.subject.value, _Located(quad))
    for quad in quads:
        subject = quad.subject.value if isinstance(quad.subject, Iri) else ""
        if quad.predicate.value in (_START, _END):
            value = _integer(quad)
            if value is None:
                yield Fault("span", quad, f"{compact(quad.predicate.value)} is not a whole number of code points")
            else:
                ends[subject][quad.predicate.value].append(value)
        elif subject in located and quad.predicate.value == _SELECTOR and isinstance(quad.object, Iri):
            located[subject].selectors.append(quad.object.value)
        elif subject in located and quad.predicate.value == _POSITION:
            located[subject].position = _integer(quad)
        elif subject in located and quad.predicate.value == _SHA256:
            located[subject].digest = quad.object.value if isinstance(quad.object, Literal) else None
    yield from _ordered(located, ends)


def _ordered(located: dict[str, _Located], ends: dict[str, dict[str, list[int]]]) -> Iterator[Fault]:
    """Each of them has one span and a digest; in the order of their positions the spans follow without overlapping."""
    spans: list[tuple[int, int, int, str]] = []
    for iri, found in located.items():
        missing = [
            what
            for what, there in (("one selector", len(found.selectors) == 1), ("a digest", found.digest is not None))
            if not there
        ]
        span = ends[found.selectors[0]] if found.selectors else {_START: [], _END: []}
        if len(span[_START]) != 1 or len(span[_END]) != 1:
            missing.append("one oa:start and one oa:end")
        if found.position is None:
            missing.append("a position")
        if missing:
            yield Fault("span", found.quad, f"{compact(iri)} lacks {' and '.join(missing)}")
            continue
        assert found.position is not None  # noqa: S101  (told apart just above)
        spans.append((found.position, span[_START][0], span[_END][0], iri))
    last: dict[str, tuple[int, str]] = {}
    for position, start, end, iri in sorted(spans):
        document = iri.rsplit("/", 1)[0]
        before, whose = last.get(document, (0, ""))
        quad = located[iri].quad
        if start >= end:
            yield Fault("span", quad, f"{compact(iri)} ends at {end}, before it starts at {start}")
        elif start < before:
            yield Fault(
                "span", quad, f"{compact(iri)} (position {position}) starts at {start}, inside {compact(whose)}"
            )
        last[document] = (max(before, end), iri)
