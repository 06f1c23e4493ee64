"""`/explore`, the visualizer, and `/neighbours`, the same as data: one state in the address, three views, exports."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request

from server.pages import PAGE_HEADERS, show, site
from server.problems import Problem
from server.web import exports
from server.web.asking import ask_about
from server.web.graph import ENTITIES, iris, relation_iri, text, thing_iri
from server.web.picture import class_picture
from server.web.site import Site
from server.web.state import State
from server.web.things import Thing, profile, search_things
from server.web.view import alarms, between, neighbourhood_json, network_json, network_view, table

blueprint = Blueprint("explore", __name__)

_FORMATS: Final = ("json", "csv", "ttl", "svg")
_LISTED: Final = 500  # things of a kind that are listed
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]+")


@blueprint.get("/explore")
def explore() -> Response:
    """The explorer in the state of the address; 404 with a way on for a thing that the graph does not name."""
    state = State.read(request.args)
    here = site()
    focus = _thing(here, state.focus)
    missing = next((name for name in (state.focus, state.start, state.goal) if name and _thing(here, name) is None), "")
    values: dict[str, Any] = {"state": state, "focus": focus, "missing": missing, "search_found": None}
    if state.search or missing:
        words = state.search or missing
        values["search_found"] = search_things(here.graph, here.vocabulary, words)
    if not missing:
        values |= _shown(here, state, focus)
    body = show("explore.html", "Explore", **values)
    headers = {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"}
    return Response(body, 404 if missing else 200, headers)


def _thing(here: Site, name: str) -> Thing | None:
    """The thing of a local name or an IRI, or else the one that is called so."""
    iri = thing_iri(name) if name else None
    found = here.thing(iri) if iri else None
    if found is None and name:
        called = search_things(here.graph, here.vocabulary, name)
        found = next((one for one, label in called if label.lower() == " ".join(name.lower().split())), None)
    return found


def _shown(here: Site, state: State, focus: Thing | None) -> dict[str, Any]:
    """What the templates of the view need."""
    values: dict[str, Any] = {"set": [one for iri in state.set_iris if (one := here.thing(iri))]}
    beside = _thing(here, state.beside)
    if focus and beside:
        values |= {"between": between(here, focus, beside), "beside_questions": ask_about(here, beside)}
    if state.view == "network" and (focus or state.chosen or state.start):
        ends = (_thing(here, state.start), _thing(here, state.goal))
        found, picture = network_view(here, state, focus, ends)
        return values | {"network": found, "picture": picture, "ends": ends if all(ends) else None}
    if focus is None:
        return values | _overview(here, state)
    around = here.neighbourhood(focus, state.filter)
    return values | {
        "around": around,
        "alarms": alarms(around.warnings),
        "about": profile(here.graph, here.vocabulary, focus),
        "questions": ask_about(here, focus),
        "rows": table(around, state.sort) if state.view == "table" else [],
        "cross": [[a, relation.label, b] for a, relation, b in around.cross],
    }


def _overview(here: Site, state: State) -> dict[str, Any]:
    """The empty state: the kinds of things and how they connect, and the things of one kind when it is chosen."""
    found = here.classes
    values: dict[str, Any] = {"classes": found, "picture": class_picture(here.vocabulary, found)}
    kind = relation_iri(state.kind) if state.kind else None
    if kind:
        rows = here.graph.rows(f"""SELECT ?iri ?label WHERE {{
          GRAPH {ENTITIES} {{ ?iri a {iris([kind])} ; rdfs:label ?label }} }}
          ORDER BY ?label LIMIT {_LISTED}""")
        one = here.vocabulary.kind(kind)
        if here.vocabulary.is_statement(kind):
            where = here.graph.rows(f"""SELECT DISTINCT ?passage WHERE {{ GRAPH ?passage {{ ?whole a {iris([kind])} }}
              GRAPH ?document {{ ?passage a kg:Passage }} }} ORDER BY ?passage LIMIT {_LISTED}""")
            stated = here.stated({text(row, "passage") for row in where})
            values["wholes"] = [whole for whole in stated.statements if whole.kind.iri == kind]
        values |= {"kind": one, "members": [Thing(text(row, "iri"), text(row, "label"), one) for row in rows]}
    return values


@blueprint.get("/neighbours")
def neighbours() -> Response:
    """The neighbourhood of a thing, or with `set`, `from` and `to` a network; JSON, CSV, Turtle or SVG.

    Raises: Problem 400 or 404.
    """
    state = State.read(request.args)
    here = site()
    wanted = request.args.get("format", "json")
    if wanted not in _FORMATS:
        raise Problem(
            "bad-parameter", f"`format` is one of {', '.join(_FORMATS)}", parameter="format", choices=list(_FORMATS)
        )
    focus = _thing(here, state.focus)
    if state.focus and focus is None:
        raise Problem("not-found", f"the graph names nothing {state.focus[:100]!r}")
    if state.view == "network" or state.chosen or state.start:
        return _network(here, state, focus, wanted)
    if focus is None:
        raise Problem("bad-parameter", "`thing` names the thing to start from", parameter="thing")
    around = here.neighbourhood(focus, state.filter)
    if wanted == "csv":
        return _download(exports.neighbourhood_csv(around), "text/csv", f"{focus.label}.csv")
    if wanted == "ttl":
        return _download(
            exports.neighbourhood_turtle(here.graph, here.vocabulary, around), "text/turtle", f"{focus.label}.ttl"
        )
    if wanted == "svg":
        cards, width, height = exports.map_cards(around)
        body = render_template(
            "map.svg", focus=focus, cards=cards, width=width, height=height, colours=exports.colours()
        )
        return _download(body, "image/svg+xml", f"{focus.label}.svg")
    return jsonify(neighbourhood_json(here, around))


def _network(here: Site, state: State, focus: Thing | None, wanted: str) -> Response:
    found, picture = network_view(here, state, focus, (_thing(here, state.start), _thing(here, state.goal)))
    if not found.nodes:
        raise Problem(
            "bad-parameter", "there is nothing to show: name a `thing`, a `set`, or `from` and `to`", parameter="set"
        )
    if wanted == "csv":
        return _download(exports.network_csv(found), "text/csv", "network.csv")
    if wanted == "ttl":
        return _download(exports.network_turtle(here.graph, found), "text/turtle", "network.ttl")
    if wanted == "svg":
        body = render_template("network.svg", picture=picture, colours=exports.colours())
        return _download(body, "image/svg+xml", "network.svg")
    return jsonify(network_json(found, picture))


def _download(body: str | bytes, media_type: str, name: str) -> Response:
    file = _UNSAFE.sub("-", name.rpartition(".")[0]).strip("-") or "graph"
    response = Response(body, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{file}.{name.rpartition(".")[2]}"'
    # A drawing that is opened by itself runs nothing and fetches nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
