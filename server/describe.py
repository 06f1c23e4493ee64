"""What the service says about its data and its endpoint, in RDF: service description, VoID, and the example queries."""

from __future__ import annotations

from typing import Final, NamedTuple

from flask import Blueprint, Response, request

from kg.backends.embedded import EmbeddedBackend
from kg.terms import BASE, PREFIXES, RDF_LANG_STRING, XSD, BlankNode, Iri, Literal, Quad, Term, document_iri
from server.graphs import GRAPH_TYPES, dataset_bytes, graph_bytes
from server.jsontext import json_text
from server.negotiate import JSON
from server.problems import KINDS, Problem
from server.reply import negotiated, reply, service

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
_TYPE: Final = Iri(f"{PREFIXES['rdf']}type")
_INPUT_FORMATS: Final = ("Turtle", "TriG", "N-Triples", "N-Quads", "RDF_XML", "JSON-LD")
_RESULT_FORMATS: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    *_INPUT_FORMATS,
)
#: So many named graphs are listed in the service description; a large dataset has as many as it has passages.
_GRAPHS_LISTED: Final = 1000

blueprint = Blueprint("describe", __name__)


class Description:
    """Statements being collected about one subject after the other."""

    def __init__(self) -> None:
        self.quads: list[Quad] = []

    def say(self, subject: Term, properties: dict[str, Term | list[Term]]) -> None:
        """Add a value, or several, for each property of a subject."""
        for name, values in properties.items():
            for value in values if isinstance(values, list) else [values]:
                self.quads.append(Quad(subject, Iri(name), value, None))


def _number(value: int) -> Literal:
    return Literal(str(value), f"{XSD}integer")


def _english(text: str) -> Literal:
    return Literal(text, RDF_LANG_STRING, "en")


def service_description() -> Response:
    """The endpoint described in its own terms (SPARQL 1.1 Service Description)."""
    media_type = negotiated(GRAPH_TYPES)
    here = request.host_url
    endpoint = Iri(f"{here}sparql")
    plain = service().settings.empty
    dataset = Iri(f"{here}.well-known/void#dataset")
    default_graph = BlankNode("default")
    description = Description()
    description.say(
        endpoint,
        {
            _TYPE.value: Iri(f"{SD}Service"),
            f"{SD}endpoint": endpoint,
            f"{SD}supportedLanguage": [
                Iri(f"{SD}{name}")
                for name in ("SPARQL10Query", "SPARQL11Query", *(["SPARQL11Update"] if plain else []))
            ],
            f"{SD}resultFormat": [Iri(FORMATS + name) for name in _RESULT_FORMATS],
            f"{SD}defaultDataset": dataset,
        },
    )
    if plain:
        description.say(endpoint, {f"{SD}inputFormat": [Iri(FORMATS + name) for name in _INPUT_FORMATS]})
    else:
        description.say(endpoint, {f"{SD}feature": Iri(f"{SD}UnionDefaultGraph")})
    description.say(dataset, {_TYPE.value: Iri(f"{SD}Dataset"), f"{SD}defaultGraph": default_graph})
    description.say(default_graph, {_TYPE.value: Iri(f"{SD}Graph")})
    for number, graph in enumerate(_graph_names()):
        node = BlankNode(f"g{number}")
        description.say(dataset, {f"{SD}namedGraph": node})
        description.say(node, {_TYPE.value: Iri(f"{SD}NamedGraph"), f"{SD}name": Iri(graph)})
    return reply(graph_bytes(description.quads, media_type), media_type)


def _graph_names() -> list[str]:
    query = f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?g LIMIT {_GRAPHS_LISTED}"
    return [] if service().settings.empty else [graph for (graph,) in service().counted(query)]


@blueprint.get("/.well-known/void")
def void() -> Response:
    """The published data in numbers (VoID), counted from the quads themselves."""
    media_type = negotiated(GRAPH_TYPES)
    here = request.host_url
    dataset = Iri(f"{here}.well-known/void#dataset")
    description = Description()
    facts, documents = counted(), service().documents()
    description.say(
        dataset,
        {
            _TYPE.value: Iri(f"{VOID}Dataset"),
            f"{PREFIXES['dcterms']}title": _english(
                "Backstory: what patient-education pages state, passage by passage"
            ),
            f"{PREFIXES['dcterms']}license": Iri("http://www.apache.org/licenses/LICENSE-2.0"),
            f"{VOID}sparqlEndpoint": Iri(f"{here}sparql"),
            f"{VOID}dataDump": [Iri(f"{here}dataset.trig"), Iri(f"{here}dataset.nq")],
            f"{VOID}uriSpace": Literal(BASE),
            f"{VOID}vocabulary": Iri(f"{BASE}ns"),
            f"{VOID}exampleResource": [Iri(document_iri(name)) for name in documents],
            f"{VOID}triples": _number(facts.triples),
            f"{VOID}entities": _number(facts.entities),
            f"{VOID}distinctSubjects": _number(facts.subjects),
            f"{VOID}distinctObjects": _number(facts.objects),
            f"{VOID}classes": _number(len(facts.classes)),
            f"{VOID}properties": _number(len(facts.properties)),
            f"{VOID}documents": _number(len(documents)),
        },
    )
    for part, of, how_many, counts in (
        ("c", "class", "entities", facts.classes),
        ("p", "property", "triples", facts.properties),
    ):
        for number, (term, count) in enumerate(counts):
            node = BlankNode(f"{part}{number}")
            description.say(dataset, {f"{VOID}{of}Partition": node})
            description.say(node, {f"{VOID}{of}": Iri(term), f"{VOID}{how_many}": _number(int(count))})
    return reply(graph_bytes(description.quads, media_type), media_type)


class Counts(NamedTuple):
    """The union of all graphs in numbers."""

    triples: int
    entities: int
    subjects: int
    objects: int
    classes: list[tuple[str, ...]]
    properties: list[tuple[str, ...]]


def counted() -> Counts:
    """The numbers of the published data, counted by its engine over each statement once."""
    found = service()
    if found.settings.empty:
        return Counts(0, 0, 0, 0, [], [])
    embedded = isinstance(found.edition.backend, EmbeddedBackend)  # its default graph is the union
    facts = "?s ?p ?o" if embedded else "{ SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }"
    whole = found.counted(
        "SELECT (COUNT(*) AS ?t) (COUNT(DISTINCT ?s) AS ?n) (COUNT(DISTINCT ?o) AS ?m) "
        f"(COUNT(DISTINCT ?i) AS ?e) WHERE {{ {facts} BIND(IF(isIRI(?s), ?s, ?none) AS ?i) }}"
    )
    triples, subjects, objects, entities = map(int, whole[0])
    of_class = f"SELECT ?o (COUNT(*) AS ?n) WHERE {{ {facts} FILTER(?p = <{_TYPE.value}>) }} GROUP BY ?o ORDER BY ?o"
    by_property = f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ {facts} }} GROUP BY ?p ORDER BY ?p"
    return Counts(triples, entities, subjects, objects, found.counted(of_class), found.counted(by_property))


@blueprint.get("/.well-known/sparql-examples")
def examples() -> Response:
    """The catalogue's queries, each with its question in words (SHACL 1.0 §5, sh:SPARQLExecutable)."""
    media_type = negotiated(GRAPH_TYPES)
    description = Description()
    answering = service().edition.answering
    sh, schema = PREFIXES["sh"], PREFIXES["schema"]
    for template in answering.templates if answering else ():
        asked = [_english(example["ask"]) for example in template.examples if "ask" in example]
        description.say(
            Iri(f"{BASE}questions/{template.id}"),
            {
                _TYPE.value: [Iri(f"{sh}SPARQLExecutable"), Iri(f"{sh}SPARQLSelectExecutable")],
                f"{PREFIXES['rdfs']}label": _english(template.summary),
                f"{PREFIXES['rdfs']}comment": [*asked],
                f"{sh}select": Literal(template.sparql),
                f"{schema}keywords": [Literal(tag) for tag in template.tags],
                f"{schema}target": Iri(f"{request.host_url}sparql"),
            },
        )
    return reply(graph_bytes(description.quads, media_type), media_type)


@blueprint.get("/problem/<kind>")
def problem_kind(kind: str) -> Response:
    """What a problem's type means, and what a client can do about it."""
    known = KINDS.get(kind)
    if known is None:
        raise Problem("not-found", f"there is no problem called {kind[:100]!r}")
    members = {"type": f"{BASE}problem/{kind}", "title": known.title, "status": known.status, "advice": known.advice}
    return reply(json_text(members), JSON, vary=False)


@blueprint.get("/dataset.trig")
def dataset_trig() -> Response:
    """All named graphs as TriG."""
    return _download("application/trig")


@blueprint.get("/dataset.nq")
def dataset_nq() -> Response:
    """All named graphs as N-Quads, sorted."""
    return _download("application/n-quads")


def _download(media_type: str) -> Response:
    found = service()
    most = found.settings.download_max_quads
    query = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    if not found.settings.empty and int(found.counted(query)[0][0]) > most:
        detail = f"the dataset has more than {most} statements; `backstory export` writes it to a file"
        raise Problem("result-too-large", detail, limit=most)
    return reply(dataset_bytes(found.quads("GRAPH ?g { ?s ?p ?o }"), media_type), media_type, vary=False)
