"""A draft as a document file (TriG): loads as it stands, and says in comments what a person has to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.source import digest_of
from kg.terms import document_iri
from queries.drafting.facts import Drafted, Drafter
from queries.drafting.names import Found, Names
from queries.drafting.page import Piece, pieces
from queries.drafting.rules import load_rules
from queries.lexicon import Lexicon
from queries.words import Writing

#: What a page can be about.
TOPICS = ("kg:Condition",)
_NOT_READ = "Draft: a curator has not read this passage yet."
_LEAD = "It only introduces the list below it; each item states its own fact."


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted document file and its figures."""

    trig: str
    headings: int
    passages: int
    stated: int
    new_things: int
    doubtful: int


def draft(text: str, name: str, lexicon: Lexicon, writing: Writing, topic: str | None = None) -> Draft:
    """The draft of a page's text (LF line ends, no BOM) as the document `name`.

    `topic` is the name of the condition that the page is about; by default the name, with spaces for hyphens.
    Raises: ValueError for a page without text.
    """
    if not text.strip():
        raise ValueError("the page is empty: nothing to draft")
    rules = load_rules()
    names = Names(lexicon, writing, rules.leading)
    cut = pieces(text, rules.abbreviations)
    subject = names.topic(topic or name.replace("-", " "), TOPICS)
    drafted = Drafter(names, subject.name, rules).draft(cut)
    return _Writer(text, name, subject, cut, drafted).draft()


class _Writer:
    def __init__(
        self, text: str, name: str, topic: Found, cut: Sequence[Piece], drafted: Mapping[int, Drafted]
    ) -> None:
        self._text, self._name, self._topic = text, name, topic
        self._cut, self._drafted = cut, drafted
        self._leads = {piece.lead for piece in cut if piece.lead is not None}
        self._out: list[str] = []
        self._passages: dict[int, str] = {}
        self._sections: list[str] = []
        self._open: list[str] = []

    def draft(self) -> Draft:
        self._head()
        for index, piece in enumerate(self._cut):
            if piece.level or not self._open:
                self._heading(piece)
            if not piece.level:
                self._passage(piece, index)
        new = {found.name for d in self._drafted.values() for found, _ in d.things if not found.known}
        return Draft(
            "\n".join(self._out) + "\n",
            len(self._sections),
            len(self._passages),
            len(self._drafted),
            len(new),
            sum(1 for d in self._drafted.values() if d.doubtful),
        )

    def _head(self) -> None:
        title = _literal(self._name.replace("-", " ").capitalize())
        things = "\n".join(self._new_things())
        entities = f"\n<https://w3id.org/backstory/graph/entities> {{\n{things}\n}}\n" if things else ""
        self._out.append(
            f"""# Draft of a document, made from the structure of a page. To be curated:
#   DOUBT   marks what is new or was found inside a longer text; check it, then delete the comment
#   kg:statesNothing "{_NOT_READ}" stands on each passage that nobody has read yet
@base <{document_iri(self._name)}> .
@prefix kg:      <https://w3id.org/backstory/ns#> .
@prefix id:      <https://w3id.org/backstory/id/> .
@prefix rdfs:    <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .
@prefix oa:      <http://www.w3.org/ns/oa#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

<> {{
  <> a kg:Document ;
    rdfs:label {title} ; dcterms:title {title} ; dcterms:language "en" ;
    kg:aboutTopic {self._topic.name} ;
    kg:sha256 "{digest_of(self._text)}" ; kg:textLength {len(self._text)} .
}}
{entities}"""
        )

    def _new_things(self) -> list[str]:
        new = {f.name: (f, kind) for d in self._drafted.values() for f, kind in d.things if not f.known}
        if not self._topic.known:
            new[self._topic.name] = (self._topic, "kg:Condition")
        return [
            f"  # DOUBT new thing: is it one that the graph has under another name?\n"
            f"  {name} a {kind} ; rdfs:label {_literal(thing.label)} ;\n"
            f'    skos:definition "Draft: to be defined."@en .'
            for name, (thing, kind) in sorted(new.items())
        ]

    def _heading(self, piece: Piece) -> None:
        """A section; text before the first heading gets one that covers its first passage's place with no length."""
        section = f"s{len(self._sections) + 1:02d}"
        self._sections.append(section)
        level = piece.level or 1
        self._open = [*self._open[: level - 1], section]
        depth = len(self._open)
        kind = "kg:Question" if piece.text.endswith("?") and piece.level else "kg:Section"
        label = piece.text if piece.level else "Beginning"
        end = piece.end if piece.level else piece.start
        parent = f" dcterms:isPartOf <{self._open[-2]}> ;" if depth > 1 else ""
        place = f"kg:headingLevel {depth} ; kg:position {self._position()} ;{parent}"
        self._out.append(
            f"""# ---- {label}
<> {{
  <{section}> a {kind} ; rdfs:label {_literal(label)} ; {place}
    oa:hasSource <> ; oa:hasSelector <{section}#span> ; kg:sha256 "{digest_of(self._text[piece.start : end])}" .
  <{section}#span> a oa:TextPositionSelector ; oa:start {piece.start} ; oa:end {end} .
}}
"""
        )

    def _position(self) -> int:
        return len(self._sections) + len(self._passages)

    def _passage(self, piece: Piece, index: int) -> None:
        name = self._passages[index] = f"{len(self._passages) + 1:03d}"
        section = self._open[-1]
        lines = [f"<{name}> a kg:Passage ; kg:inSection <{section}> ; kg:position {self._position()} ;"]
        if self._is_question(section):
            lines.append(f"  kg:answers <{section}> ;")
        if piece.item is not None:
            lead = f" kg:leadIn <{self._passages[piece.lead]}> ;" if piece.lead is not None else ""
            lines.append(f"  kg:itemNumber {piece.item} ;{lead}")
        drafted = self._drafted.get(index)
        if drafted is None:
            lines.append(f"  kg:statesNothing {_literal(_LEAD if index in self._leads else _NOT_READ)} ;")
        digest = digest_of(self._text[piece.start : piece.end])
        lines.append(f'  oa:hasSource <> ; oa:hasSelector <{name}#span> ; kg:sha256 "{digest}" .')
        lines.append(f"<{name}#span> a oa:TextPositionSelector ; oa:start {piece.start} ; oa:end {piece.end} .")
        self._out.append("<> {\n" + "\n".join(f"  {line}" for line in lines) + "\n}")
        self._out.append(self._facts(name, drafted) if drafted else "")

    def _facts(self, name: str, drafted: Drafted) -> str:
        doubt = "".join(f"  # DOUBT {found.label}: {found.doubt}\n" for found, _ in drafted.things if found.doubt)
        lines = "\n".join(dict.fromkeys(drafted.facts)).replace("<#", f"<{name}#").split("\n")
        body = "\n".join(f"  {line}" for line in lines)
        return f"<{name}> {{  # rule {drafted.rule}\n{doubt}{body}\n}}\n"

    def _is_question(self, section: str) -> bool:
        return any(f"<{section}> a kg:Question" in part for part in self._out)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"@en'
