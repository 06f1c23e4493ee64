"""A question file: a YAML header in `#+` lines, then a SPARQL query that runs as it stands (DESIGN §3; as grlc does).

`load_catalogue` reads a directory of them. Every mistake is a `QuestionFileError` with file, line and rule, so that a
broken file stops the start of the service instead of answering wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from kg.terms import PREFIXES
from queries.language_file import YAML_LOADER
from queries.language_file import QuestionFileError as QuestionFileError

CATALOGUE_DIR: Final = Path(__file__).parent / "catalogue"

FORMS: Final = ("list", "count", "value", "boolean", "boolean_not", "text")
MEMBERS: Final = frozenset(
    ["summary", "tags", "otherwise", "slots", "phrasings", "frame", "answer", "examples", "rejects"]
)
SENTENCES: Final = frozenset(["one", "many", "affirmed", "denied", "via", "not_stated"])
VALUE_TYPES: Final = ("duration", "number")

_PREFIX: Final = re.compile(r"^\s*PREFIX\s+(\w*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_SELECT: Final = re.compile(r"\bSELECT\s+(?:DISTINCT\s+|REDUCED\s+)?(.*?)\bWHERE\b", re.IGNORECASE | re.DOTALL)
_PROJECTED: Final = re.compile(r"\(\s*.*?\bAS\s+\?(\w+)\s*\)|\?(\w+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One slot: what fills it (classes of things, or the type of a value), and an example (an IRI, or a number)."""

    name: str
    classes: tuple[str, ...] = ()
    type: str | None = None
    topic: bool = False
    optional: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A sentence in hassil's syntax, and the form of the answer it asks for."""

    form: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a free wording must hold: concepts (each a set of alternatives), slots; what else it may hold."""

    concepts: tuple[frozenset[str], ...]
    slots: tuple[str, ...]
    allows: frozenset[str]
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A question file, read and checked; `otherwise` is the one that answers where the graph has nothing for it."""

    id: str
    summary: str
    tags: tuple[str, ...]
    slots: Mapping[str, SlotSpec]
    phrasings: tuple[Phrasing, ...]
    frames: tuple[Frame, ...]
    answer: Mapping[str, str]
    examples: tuple[Mapping[str, Any], ...]
    rejects: tuple[str, ...]
    sparql: str
    variables: tuple[str, ...]
    form: str
    otherwise: str | None = None

    @property
    def is_boolean(self) -> bool:
        """Whether the query gives a verdict, so that the answer is yes or no."""
        return "verdict" in self.variables

    @property
    def topic_slot(self) -> str | None:
        """The slot that the document's topic fills, if there is one."""
        return next((name for name, slot in self.slots.items() if slot.topic), None)


def load_catalogue(directory: Path = CATALOGUE_DIR) -> tuple[Template, ...]:
    """The question files of a directory, in the order of their names.

    Raises: QuestionFileError, for the first file that breaks a rule.
    """
    templates = tuple(read_template(path) for path in sorted(directory.glob("*.rq")))
    if not templates:
        raise QuestionFileError(str(directory), 1, "catalogue", "the directory holds no question file (*.rq)")
    return templates


def read_template(path: Path) -> Template:
    """One question file; raises QuestionFileError."""
    return parse_template(path.stem, path.read_text("utf-8"), path.name)


def parse_template(id: str, text: str, file: str) -> Template:
    """A question file from its text; `file` is how errors name it.

    Raises: QuestionFileError.
    """
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("#+")), None)
    if first is None:
        raise QuestionFileError(file, 1, "header", "there is no header of `#+` lines")
    header_lines = [line[3:] if line.startswith("#+ ") else line[2:] for line in lines if line.startswith("#+")]
    data, places = _yaml(file, first, "\n".join(header_lines))
    sparql = "\n".join(line for line in lines if not line.startswith("#+")).strip() + "\n"
    reader = _Reader(file, first, places, data, dict(PREFIXES) | dict(_PREFIX.findall(sparql)))
    return reader.template(id, sparql)


def _yaml(file: str, offset: int, header: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The header's content, and the line of each member."""
    loader = YAML_LOADER(header)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = offset + 1 + (mark.line if mark else 0)
        raise QuestionFileError(file, line, "yaml", str(getattr(error, "problem", error))) from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise QuestionFileError(file, offset + 1, "header", "the header is not a mapping")
    return data, {key.value: offset + 1 + key.start_mark.line for key, _ in node.value}


def projected(sparql: str) -> tuple[str, ...]:
    """The names of the variables that a SELECT gives."""
    match = _SELECT.search(re.sub(r"(?m)^\s*#.*$", "", sparql))
    return tuple(a or b for a, b in _PROJECTED.findall(match.group(1))) if match else ()


@dataclass(frozen=True)
class _Reader:
    """Turns a header into a Template, and knows where it stands when something is wrong."""

    file: str
    offset: int
    places: Mapping[str, int]
    data: Mapping[str, Any]
    prefixes: Mapping[str, str]

    def wrong(self, member: str, message: str) -> QuestionFileError:
        return QuestionFileError(self.file, self.places.get(member, self.offset + 1), member, message)

    def template(self, id: str, sparql: str) -> Template:
        for member in self.data:
            if member not in MEMBERS:
                raise self.wrong(member, f"there is no such member; there are {', '.join(sorted(MEMBERS))}")
        slots, phrasings, variables = self.slots(sparql), self.phrasings(), projected(sparql)
        if not variables:
            raise self.wrong("summary", "the query is no SELECT with named variables and a WHERE")
        if not any(name.startswith("passage") for name in variables):
            raise self.wrong("summary", "no variable whose name begins with `passage`: nothing could be cited")
        form = "boolean" if "verdict" in variables else phrasings[0].form if phrasings else "list"
        return Template(
            id=id,
            summary=self.text("summary"),
            tags=tuple(self.texts("tags")),
            slots=MappingProxyType(slots),
            phrasings=phrasings,
            frames=self.frames(slots),
            answer=self.sentences(form),
            examples=self.examples(),
            rejects=tuple(self.texts("rejects")),
            sparql=sparql,
            variables=variables,
            form=form,
            otherwise=self.text("otherwise") if "otherwise" in self.data else None,
        )

    def text(self, member: str) -> str:
        value = self.data.get(member)
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise self.wrong(member, "must be a text")

    def texts(self, member: str) -> list[str]:
        value = self.data.get(member, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(member, "must be a list of texts")
        return value

    def iri(self, name: str, member: str) -> str:
        prefix, colon, local = str(name).partition(":")
        if not colon or prefix not in self.prefixes:
            raise self.wrong(member, f"{name!r} is no name with a known prefix")
        return self.prefixes[prefix] + local

    def slots(self, sparql: str) -> dict[str, SlotSpec]:
        value = self.data.get("slots") or {}
        if not isinstance(value, dict):
            raise self.wrong("slots", "must be a mapping from slot to its description")
        slots = {str(name): self.slot(str(name), spec or {}) for name, spec in value.items()}
        for name in slots:
            if not re.search(rf"^\s*VALUES \?{name} \{{[^{{}}\n]*\}}\s*$", sparql, re.MULTILINE):
                raise self.wrong("slots", f"the query has no line `VALUES ?{name} {{ … }}` of its own; it needs one")
        return slots

    def slot(self, name: str, spec: Any) -> SlotSpec:
        if not isinstance(spec, dict) or set(spec) - {"class", "type", "topic", "optional", "example"}:
            raise self.wrong("slots", f"{name}: takes class or type, topic, optional, example")
        classes = spec.get("class", [])
        classes = [classes] if isinstance(classes, str) else classes
        kind = spec.get("type")
        if kind is not None and kind not in VALUE_TYPES:
            raise self.wrong("slots", f"{name}: type is one of {', '.join(VALUE_TYPES)}")
        if bool(classes) == bool(kind):
            raise self.wrong("slots", f"{name}: needs a class, or else a type")
        example = str(spec.get("example", ""))
        return SlotSpec(
            name=name,
            classes=tuple(self.iri(item, "slots") for item in classes),
            type=kind,
            topic=bool(spec.get("topic", False)),
            optional=bool(spec.get("optional", False)),
            example=self.iri(example, "slots") if classes and example else example,
        )

    def phrasings(self) -> tuple[Phrasing, ...]:
        value = self.data.get("phrasings") or {}
        if not isinstance(value, dict):
            raise self.wrong("phrasings", f"must be a mapping from form ({', '.join(FORMS)}) to sentences")
        out: list[Phrasing] = []
        for form, texts in value.items():
            if form not in FORMS:
                raise self.wrong("phrasings", f"{form!r} is no form; there are {', '.join(FORMS)}")
            out.extend(Phrasing(form, str(text)) for text in ([texts] if isinstance(texts, str) else texts or []))
        return tuple(out)

    def frames(self, slots: Mapping[str, SlotSpec]) -> tuple[Frame, ...]:
        value = self.data.get("frame") or []
        if not isinstance(value, dict | list):
            raise self.wrong("frame", "must be a mapping or a list of mappings")
        return tuple(self.frame(frame, slots) for frame in ([value] if isinstance(value, dict) else value))

    def frame(self, value: Any, slots: Mapping[str, SlotSpec]) -> Frame:
        if not isinstance(value, dict) or set(value) - {"concepts", "slots", "allows", "form"}:
            raise self.wrong("frame", "takes concepts, slots, allows, form")
        form = value.get("form")
        if form is not None and form not in FORMS:
            raise self.wrong("frame", f"{form!r} is no form; there are {', '.join(FORMS)}")
        named = tuple(_names(value.get("slots")))
        for name in named:
            if name not in slots:
                raise self.wrong("frame", f"there is no slot {name!r}")
        concepts = tuple(frozenset(part.strip() for part in item.split("|")) for item in _names(value.get("concepts")))
        return Frame(concepts, named, frozenset(_names(value.get("allows"))), form)

    def sentences(self, form: str) -> Mapping[str, str]:
        value = self.data.get("answer")
        if not isinstance(value, dict) or set(value) - SENTENCES:
            raise self.wrong("answer", f"takes the sentences {', '.join(sorted(SENTENCES))}")
        if form == "boolean" and "affirmed" not in value:
            raise self.wrong("answer", "a yes/no question needs the sentence `affirmed`")
        if form != "boolean" and not {"one", "many"} & set(value):
            raise self.wrong("answer", "needs the sentence `one` or `many`")
        if "not_stated" not in value:
            raise self.wrong("answer", "needs the sentence `not_stated`")
        return MappingProxyType({str(key): str(text) for key, text in value.items()})

    def examples(self) -> tuple[Mapping[str, Any], ...]:
        value = self.data.get("examples")
        if not isinstance(value, list) or not value or not all(isinstance(e, dict) and "ask" in e for e in value):
            raise self.wrong("examples", "must be a list of mappings, each with `ask`; at least one")
        return tuple(MappingProxyType(example) for example in value)


def _names(value: Any) -> list[str]:
    """A list of names from a list, one name, or nothing."""
    names = [] if value is None else [value] if isinstance(value, str) else value
    return [str(name) for name in names]
