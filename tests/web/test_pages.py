"""Every page as the service sends it: complete without JavaScript, nothing inline, hostile labels as text, small."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.dataset import Dataset
from server.web.site import STATIC, VENDOR
from tests.web.conftest import HOSTILE, entity, local_app, stated

PAGES = {
    "ask": "/",
    "an answer": "/ask?q=side+effects+of+methocarbamol",
    "a refusal": "/ask?q=what+does+chemotherapy+cost",
    "classes": "/explore",
    "a class": "/explore?kind=Drug",
    "a class of statements": "/explore?kind=Warning",
    "map": "/explore?focus=BackSpasm",
    "details": "/explore?focus=BackSpasm&with=Ice",
    "network": "/explore?view=network&focus=MuscleRelaxant",
    "connection": "/explore?view=network&from=Stress&to=Drowsiness",
    "table": "/explore?focus=BackSpasm&view=table",
    "search": "/explore?search=relax",
    "query": "/sparql",
    "a result": "/query?query=SELECT+*+WHERE+%7B+GRAPH+%3Fg+%7B+%3Fs+%3Fp+%3Fo+%7D+%7D+LIMIT+20",
    "a result that is a graph": "/query?query=CONSTRUCT+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+5",
    "a yes or no": "/query?query=ASK+%7B%7D",
    "source": "/doc/back-spasms/",
    "thing": "/id/MuscleRelaxant",
    "ontology": "/ontology",
    "documents": "/documents",
    "api": "/api",
    "questions": "/questions",
}
OWN_CODE_MAX = 25 * 1024  # bytes of gzip a page (DESIGN §7)


class Reader(HTMLParser):
    """Collects a page's elements and what must not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inline: list[str] = []
        self.files: set[str] = set()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(f"{tag} {given}")
        if tag == "script" and not given.get("src"):
            self.inline.append(tag)
        if tag == "script" or (tag == "link" and given.get("rel") == "stylesheet"):
            self.files.add(str(given.get("src") or given.get("href")))
        if given.get("id"):
            self.ids.append(str(given["id"]))


@pytest.fixture(scope="module", params=PAGES.values(), ids=PAGES)
def page(request: pytest.FixtureRequest, client: FlaskClient) -> tuple[str, Reader]:
    """One page and its elements."""
    reply = client.get(request.param)
    assert reply.status_code == 200, reply.text[:500]
    assert reply.content_type == "text/html; charset=utf-8"
    return reply.text, Reader(reply.text)


def test_a_page_has_one_heading_one_main_part_and_a_way_past_the_navigation(page: tuple[str, Reader]):
    text, read = page
    assert read.tags.count("main") == 1
    assert read.tags.count("h1") == 1
    assert 'class="skip"' in text


def test_a_page_has_no_script_style_or_handler_of_its_own_text(page: tuple[str, Reader]):
    assert page[1].inline == []


def test_a_page_has_no_two_elements_of_one_id(page: tuple[str, Reader]):
    ids = page[1].ids
    assert sorted(set(ids)) == sorted(ids)


def test_a_page_names_the_notice(page: tuple[str, Reader]):
    assert "edical advice" in page[0]


def test_a_page_needs_at_most_25_kb_of_own_code(page: tuple[str, Reader]):
    own = [name.split("/", 3)[3] for name in page[1].files if name.startswith("/static/") and "/vendor/" not in name]
    modules = {STATIC / name for name in own}
    while found := {one for path in modules if path.suffix == ".js" for one in _imports(path)} - modules:
        modules |= found
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in modules}
    assert sum(sizes.values()) <= OWN_CODE_MAX, sizes


def _imports(path: Path) -> set[Path]:
    named = re.findall(r"""(?:from|import\()\s*["']\./([\w.]+)["']""", path.read_text("utf-8"))
    return {path.parent / name for name in named}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_goes_out_with_the_policy_that_lets_in_nobody_else(client: FlaskClient, path: str):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_link_of_every_page_leads_somewhere(client: FlaskClient):
    links: set[str] = set()
    for path in PAGES.values():
        links |= set(re.findall(r'<a[^>]* href="(/[^"#]*)', client.get(path).text))
    plain = sorted({link.replace("&amp;", "&").replace("&#39;", "'") for link in links})
    different = {re.sub(r"=[^&]*", "=", link): link for link in plain}  # one of each shape
    different |= {link: link for link in plain if link.startswith(("/id/", "/doc/", "/questions"))}
    broken = [link for link in different.values() if client.get(link).status_code not in (200, 303)]
    assert broken == []


@pytest.mark.parametrize("path", ["/explore?focus=NoSuchThing", "/explore?view=network&from=NoSuchThing&to=Ice"])
def test_an_unknown_thing_is_said_to_be_unknown_with_a_way_on(client: FlaskClient, path: str):
    reply = client.get(path)
    assert reply.status_code == 404
    assert "NoSuchThing" in reply.text
    assert 'href="/explore"' in reply.text


def test_a_misheard_name_leads_to_what_it_may_have_meant(client: FlaskClient):
    assert "muscle relaxants" in client.get("/explore?focus=relaxant").text


def test_a_thing_can_be_named_by_its_label(client: FlaskClient):
    assert client.get("/explore?focus=muscle+relaxants").status_code == 200


def test_hostile_labels_are_text_on_every_page(dataset: Dataset):
    extra = entity("Evil", "Drug", HOSTILE) + entity("Eviler", "Symptom", f"{HOSTILE} two")
    extra += stated("079", ("Evil", "hasSideEffect", "Eviler"), ("MuscleRelaxant", "hasSideEffect", "Eviler"))
    asking = local_app([*dataset.quads, *extra]).test_client()
    queries = ("focus=Evil", "focus=Evil&view=network", "focus=Evil&view=table", "focus=Evil&with=Eviler", "kind=Drug")
    shown = [f"/explore?{query}" for query in (*queries, "focus=MuscleRelaxant", "search=onerror")]
    for path in (*shown, "/id/Evil", "/doc/back-spasms/"):
        read = Reader(asking.get(path).text)
        assert read.inline == [], path
        assert "img" not in read.tags, path


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}"])
def test_what_a_visitor_types_comes_back_as_text(client: FlaskClient, text: str):
    for path in ("/ask", "/explore"):
        name = "q" if path == "/ask" else "search"
        read = Reader(client.get(path, query_string={name: text}).text)
        assert read.inline == []
        assert "img" not in read.tags


def test_a_static_file_is_kept_for_good_under_its_digest_and_not_under_another(client: FlaskClient):
    link = next(name for name in Reader(client.get("/").text).files if name.endswith(".css"))
    assert "immutable" in client.get(link).headers["Cache-Control"]
    assert "immutable" not in client.get(link.replace(link.split("/")[2], "0" * 12)).headers["Cache-Control"]


@pytest.mark.parametrize("name", ["../site.py", "..%2Fsite.py", "vendor/../../site.py", "css", "nothing.css"])
def test_only_files_of_the_static_folders_are_served(client: FlaskClient, name: str):
    assert client.get(f"/static/x/{name}").status_code == 404


def test_the_editor_page_holds_the_query_that_it_was_sent(client: FlaskClient):
    reply = client.get("/sparql", query_string={"edit": "SELECT * WHERE { ?s ?p </textarea><b>x</b> }"})
    assert "SELECT * WHERE" in reply.text
    assert "</textarea><b>" not in reply.text


def test_the_plain_form_is_there_whether_or_not_the_editor_is(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("server.pages.VENDOR", VENDOR / "missing")
    text = client.get("/sparql?edit=SELECT+1").text
    assert '<textarea class="code" id="query"' in text
    assert "yasgui.min.js" not in text


def test_a_query_that_is_refused_is_a_page_that_says_where(client: FlaskClient):
    reply = client.get("/query?query=SELECT+WHERE+%7B")
    assert reply.status_code == 400
    assert "Invalid SPARQL" in reply.text


def test_hostile_terms_of_a_result_are_text(client: FlaskClient):
    query = 'SELECT ?x ?y WHERE { VALUES (?x ?y) { ("<img src=x onerror=alert(1)>" <javascript:alert(1)>) } }'
    reply = client.get("/query", query_string={"query": query})
    read = Reader(reply.text)
    assert "img" not in read.tags
    assert 'href="javascript' not in reply.text
