"""The query page in a real Chromium: run and edit, complete, leave by Tab, and read results without JavaScript."""

from urllib.parse import quote

import pytest

from kg.terms import ID

pytestmark = pytest.mark.browser


def test_run_and_edit_an_example_by_mouse(visit, address):
    page = visit(address + "/sparql")
    page.locator("#yasgui .CodeMirror").first.wait_for()
    page.locator("#example-list a").first.click()
    page.locator(".tabPanel.active .yasqe_queryButton").click()
    page.locator(".tabPanel.active .yasr_results table td").first.wait_for()


def test_run_and_edit_a_query_by_keyboard_and_leave_the_editor_by_tab(visit, address):
    page = visit(address + "/sparql?edit=SELECT+%3Fx+WHERE+%7B+VALUES+%3Fx+%7B+41+%7D+%7D")
    page.locator(".tabPanel.active .CodeMirror-focused").wait_for()
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("SELECT ?x WHERE { VALUES ?x { 42 } }")
    page.keyboard.press("Control+Enter")
    page.locator(".tabPanel.active .yasr_results td", has_text="42").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_completions_come_from_this_endpoint(visit, address):
    page = visit(address + "/sparql")
    page.locator(".tabPanel.active .CodeMirror").wait_for()
    asked = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.locator(".tabPanel.active .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("PREFIX kg: <https://w3id.org/backstory/ns#> SELECT * WHERE { ?x kg:hasSide")
    page.keyboard.press("Control+Space")
    page.wait_for_timeout(600)
    assert all(url.startswith(address) for url in asked)
    assert (
        "hasSideEffect"
        in page.locator(".tabPanel.active .CodeMirror-code, .CodeMirror-hints").all_text_contents().__str__()
    )


def test_a_query_that_is_refused_says_so_in_place(visit, address):
    page = visit(address + "/sparql?edit=SELECT+WHERE+%7B")
    page.locator(".tabPanel.active .yasqe_queryButton").click()
    page.locator(".tabPanel.active .errorResult, .tabPanel.active .yasr .alert, .refused").first.wait_for()


def test_an_iri_of_a_result_leads_to_its_page_here(visit, address):
    query = quote(f"SELECT ?x WHERE {{ VALUES ?x {{ <{ID}Ice> }} }}")
    page = visit(f"{address}/sparql?edit={query}")
    page.locator(".tabPanel.active .yasqe_queryButton").click()
    link = page.locator(".yasr_results td a").first
    link.wait_for()
    link.hover()
    assert link.evaluate("link => link.href") == f"{address}/id/Ice"


def test_without_javascript_a_query_is_sent_by_the_plain_form_and_its_result_read(visit, address):
    query = quote(f"SELECT ?x ?n WHERE {{ VALUES (?x ?n) {{ (<{ID}Ice> 42) }} }}")
    page = visit(f"{address}/sparql?edit={query}", script=False)
    page.get_by_role("button", name="Run").click()
    assert "42" in page.locator("table").text_content()
    page.get_by_role("link", name="id:Ice").click()
    assert page.url == f"{address}/id/Ice"
