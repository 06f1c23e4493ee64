"""When things go wrong, when labels are hostile, and when there is no JavaScript: in a real Chromium."""

import pytest

pytestmark = pytest.mark.browser


def test_a_failed_request_says_what_happened_and_leaves_the_page_as_it_was(visit, address):
    page = visit(address + "/explore?focus=BackSpasm")
    page.context.set_offline(True)
    page.locator("#map a[data-thing]").first.click()
    page.get_by_role("alert").wait_for()
    assert page.locator("#focus").text_content() == "back spasms"
    page.context.set_offline(False)


def test_a_missing_cytoscape_leaves_the_still_drawing(visit, address):
    page = visit(address + "/explore")
    page.route("**/cytoscape.min.js", lambda route: route.abort())
    page.goto(address + "/explore?view=network&focus=MuscleRelaxant")
    page.wait_for_timeout(400)
    assert page.locator("#network svg").is_visible()


def test_on_a_slow_network_the_page_reads_before_its_scripts_come(visit, address):
    page = visit(address)
    page.route("**/*.js", lambda route: (page.wait_for_timeout(0), route.abort()))
    page.goto(address + "/explore?focus=MuscleRelaxant", wait_until="commit")
    page.get_by_role("link", name="drowsiness", exact=True).first.wait_for()


def test_the_theme_is_chosen_and_kept(visit, address):
    page = visit(address)
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(address + "/ontology")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


# ---- hostile labels, and no JavaScript


@pytest.mark.parametrize(
    "path", ["/explore?focus=Evil", "/explore?focus=Evil&view=network", "/id/Evil", "/explore?focus=Drowsiness"]
)
def test_hostile_labels_stay_text_in_the_browser(visit, hostile_address, path: str):
    page = visit(hostile_address + path)
    page.wait_for_timeout(300)
    assert page.locator("main img").count() == 0
    assert "<img src=x" in page.locator("main").text_content()


def test_hostile_labels_stay_text_among_the_suggestions(visit, hostile_address):
    page = visit(hostile_address + "/explore")
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    page.locator("#thing-options li").first.wait_for()
    assert "<img" in page.locator("#thing-options li").first.text_content()
    assert page.locator("#thing-options img").count() == 0


def test_without_javascript_a_question_is_answered_and_a_citation_followed(visit, address):
    page = visit(address, script=False)
    page.get_by_role("searchbox", name="Your question").fill("side effects of methocarbamol")
    page.get_by_role("button", name="Ask").click()
    assert "drowsiness" in page.locator("#answer h1").text_content()
    page.locator("#c1 a").first.click()
    assert "/doc/back-spasms/" in page.url


def test_without_javascript_the_explorer_shows_searches_filters_and_connects(visit, address):
    page = visit(address + "/explore", script=False)
    page.get_by_role("searchbox", name="Find a thing by name").fill("relaxant")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="muscle relaxants").click()
    assert "drowsiness" in page.locator("#map").text_content()
    page.get_by_role("link", name="Table").click()
    page.get_by_role("link", name="Thing").click()
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.goto(address + "/explore?view=network&from=Stress&to=Drowsiness")
    assert page.locator("#network svg a").count() == 4
