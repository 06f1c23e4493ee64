"""Content negotiation (RFC 9110 §12.5) and entity tags (§13.1.2)."""

from __future__ import annotations

import pytest

from server.negotiate import accepts_gzip, choose, names_tag, prefers_html

JSON, XML, CSV, HTML = "application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/html"
OFFERS = (JSON, XML, CSV)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/*", CSV),
        (f"{XML};q=0.5, {JSON};q=0.9", JSON),
        (f"{XML}, {JSON}", XML),
        (f"{JSON};q=0, */*;q=0.5", XML),
        (f"*/*;q=0.1, {CSV}", CSV),
        ("image/png", None),
        (f"{JSON};q=0", None),
        ("Application/SPARQL-Results+XML ; q=1 , image/png", XML),
        (f"{JSON};charset=utf-8;q=0.2, {CSV};q=0.3", CSV),
        (f"{CSV};q=much", None),
        (",,;;/,", None),
    ],
)
def test_the_best_liked_offer_is_chosen_and_a_preference_of_zero_excludes(
    accept: str | None, chosen: str | None
) -> None:
    assert choose(accept, OFFERS) == chosen


def test_a_more_specific_range_decides_about_a_type_whatever_stands_first() -> None:
    assert choose("text/*;q=0.9, text/csv;q=0.1, application/sparql-results+xml;q=0.5", OFFERS) == XML


@pytest.mark.parametrize(
    ("accept", "page"),
    [(BROWSER, True), (None, False), ("*/*", False), (f"{HTML};q=0.1, application/json", False), (HTML, True)],
)
def test_only_a_client_that_names_html_and_likes_it_best_gets_pages(accept: str | None, page: bool) -> None:
    assert prefers_html(accept) is page


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("gzip;q=0", False),
        ("br, *", True),
        ("*;q=0", False),
        ("identity", False),
        ("x-gzip", True),
        ("", False),
    ],
)
def test_gzip_is_used_only_where_it_is_taken(header: str, taken: bool) -> None:
    assert accepts_gzip(header) is taken


def test_if_none_match_compares_weakly_and_takes_a_list_or_a_star() -> None:
    assert names_tag('"a", W/"b"', '"b"')
    assert names_tag("*", '"b"')
    assert not names_tag('"a"', '"b"')
