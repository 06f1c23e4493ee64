"""When a page is interactive and shown in a real Chromium, against a running service.

    python -m tests.bench.interactive http://127.0.0.1:8000 [RUNS]

Each run opens the page in a fresh context: nothing is kept from the run before. Interactive is the end of the
DOMContentLoaded event, after which every script of ours has run; shown is the first contentful paint. Milliseconds
from the start of the navigation, medians and the slowest; the load of the machine is named beside them.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
from datetime import date

from playwright.sync_api import Browser, sync_playwright

PAGES = {
    "Ask": "/",
    "Ask, answered": "/ask?q=which+drugs+make+me+drowsy",
    "Explore, empty": "/explore",
    "Explore, map": "/explore?focus=BackSpasm",
    "Explore, network": "/explore?view=network&from=Stress&to=Drowsiness",
    "Explore, table": "/explore?focus=BackSpasm&view=table",
    "Query": "/sparql",
    "Source": "/doc/back-spasms/",
    "Thing": "/id/BackSpasm",
    "Ontology": "/ontology",
    "API": "/api",
}
TIMES = """() => {
  const page = performance.getEntriesByType('navigation')[0];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return [page.responseEnd, paint ? paint.startTime : 0, page.domContentLoadedEventEnd];
}"""


def times(browser: Browser, url: str) -> list[float]:
    """When the page had come, was shown and was interactive."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("load")
    page.wait_for_timeout(50)
    found: list[float] = page.evaluate(TIMES)
    context.close()
    return found


def main() -> None:
    address, runs = sys.argv[1].rstrip("/"), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{date.today()}, {platform.platform()}, {os.cpu_count()} cores, load {load}, {runs} runs\n")
    print("| page | come, ms | shown, ms | interactive, ms | slowest, ms |\n|---|---|---|---|---|")
    with sync_playwright() as running:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = running.chromium.launch(executable_path=found, args=[*sandbox, "--disable-gpu"])
        times(browser, address + "/")
        for name, path in PAGES.items():
            all_times = [times(browser, address + path) for _ in range(runs)]
            medians = [statistics.median(column) for column in zip(*all_times, strict=True)]
            slowest = max(one[2] for one in all_times)
            print("| " + " | ".join((name, *(f"{each:.0f}" for each in (*medians, slowest)))) + " |")
        browser.close()


if __name__ == "__main__":
    main()
