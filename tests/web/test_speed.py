"""The pages are fast enough: interactive in 500 ms, refocused in 100 ms, 5,000 neighbours in a second (DESIGN §7).

Bounds on a busy machine are twice the aim; `-rA` shows what was measured.
"""

import statistics

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLACK = 2  # CI shares two cores with everything else

INTERACTIVE = """() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"""
SHOWN = """() => performance.getEntriesByName('first-contentful-paint')[0].startTime"""
REFOCUS = """(name) => new Promise((done) => {
  const began = performance.now();
  const seen = new MutationObserver(() => {
    if (document.getElementById('explore').dataset.focus !== name) return;
    seen.disconnect();
    requestAnimationFrame(() => done(performance.now() - began));
  });
  seen.observe(document.getElementById('main'), { childList: true, subtree: true });
  document.querySelector(`a[data-thing$="/${name}"]`).click();
})"""


@pytest.mark.parametrize("path", ["/ask?q=side+effects+of+ibuprofen", "/explore?focus=BackSpasm", "/sparql", "/api"])
def test_a_page_is_interactive_within_half_a_second(visit, address, record_property, path: str):
    times = []
    for _ in range(3):
        page = visit(address + path)
        times.append(page.evaluate(INTERACTIVE))
    record_property("interactive_ms", round(statistics.median(times)))
    print(f"interactive, {path}: {statistics.median(times):.0f} ms")
    assert statistics.median(times) <= 500 * SLACK


def test_another_focus_is_shown_within_a_tenth_of_a_second(visit, address):
    times = []
    for _ in range(5):
        page = visit(address + "/explore?focus=BackSpasm")
        page.wait_for_load_state("networkidle")
        times.append(page.evaluate(REFOCUS, "MuscleRelaxant"))
    print(f"refocus: {statistics.median(times):.0f} ms")
    assert statistics.median(times) <= 100 * SLACK


@pytest.mark.parametrize("query", ["focus=Crowd", "focus=Crowd&all=1"], ids=["fifty of them", "all of them"])
def test_a_thing_with_5000_neighbours_is_shown_within_a_second(visit, crowded_address, query: str):
    times = []
    for _ in range(3):
        page = visit(f"{crowded_address}/explore?{query}")
        page.locator("#map li").first.wait_for()
        times.append(page.evaluate(SHOWN))
        assert "5000" in page.locator("#map").text_content()
    spent = statistics.median(times)
    print(f"5,000 neighbours, {query}: {spent:.0f} ms")
    assert spent <= 1000 * SLACK
