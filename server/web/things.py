"""Things: their labels and kinds in bulk, the full profile of one, and the search by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kg.terms import ID, Iri, local_name
from server.web.graph import ENTITIES, GraphReader, iris, string, text
from server.web.vocabulary import Kind, Vocabulary, address, words_of

_BATCH: Final = 400  # IRIs in one VALUES block: a few ten kilobytes of query

#: Annotations of a thing that link it to another one of ours, and how they are read here; they are ours, no document's.
_KINSHIP: Final = f"""SELECT ?way ?other WHERE {{ GRAPH {ENTITIES} {{
  {{ %(thing)s skos:broader ?other BIND("broader" AS ?way) }}
  UNION {{ ?other skos:broader %(thing)s BIND("narrower" AS ?way) }} }} }}"""
_LINKS: Final = f"""SELECT ?way ?other WHERE {{ GRAPH {ENTITIES} {{
  VALUES ?way {{ skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch
    rdfs:seeAlso schema:sameAs owl:sameAs }}
  %(thing)s ?way ?other }} }}"""
_WORDS: Final = f"""SELECT ?way ?value WHERE {{ GRAPH {ENTITIES} {{
  VALUES ?way {{ skos:altLabel skos:hiddenLabel skos:definition skos:notation kg:definedBy skos:editorialNote }}
  %(thing)s ?way ?value }} }}"""


@dataclass(frozen=True)
class Thing:
    """A thing with its label and kind; `kind` is None for what is no thing of the graph (a literal's stand-in, say)."""

    iri: str
    label: str
    kind: Kind | None = None

    @property
    def name(self) -> str:
        """How addresses name it: the local name of a thing of ours, else the IRI."""
        return self.iri[len(ID) :] if self.iri.startswith(ID) else self.iri

    @property
    def url(self) -> str:
        """Where its page is."""
        return address(self.iri)

    @property
    def hue(self) -> str:
        """Its colour family."""
        return self.kind.hue if self.kind else "grey"

    @property
    def order(self) -> tuple[int, str]:
        """Its place in a list: by kind, then by name."""
        return (self.kind.order if self.kind else 10_000, self.label.lower())


@dataclass(frozen=True)
class Profile:
    """All that the graph says about one thing outside of the documents."""

    thing: Thing
    definition: str
    defined_by: tuple[str, ...]
    synonyms: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    broader: tuple[Thing, ...]
    narrower: tuple[Thing, ...]
    notes: tuple[str, ...]


def name_things(graph: GraphReader, vocabulary: Vocabulary, wanted: Iterable[str]) -> dict[str, Thing]:
    """The things of some IRIs; one without a label is named by its local name.

    Raises: EngineError.
    """
    rest = sorted(set(wanted))
    labels: dict[str, str] = {}
    types: dict[str, set[str]] = {}
    for start in range(0, len(rest), _BATCH):
        block = iris(rest[start : start + _BATCH])
        query = f"""SELECT ?iri ?label ?type WHERE {{ VALUES ?iri {{ {block} }}
          GRAPH {ENTITIES} {{ ?iri rdfs:label ?label }} OPTIONAL {{ GRAPH {ENTITIES} {{ ?iri a ?type }} }} }}"""
        for row in graph.rows(query):
            labels.setdefault(text(row, "iri"), text(row, "label"))
            types.setdefault(text(row, "iri"), set()).add(text(row, "type"))
    return {
        iri: Thing(iri, labels.get(iri) or words_of(iri), vocabulary.closest(types.get(iri, set()))) for iri in rest
    }


def find_thing(graph: GraphReader, vocabulary: Vocabulary, iri: str) -> Thing | None:
    """The thing of an IRI, or None when the graph names none."""
    block = iris([iri])
    if not block:
        return None
    rows = graph.rows(f"SELECT ?label ?type WHERE {{ GRAPH {ENTITIES} {{ {block} rdfs:label ?label ; a ?type }} }}")
    if not rows:
        return None
    return Thing(iri, text(rows[0], "label"), vocabulary.closest({text(row, "type") for row in rows}))


def profile(graph: GraphReader, vocabulary: Vocabulary, thing: Thing) -> Profile:
    """What the graph says about a thing outside of the documents."""
    slot = {"thing": iris([thing.iri])}
    words: dict[str, list[tuple[str, str]]] = {}
    for row in graph.rows(_WORDS % slot):
        value = row["value"]
        datatype = getattr(value, "datatype", "")
        words.setdefault(local_name(text(row, "way")), []).append((text(row, "value"), datatype))
    kin: dict[str, set[str]] = {"broader": set(), "narrower": set()}
    for row in graph.rows(_KINSHIP % slot):
        kin[text(row, "way")].add(text(row, "other"))
    named = name_things(graph, vocabulary, kin["broader"] | kin["narrower"])
    links = {
        (words_of(text(row, "way")), text(row, "other"))
        for row in graph.rows(_LINKS % slot)
        if isinstance(row["other"], Iri)
    }
    return Profile(
        thing,
        next((value for value, _ in words.get("definition", ())), ""),
        tuple(sorted(value for value, _ in words.get("definedBy", ()))),
        tuple(sorted({value for value, _ in words.get("altLabel", ())}, key=str.lower)),
        tuple(sorted((_code_name(vocabulary, datatype), value) for value, datatype in words.get("notation", ()))),
        tuple(sorted(links)),
        tuple(sorted((named[iri] for iri in kin["broader"]), key=lambda one: one.order)),
        tuple(sorted((named[iri] for iri in kin["narrower"]), key=lambda one: one.order)),
        tuple(sorted(value for value, _ in words.get("editorialNote", ()))),
    )


def _code_name(vocabulary: Vocabulary, datatype: str) -> str:
    return vocabulary.codes.get(datatype) or words_of(datatype)


def search_things(graph: GraphReader, vocabulary: Vocabulary, words: str, limit: int = 12) -> list[tuple[Thing, str]]:
    """Things one of whose names holds the words, with the name that fits; names that begin with them come first."""
    wanted = " ".join(words.lower().split())[:100]
    if not wanted:
        return []
    query = f"""SELECT ?iri ?name ?rank WHERE {{ GRAPH {ENTITIES} {{
      {{ ?iri rdfs:label ?name BIND(0 AS ?way) }} UNION {{ ?iri skos:altLabel ?name BIND(1 AS ?way) }}
      UNION {{ ?iri skos:hiddenLabel ?name BIND(2 AS ?way) }} }}
      FILTER(CONTAINS(LCASE(STR(?name)), {string(wanted)}))
      BIND(?way + IF(STRSTARTS(LCASE(STR(?name)), {string(wanted)}), 0, 10) AS ?rank) }}
      ORDER BY ?rank STRLEN(STR(?name)) ?name LIMIT {limit * 4}"""
    found: dict[str, str] = {}
    for row in graph.rows(query):
        found.setdefault(text(row, "iri"), text(row, "name"))
    chosen = list(found.items())[:limit]
    named: Mapping[str, Thing] = name_things(graph, vocabulary, [iri for iri, _ in chosen])
    return [(named[iri], name) for iri, name in chosen]
