"""Dark and on paper: what others wrote is dark in the dark as well, and paper is white whatever the theme."""

import pytest

pytestmark = pytest.mark.browser

#: The colour of an element's text.
INK = """(element) => getComputedStyle(element).color.match(/[0-9.]+/g).slice(0, 3).map(Number)"""


@pytest.mark.parametrize(("path", "place"), [("/sparql", "#yasgui"), ("/api", "#api .swagger-ui")])
def test_what_others_wrote_is_turned_dark_in_the_dark_theme(visit, address, path: str, place: str):
    for theme, turned in (("light", False), ("dark", True)):
        page = visit(address + path, theme=theme)
        page.locator(place).wait_for()
        filters = page.evaluate(
            "(place) => { let one = document.querySelector(place); const found = []; "
            "for (; one; one = one.parentElement) found.push(getComputedStyle(one).filter); return found.join(' '); }",
            place,
        )
        assert ("invert" in filters) == turned


def test_the_chosen_theme_wins_over_the_systems(visit, address):
    page = visit(address + "/sparql", theme="dark")
    page.locator("#yasgui").wait_for()
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert page.evaluate("getComputedStyle(document.getElementById('yasgui')).filter") == "none"


@pytest.mark.parametrize("path", ["/ask?q=which+drugs+make+me+drowsy", "/id/MuscleRelaxant", "/ontology"])
def test_a_page_is_printed_black_on_white_whatever_the_theme(visit, address, path: str):
    page = visit(address + path, theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("h1").first.evaluate(INK) == [0, 0, 0]
    assert page.locator("header.top").is_hidden()


def test_a_printed_answer_holds_its_question(visit, address):
    page = visit(address + "/ask?q=which+drugs+make+me+drowsy")
    assert page.locator(".print-only").is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".print-only").text_content() == "Asked: which drugs make me drowsy"


def test_the_interface_for_programs_is_tried_out_on_its_page(visit, address):
    page = visit(address + "/api")
    page.locator("#api .opblock").first.wait_for()
    assert page.locator("#api").get_by_text("/ask", exact=True).count() >= 1
