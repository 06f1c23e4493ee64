"""Citations: where an answer is stated, and what the passage states, verbalised from its triples.

Read from the backend when first needed and kept: a passage does not change while a backend's digest stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from kg.backends import Backend
from kg.source import Sources
from kg.terms import KG, PREFIXES, Iri, Literal, Term, local_name
from queries.lexicon import Lexicon
from queries.quantities import worded
from queries.statements import About, Statements

#: Passages kept in memory; a passage takes about 1 KB.
KEPT: Final = 20_000
_LABEL: Final = PREFIXES["rdfs"] + "label"
_TYPE: Final = PREFIXES["rdf"] + "type"
_PART_OF: Final = PREFIXES["dcterms"] + "isPartOf"
_SOURCE: Final = PREFIXES["oa"] + "hasSource"
_OA: Final = PREFIXES["oa"]


@dataclass(frozen=True, slots=True)
class Citation:
    """One passage as an answer cites it (DESIGN §4). Offsets count code points; `quote` is None without a copy."""

    passage: str
    document: str
    section: tuple[str, ...]
    item: int | None
    start: int
    end: int
    sha256: str
    states: tuple[str, ...]
    quote: str | None
    note: str | None
    position: int
    title: str = ""
    lead_in: Citation | None = None

    def as_json(self) -> dict[str, Any]:
        """The members of a citation in an answer."""
        return {
            "passage": self.passage,
            "document": self.document,
            "document_title": self.title,
            "section": list(self.section),
            "item": self.item,
            "start": self.start,
            "end": self.end,
            "sha256": self.sha256,
            "states": list(self.states),
            "quote": self.quote,
            "note": self.note,
            "lead_in": self.lead_in.as_json() if self.lead_in else None,
        }


class Citations:
    """Finds and keeps citations. Safe to share between threads: entries are only added, and equal when added twice."""

    def __init__(
        self,
        backend: Backend,
        lexicon: Lexicon,
        sources: Sources | None = None,
        titles: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._statements = Statements(backend)
        self._titles = titles
        self._lexicon = lexicon
        self._sources = sources
        self._kept: dict[str, Citation] = {}
        self._plain: dict[str, Citation] = {}
        self._sections: dict[str, tuple[str, str | None]] = {}

    def of(self, passages: Iterable[str]) -> list[Citation]:
        """The citations of passages, each once, in the order of the documents.

        Raises: EngineError.
        """
        wanted = list(dict.fromkeys(passages))
        self._read([passage for passage in wanted if passage not in self._kept])
        found = [self._kept[passage] for passage in wanted if passage in self._kept]
        return sorted(found, key=lambda citation: (citation.document, citation.position, citation.passage))

    def _read(self, passages: list[str]) -> None:
        """Read passages with what introduces each: its lead-in, or else the question heading that it answers."""
        if not passages:
            return
        if len(self._kept) > KEPT:
            self._kept.clear()
        about = self._statements.about(passages)
        before = {
            passage: one
            for passage in passages
            if (one := _iri(about[passage], f"{KG}leadIn") or _iri(about[passage], f"{KG}answers")) is not None
        }
        self._read_plain([*passages, *before.values()], about)
        for passage in passages:
            plain = self._plain.get(passage)
            if plain is not None:
                self._kept[passage] = replace(plain, lead_in=self._plain.get(before.get(passage, "")))

    def _read_plain(self, names: Iterable[str], known: Mapping[str, About]) -> None:
        """Read passages and question headings without what introduces them; of some it is known what is said."""
        missing = [name for name in dict.fromkeys(names) if name not in self._plain]
        if not missing:
            return
        if len(self._plain) > KEPT:
            self._plain.clear()
        about = {**self._statements.about([name for name in missing if name not in known]), **known}
        stated = self._statements.stated(missing)
        sections = {name: _iri(about.get(name, {}), f"{KG}inSection") or name for name in missing}
        self._read_sections(set(sections.values()))
        for name in missing:
            states = verbalised(stated.get(name, ()), self._lexicon)
            citation = self._citation(name, about.get(name, {}), self._path(sections[name]), states)
            if citation is not None:
                self._plain[name] = citation

    def _read_sections(self, sections: set[str]) -> None:
        """Read the labels and parents of sections, up to the top."""
        missing = sections - self._sections.keys()
        while missing:
            about = self._statements.about(sorted(missing))
            for section in missing:
                label = next((t.value for t in about[section].get(_LABEL, []) if isinstance(t, Literal)), "")
                self._sections[section] = (label, _iri(about[section], _PART_OF))
            parents = {parent for s in missing if (parent := self._sections[s][1])}
            missing = {parent for parent in parents if parent not in self._sections and "#" not in parent}

    def _path(self, section: str | None) -> tuple[str, ...]:
        path: list[str] = []
        while section and section in self._sections and len(path) < 9:
            label, section = self._sections[section]
            if label:
                path.insert(0, label)
        return tuple(path)

    def _citation(self, passage: str, about: About, path: tuple[str, ...], states: tuple[str, ...]) -> Citation | None:
        document = _iri(about, _SOURCE)
        if document is None:
            return None
        start, end = _integer(about, f"{_OA}start") or 0, _integer(about, f"{_OA}end") or 0
        sha256 = _literal(about, f"{KG}sha256") or ""
        return Citation(
            passage=passage,
            document=document,
            section=path,
            item=_integer(about, f"{KG}itemNumber"),
            start=start,
            end=end,
            sha256=sha256,
            states=states,
            quote=self._sources.quote(document, start, end, sha256) if self._sources else None,
            note=_literal(about, f"{KG}readingNote"),
            position=_integer(about, f"{KG}position") or 0,
            title=self._titles.get(document, ""),
        )


def verbalised(triples: Iterable[tuple[str, str, Term]], lexicon: Lexicon) -> tuple[str, ...]:
    """What triples say, one short sentence each; the parts of a statement or quantity stand in one sentence."""
    by_subject: dict[str, list[tuple[str, Term]]] = defaultdict(list)
    for subject, predicate, value in triples:
        by_subject[subject].append((predicate, value))
    order = {iri: term.order for iri, term in lexicon.ontology.items()}
    out: list[str] = []
    for subject in sorted(by_subject):
        facts = sorted(by_subject[subject], key=lambda fact: (order.get(fact[0], 0), fact[0], _text(fact[1])))
        if "#" not in subject.rsplit("/", 1)[-1]:
            out.extend(
                " – ".join((_name(Iri(subject), lexicon), _relation(p, lexicon), _name(o, lexicon))) for p, o in facts
            )
        elif any(p == f"{KG}inCaseOf" or p == f"{KG}hasTrigger" or p == f"{KG}forTreatment" for p, _ in facts):
            out.append(_statement(facts, by_subject, lexicon))
    return tuple(dict.fromkeys(out))


def _statement(
    facts: list[tuple[str, Term]], by_subject: Mapping[str, list[tuple[str, Term]]], lexicon: Lexicon
) -> str:
    """One sentence for a statement of several parts."""
    kind = next((lexicon.class_label(_text(o)) for p, o in facts if p == _TYPE), "statement")
    parts = []
    for predicate in dict.fromkeys(p for p, _ in facts if p != _TYPE):
        values = [o for p, o in facts if p == predicate]
        names = [
            worded(dict_of(by_subject[_text(o)])) if _is_part(o, by_subject) else _name(o, lexicon) for o in values
        ]
        parts.append(f"{_relation(predicate, lexicon)} – {' or '.join(names)}")
    return f"{kind}: {'; '.join(parts)}"


def _is_part(term: Term, by_subject: Mapping[str, list[tuple[str, Term]]]) -> bool:
    """Whether the term is a quantity of the same passage, named by a fragment of it."""
    return "#" in _text(term) and _text(term) in by_subject


def dict_of(facts: Iterable[tuple[str, Term]]) -> dict[str, str]:
    """The last parts of properties and the texts of their values."""
    return {local_name(predicate): _text(value) for predicate, value in facts}


def _relation(predicate: str, lexicon: Lexicon) -> str:
    return lexicon.class_label(predicate)


def _name(term: Term, lexicon: Lexicon) -> str:
    if isinstance(term, Iri):
        thing = lexicon.things.get(term.value)
        return thing.label if thing else lexicon.class_label(term.value)
    return _text(term)


def _text(term: Term) -> str:
    return term.value if isinstance(term, Iri | Literal) else str(term)


def _iri(about: About, predicate: str) -> str | None:
    return next((term.value for term in about.get(predicate, []) if isinstance(term, Iri)), None)


def _literal(about: About, predicate: str) -> str | None:
    return next((term.value for term in about.get(predicate, []) if isinstance(term, Literal)), None)


def _integer(about: About, predicate: str) -> int | None:
    text = _literal(about, predicate)
    return int(text) if text is not None and text.lstrip("-").isdigit() else None
