"""axe-core on every page and view of ours: no violation in light, dark and on a phone; and nothing scrolls sideways."""

from pathlib import Path

import pytest

from tests.web.test_pages import PAGES

pytestmark = pytest.mark.browser

#: What is not ours, and why it is left out of the check: YASGUI's own markup (controls of its tabs and plugins without
#: names, grey on white below 4.5:1) and Swagger UI's (the same, and a second main part in the page). What can be mended
#: from outside is: Tab leaves the editor, and its field has a name.
NOT_OURS = {"/sparql": ["#yasgui"], "/api": ["#api"]}
LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 390), "dark phone": ("dark", 390)}
RUN = """async (skipped) => {
  const more = skipped.includes('#api') ? { 'landmark-no-duplicate-main': { enabled: false } } : {};
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await axe.run({ exclude: skipped.map((one) => [one]) }, { runOnly: rules, rules: more });
  return found.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.length} × ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary.slice(0, 200)}`);
}"""


@pytest.fixture(scope="module")
def axe(node_modules: Path) -> str:
    """The text of axe-core."""
    return (node_modules / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_no_violation(visit, address, axe: str, path: str, look: tuple[str, int]):
    page = visit(address + path, theme=look[0], width=look[1])
    page.wait_for_load_state("networkidle")
    page.evaluate(axe)
    assert page.evaluate(RUN, NOT_OURS.get(path, [])) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= look[1]


def test_axe_finds_no_violation_among_open_suggestions_and_menus(visit, address, axe: str):
    page = visit(address + "/explore?focus=BackSpasm")
    page.get_by_text("Filter").click()
    page.evaluate(axe)
    assert page.evaluate(RUN, []) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("pain")
    page.locator("#thing-options li").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(RUN, []) == []


def test_text_at_twice_its_size_still_fits_a_phone(visit, address):
    page = visit(address + "/explore?focus=MuscleRelaxant", width=390)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
