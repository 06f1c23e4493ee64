"""The pages that a person reads. Every function gives a finished HTML text; the routes that also speak JSON or RDF
choose by content negotiation and then call these.

    ask_page(answer, question)      `/` and `/ask?q=`        answer: `Answer.as_json()`, or None for the empty page
    question_page(id, answer, ...)  `/questions/<id>`        one question of the catalogue with its form
    questions_page()                `/questions`             what can be asked
    source_page(iri)                `/doc/<document>/`       None for an unknown document
    thing_page(iri)                 `/id/<thing>`            None for an unknown thing
    ontology_page()                 `/ontology`, `/ns`
    editor_page(query)              `/sparql`
    documents_page()                `/documents`
    api_page()                      `/api`
    problem_page(document)          an error (the members of RFC 9457)

They need a request of an app that has called `use_site`. Every page goes out with `PAGE_HEADERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from kg.terms import DOC, ENTITIES_GRAPH, KG, ONTOLOGY_GRAPH, PREFIXES, compact, local_name
from server.web.asking import Choices, ask_about, question_links, slot_choices, starters
from server.web.neighbourhood import Filter
from server.web.passages import Passage, passages_of, sections_of
from server.web.picture import class_picture
from server.web.site import FILES, PAGE_HEADERS, STATIC, VENDOR, Site, static_digest
from server.web.things import profile, search_things
from server.web.vocabulary import address

__all__ = [
    "PAGE_HEADERS",
    "api_page",
    "ask_page",
    "blueprint",
    "documents_page",
    "editor_page",
    "ontology_page",
    "problem_page",
    "question_page",
    "questions_page",
    "site",
    "source_page",
    "thing_page",
    "use_site",
]

blueprint = Blueprint("pages", __name__, template_folder=str(FILES / "templates"))

_KEY: Final = "backstory.site"
_YEAR_S: Final = 31_536_000
_EDIT_MAX: Final = 65_536
_EVERYTHING: Final = Filter(limit=500)
#: What the ready-made files are called in the vendor folder; a page that misses its file falls back.
EDITOR_FILES: Final = ("yasgui.min.js", "yasgui.min.css")


def use_site(app: Any, find: Callable[[], Site]) -> None:
    """Let the pages of an app show what `find` gives at each request: the site of the edition that is published."""
    app.extensions[_KEY] = find
    app.extensions[f"{_KEY}.files"] = static_digest()
    names = {"address": address, "compact": compact, "local": local_name, "file": file_url, "passage": passage_name}
    app.jinja_env.globals.update(names)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def site() -> Site:
    """The site that this request is shown."""
    found: Site = current_app.extensions[_KEY]()
    return found


def file_url(name: str) -> str:
    """The address of a static file, with the digest of all of them, so that browsers can keep it for good."""
    return f"/static/{current_app.extensions[f'{_KEY}.files']}/{name}"


def passage_name(iri: str) -> str:
    """What a reference calls a passage: its number, and before it the document's name where there are several."""
    document, _, number = iri.removeprefix(DOC).rpartition("/")
    return f"{document} {number}" if len(site().documents) > 1 else number


def show(file: str, here: str = "", **values: Any) -> str:
    """A rendered template; `here` is the entry of the navigation that it belongs to."""
    return render_template(file, here=here, site=site(), **values)


def ask_page(answer: Mapping[str, Any] | None = None, question: str = "", document: str | None = None) -> str:
    """The page that asks, with an answer (the JSON of DESIGN §4) or empty; `document` is the one that was asked."""
    here = site()
    asked = next((one for one in here.documents if one["document"] == document), None) if document else None
    return show(
        "ask.html",
        "Ask",
        answer=answer,
        question=question,
        links=question_links(here, answer, document) if answer else None,
        starters=starters(here),
        notice=answer["meta"].get("notice") if answer else None,
        asked=asked,
    )


def question_page(id: str, answer: Mapping[str, Any] | None = None, values: Mapping[str, str] | None = None) -> str:
    """One question of the catalogue: its form, and the answer when its slots were given."""
    here = site()
    template = next((one for one in here.answering.templates if one.id == id), None)
    if template is None:
        raise NotFound(f"there is no question {id!r}")
    choices: Choices = slot_choices(here, template)
    links = question_links(here, answer) if answer else None
    notice = answer["meta"].get("notice") if answer else None
    return show(
        "question.html",
        "Ask",
        template=template,
        choices=choices,
        answer=answer,
        values=values or {},
        links=links,
        notice=notice,
    )


def questions_page() -> str:
    """What can be asked: each question with a form and examples."""
    here = site()
    templates = here.answering.templates if here.answering else ()
    return show(
        "questions.html", "Ask", templates=templates, choices={one.id: slot_choices(here, one) for one in templates}
    )


def source_page(iri: str) -> str | None:
    """A document: its passages in order, each with what it states; None when the graph does not hold it."""
    here = site()
    document = next((one for one in here.documents if one["document"] == iri), None)
    if document is None:
        return None
    passages = passages_of(here.graph, iri, here.quote)
    sections = sections_of(here.graph, iri)
    stated = here.stated(set(passages))
    lines: list[Any] = sorted((*passages.values(), *sections.values()), key=lambda one: one.position)
    return show(
        "source.html",
        "Source",
        document=document,
        name=iri.removeprefix(DOC).rstrip("/"),
        lines=[(one, stated.of(one.iri) if isinstance(one, Passage) else None) for one in lines],
        passages=passages,
        quoted=any(one.quote for one in passages.values()),
    )


def thing_page(iri: str) -> str | None:
    """One thing, everything about it in both directions; None when the graph names no such thing."""
    here = site()
    thing = here.thing(iri)
    if thing is None:
        return None
    around = here.neighbourhood(thing, _EVERYTHING)
    about = profile(here.graph, here.vocabulary, thing)
    return show(
        "thing.html",
        thing=thing,
        about=about,
        around=around,
        passages=here.passages(around.passages | set(about.defined_by)),
        questions=ask_about(here, thing),
    )


def ontology_page() -> str:
    """The vocabulary: how its classes connect, and every term with definition and example."""
    here = site()
    picture = class_picture(here.vocabulary, here.classes)
    return show("ontology.html", "Ontology", vocabulary=here.vocabulary, picture=picture, ns=KG)


def editor_page(query: str = "") -> str:
    """The query editor with the catalogue's queries as examples; a plain form where its files are missing."""
    here = site()
    ready = all((VENDOR / name).is_file() for name in EDITOR_FILES)
    templates = here.answering.templates if here.answering else ()
    shown = query or request.args.get("edit", "")[:_EDIT_MAX] or _first_query()
    return show("query.html", "Query", templates=templates, query=shown, ready=ready, prefixes=PREFIXES)


def _first_query() -> str:
    """What the editor holds at first: which passages state what of how many things, in the prefixes of the project."""
    used = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("kg", "rdfs"))
    return f"""{used}
SELECT ?thing ?relation ?other ?passage WHERE {{
  GRAPH ?passage {{ ?one ?p ?two }}
  GRAPH ?document {{ ?passage a kg:Passage }}
  GRAPH <{ENTITIES_GRAPH}> {{ ?one rdfs:label ?thing . ?two rdfs:label ?other }}
  GRAPH <{ONTOLOGY_GRAPH}> {{ ?p rdfs:label ?relation }}
}} ORDER BY ?passage LIMIT 100
"""


def api_page() -> str:
    """The interface for programs, to read and to try out with Swagger UI."""
    return show("api.html", "API")


def documents_page() -> str:
    """The documents that the graph holds."""
    return show("documents.html")


def problem_page(document: Mapping[str, Any]) -> str:
    """An error as a page: what happened and what to do."""
    return show("problem.html", problem=document)


@blueprint.get("/")
def home() -> Response:
    """The empty page that asks."""
    return _page(ask_page())


@blueprint.get("/suggest")
def suggest() -> Response:
    """Completions of what is typed: whole questions, or with `of=things` the things whose names hold the words."""
    words = request.args.get("q", "")[:300]
    here = site()
    if request.args.get("of") == "things":
        found = search_things(here.graph, here.vocabulary, words)
        return jsonify(
            [
                {"name": one.name, "label": one.label, "kind": one.kind.label if one.kind else "", "hue": one.hue}
                for one, _ in found
            ]
        )
    return jsonify(here.answering.suggest(words) if here.answering and words.strip() else [])


@blueprint.get("/static/<digest>/<path:name>")
def static_file(digest: str, name: str) -> Response:
    """A file of ours, or under `vendor/` a ready-made one of YASGUI or Cytoscape.js."""
    current = digest == current_app.extensions[f"{_KEY}.files"]
    folder, name = (VENDOR, name.removeprefix("vendor/")) if name.startswith("vendor/") else (STATIC, name)
    if not folder.is_dir():
        abort(404)
    response = send_from_directory(folder, name, max_age=_YEAR_S if current else 0)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if current:
        response.cache_control.public = True
        response.cache_control.immutable = True
    return response


def _page(body: str, status: int = 200) -> Response:
    return Response(body, status, {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"})
