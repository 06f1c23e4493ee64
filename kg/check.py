"""Whether a graph is complete: the shapes of `kg/shapes.ttl` (SHACL) and the rules of `kg/checks/*.rq`.

A rule is one small query; every row it gives is a violation. Its head says what is wrong (`# message:`), why it matters
(`# why:`) and, where it is only worth knowing, `# level: note`. Variables of a row: `?graph`, and as far as they apply
`?subject`, `?predicate`, `?object` and `?detail`. The rule's name is the file's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.backends import Row
from kg.backends.embedded import EmbeddedBackend
from kg.dataset import Dataset, DatasetError, parse_document, with_document
from kg.terms import PREFIXES, Iri, Literal, Quad, Term, compact

Progress = Callable[[int, int], None]

SHAPES: Final = Path(__file__).parent / "shapes.ttl"
RULES: Final = Path(__file__).parent / "checks"
#: A rule reads some 400,000 quads a second; one that runs longer than this on any graph is wrong itself.
RULE_DEADLINE_S: Final = 600.0
#: Rules about vocabulary and things as a whole, which no document breaks by what it states.
_OF_THE_WHOLE: Final = frozenset({"unused-class", "unused-property", "unused-thing"})
_HEAD: Final = re.compile(r"^# (message|why|level): (.*(?:\n#      .*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Violation:
    """What breaks a rule: the rule's name, the graph (a passage's IRI, mostly), what is wrong, and where it is written.

    `file` is "" and `line` 0 where the statement came from no file; a `note` is worth knowing but breaks nothing.
    """

    rule: str
    graph: str
    message: str
    file: str = ""
    line: int = 0
    note: bool = False

    def as_text(self) -> str:
        """`file:line: rule name: message`, as a compiler says it."""
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{'note' if self.note else 'rule'} {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of `kg/checks`: its name, what its head says, and its query."""

    name: str
    message: str
    why: str
    note: bool
    sparql: str


def load_rules(directory: Path = RULES) -> tuple[Rule, ...]:
    """The rules of a directory, by name.

    Raises: ValueError for a rule whose head lacks its message or its why.
    """
    rules = []
    for path in sorted(directory.glob("*.rq")):
        text = path.read_text("utf-8")
        head = {key: re.sub(r"\n#\s+", " ", value).strip() for key, value in _HEAD.findall(text)}
        if not {"message", "why"} <= head.keys():
            raise ValueError(f"{path.name}: the head of a rule says `# message:` and `# why:`")
        rules.append(Rule(path.stem, head["message"], head["why"], head.get("level") == "note", text))
    return tuple(rules)


def run_checks(
    dataset: Dataset, progress: Progress | None = None, *, shapes: bool = True, rules: Sequence[Rule] | None = None
) -> list[Violation]:
    """All that is wrong with a dataset, notes last; `progress` is called with (done, all) steps.

    All rules of `kg/checks` unless some are given. They take some 200 ms, the shapes, unless left out, two seconds.
    """
    rules = load_rules() if rules is None else rules
    total = len(rules) + shapes
    found: list[Violation] = []
    engine = EmbeddedBackend.in_memory(dataset.quads, dataset.digest)
    for done, rule in enumerate(rules, 1):
        result = engine.query(rule.sparql, deadline=time.monotonic() + RULE_DEADLINE_S)
        found += (_of_rule(rule, row, dataset) for row in result.rows)
        if progress is not None:
            progress(done, total)
    if shapes:
        found += _of_shapes(dataset)
        if progress is not None:
            progress(total, total)
    return sorted(dict.fromkeys(found), key=lambda v: (v.note, v.file, v.line, v.rule, v.message))


def check_document(text: str, name: str, dataset: Dataset, *, shapes: bool = False) -> list[Quad]:
    """The quads of one document given as TriG, held to all rules; what was wrong before it came is not its fault.

    Raises: DatasetError with line and rule for the first of what is wrong in it, `further` for the rest.
    """
    quads = parse_document(text, name, dataset)
    rules = [rule for rule in load_rules() if rule.name not in _OF_THE_WHOLE]
    after = broken(run_checks(with_document(dataset, name, quads, text), shapes=shapes, rules=rules))
    if not after:
        return quads
    before = run_checks(with_document(dataset, name, []), shapes=shapes, rules=rules)
    there = {(v.rule, v.graph, v.message) for v in before}
    wrong = [v for v in after if (v.rule, v.graph, v.message) not in there]
    errors = [DatasetError(v.file or f"{name}.trig", v.line, v.rule, v.message, passage=v.graph) for v in wrong]
    if errors:
        first = errors[0]
        raise DatasetError(first.file, first.line, first.rule, first.message, errors[1:], first.passage)
    return quads


def broken(violations: Iterable[Violation]) -> list[Violation]:
    """Those that break a rule; what is only a note is left out."""
    return [violation for violation in violations if not violation.note]


def report(violations: Sequence[Violation], dataset: Dataset) -> str:
    """The outcome for a reader: a line for each violation and note, and a last line that counts."""
    wrong = len(broken(violations))
    counts = f"{len(dataset.documents)} document(s), {len(dataset.quads)} statements"
    verdict = "no violations" if not wrong else f"{wrong} violation(s)"
    notes = f", {len(violations) - wrong} note(s)" if len(violations) > wrong else ""
    return "\n".join([*(violation.as_text() for violation in violations), f"{counts}: {verdict}{notes}"])


def _of_rule(rule: Rule, row: Row, dataset: Dataset) -> Violation:
    graph = _value(row.get("graph"))
    terms = [row[name] for name in ("subject", "predicate", "object") if name in row]
    what = " ".join(map(_shown, terms)) or (compact(graph) if graph else "")
    detail = f" ({_value(row['detail'])})" if "detail" in row else ""
    file, line = _place(dataset, graph, terms)
    return Violation(rule.name, graph, f"{rule.message}: {what}{detail}", file, line, rule.note)


def _place(dataset: Dataset, graph: str, terms: Sequence[Term]) -> tuple[str, int]:
    if len(terms) == 3 and isinstance(terms[1], Iri):
        return dataset.place(Quad(terms[0], terms[1], terms[2], Iri(graph)))
    first = terms[0] if terms else Iri(graph)
    stated = next((quad for quad in dataset.graph(graph) if quad.subject == first), None)
    return dataset.place(stated) if stated is not None else dataset.place_of(graph)


def _value(term: Term | None) -> str:
    return term.value if isinstance(term, Iri | Literal) else ""


def _shown(term: Term) -> str:
    if isinstance(term, Literal):
        return f'"{term.value}"'
    return compact(term.value) if isinstance(term, Iri) else "[a blank node]"


def _of_shapes(dataset: Dataset) -> Iterator[Violation]:
    """The results of the SHACL shapes; the rule is the name of the shape that speaks.

    rdflib and pyshacl are imported here: they take half a second, which a service that starts does not have.
    """
    import pyshacl
    import rdflib
    from rdflib.namespace import RDF, SH

    from kg.backends.reference import from_rdflib, to_rdflib

    data = rdflib.Graph()
    for quad in dataset.union():
        data.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    shapes = rdflib.Graph().parse(SHAPES, format="turtle")
    _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inference=None, meta_shacl=False)
    for result in results.subjects(RDF.type, SH.ValidationResult):
        focus = from_rdflib(results.value(result, SH.focusNode))
        shape = str(results.value(result, SH.sourceShape))
        message = str(results.value(result, SH.resultMessage))
        path = results.value(result, SH.resultPath)
        yield _of_shape(dataset, shape, message, focus, str(path) if path is not None else None)


def _of_shape(dataset: Dataset, shape: str, message: str, focus: Term, path: str | None) -> Violation:
    stated = [quad for quad in dataset.quads if quad.subject == focus]
    kind = f"{PREFIXES['rdf']}type"
    stated.sort(key=lambda quad: (quad.predicate.value != path, quad.predicate.value != kind))
    file, line = dataset.place(stated[0]) if stated else ("", 0)
    graph = stated[0].graph.value if stated and stated[0].graph else ""
    return Violation(shape.rsplit("#", 1)[-1], graph, f"{message}: {_shown(focus)}", file, line)
