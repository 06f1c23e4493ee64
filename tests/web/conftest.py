"""What the tests of the pages share: the service itself, a small app over made-up data, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, make_server

from kg.backends.embedded import EmbeddedBackend
from kg.dataset import Dataset
from kg.terms import DOC, ENTITIES_GRAPH, ID, KG, PREFIXES, Iri, Literal, Quad
from server import create_app, explore, pages
from server.problems import Problem, rendered
from server.settings import from_environment
from server.web.site import PAGE_HEADERS, Site

ROOT = Path(__file__).parents[2]
RDF, RDFS = PREFIXES["rdf"], PREFIXES["rdfs"]
ENTITIES = Iri(ENTITIES_GRAPH)
DOCUMENT = f"{DOC}back-spasms/"


def entity(name: str, kind: str, label: str) -> list[Quad]:
    """A thing with its kind and label, in the graph of the entities."""
    thing = Iri(ID + name)
    return [
        Quad(thing, Iri(f"{RDF}type"), Iri(KG + kind), ENTITIES),
        Quad(thing, Iri(f"{RDFS}label"), Literal(label, language="en", datatype=f"{RDF}langString"), ENTITIES),
    ]


def stated(passage: str, *facts: tuple[str, str, str]) -> list[Quad]:
    """Facts between things, in a passage of the document that the dataset has."""
    graph = Iri(DOCUMENT + passage)
    return [Quad(Iri(ID + s), Iri(KG + p), Iri(ID + o), graph) for s, p, o in facts]


def local_app(quads: Iterable[Quad]) -> Flask:
    """The pages over some quads, without questions: for data that the shipped dataset does not hold."""
    app = Flask("local", static_folder=None)
    here = Site.open(EmbeddedBackend.in_memory(list(quads)))
    pages.use_site(app, lambda: here)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(explore.blueprint)
    app.register_error_handler(Problem, _problem)

    def html(body: str | None) -> Response:
        return Response(body or "", 200 if body else 404, {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"})

    app.add_url_rule("/id/<name>", "thing", lambda name: html(pages.thing_page(ID + name)))
    app.add_url_rule("/doc/<name>/", "source", lambda name: html(pages.source_page(f"{DOC}{name}/")))
    app.add_url_rule("/ontology", "ontology", lambda: html(pages.ontology_page()))
    return app


def _problem(problem: Problem) -> Response:
    status, headers, body = rendered(problem, request.headers.get("Accept"), "")
    return Response(body, status, headers)


@dataclass(frozen=True)
class Served:
    """An app that answers at an address until it is closed."""

    address: str
    server: BaseWSGIServer


def serve(app: Any) -> Served:
    """The app on a free port of this machine, in a thread of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Served(f"http://127.0.0.1:{server.server_port}", server)


@pytest.fixture(scope="session")
def service_app() -> Iterator[Flask]:
    """The service as it is started, with the shipped dataset and catalogue."""
    app = create_app(from_environment({"log_requests": False}))
    yield app
    app.extensions["backstory"].close()


@pytest.fixture(scope="session")
def client(service_app: Flask) -> FlaskClient:
    """A client that asks the service without a network, as a browser would."""
    asking = service_app.test_client()
    asking.environ_base["HTTP_ACCEPT"] = "text/html,application/xhtml+xml,*/*;q=0.8"
    return asking


@pytest.fixture(scope="session")
def site(backend: Any) -> Site:
    """The pages' view of the shipped dataset."""
    return Site.open(backend)


@pytest.fixture(scope="session")
def address(service_app: Flask) -> Iterator[str]:
    """Where the service answers."""
    served = serve(service_app)
    yield served.address
    served.server.shutdown()


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{7*7}}\u202e\"'`"


@pytest.fixture(scope="session")
def hostile_address(dataset: Dataset) -> Iterator[str]:
    """An app whose graph has labels that would be markup, script or a template if they were not text."""
    extra = entity("Evil", "Drug", HOSTILE) + entity("Eviler", "Symptom", f"{HOSTILE} two")
    extra += stated("079", ("Evil", "hasSideEffect", "Eviler"), ("Evil", "hasSideEffect", "Drowsiness"))
    served = serve(local_app([*dataset.quads, *extra]))
    yield served.address
    served.server.shutdown()


@pytest.fixture(scope="session")
def crowded_address(dataset: Dataset) -> Iterator[str]:
    """An app whose graph has a thing with 5,000 neighbours by one relation."""
    extra = [quad for n in range(5000) for quad in entity(f"Cause{n}", "Factor", f"cause number {n:04d}")]
    extra += stated("018", *((("Crowd", "hasCause", f"Cause{n}")) for n in range(5000)))
    served = serve(local_app([*dataset.quads, *entity("Crowd", "Condition", "crowded condition"), *extra]))
    yield served.address
    served.server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real Chromium under Playwright; the tests that need it are skipped, with the reason, where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=[*sandbox, *quiet])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The tools that npm brings for the tests (TypeScript, axe-core), fetched once into the project's own folder."""
    folder = ROOT / "node_modules"
    if not (folder / "axe-core" / "axe.min.js").is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm on the PATH to fetch TypeScript and axe-core")
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm could not fetch TypeScript and axe-core: {done.stderr.strip()[:200]}")
    return folder


@dataclass
class Watch:
    """What a page did that it must not do: requests to others, reports of the content security policy, errors."""

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether there was nothing of it."""
        return not (self.outside or self.refused or self.errors)


Opener = Callable[..., Any]


@pytest.fixture
def visit(chromium: Any) -> Iterator[Opener]:
    """Opens an address in a fresh context: `visit(url, width=…, theme=…, script=…)`.

    At the end of every test the pages that it opened must have asked nobody else and broken no policy.
    """
    contexts: list[Any] = []
    watches: list[Watch] = []

    def open_page(url: str, *, width: int = 1280, theme: str = "light", script: bool = True, **options: Any) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch = Watch()
        watches.append(watch)
        home = url.split("/", 3)[2]
        page.on("request", lambda sent: _note(watch, sent.url, home))
        page.on(
            "console", lambda said: watch.refused.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.goto(url)
        page.watch = watch
        return page

    yield open_page
    for context in contexts:
        context.close()
    for watch in watches:
        assert watch.clean, watch


def _note(watch: Watch, url: str, home: str) -> None:
    if not url.startswith((f"http://{home}/", "data:", "blob:")):
        watch.outside.append(url)


def _policy(watch: Watch, said: Any) -> None:
    if "Content Security Policy" in said.text:
        watch.refused.append(said.text)
