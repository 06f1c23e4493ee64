"""From a statement to its line, however the file spells it."""

from __future__ import annotations

import pytest

from kg.locate import line_of, line_of_term, spellings
from kg.terms import DOC, ID, KG, PREFIXES, XSD, Iri, Literal, Quad

BASE = f"{DOC}x/"
FACT = Quad(Iri(f"{ID}Ice"), Iri(f"{KG}hasCause"), Iri(f"{ID}Heat"), Iri(f"{BASE}002"))
KIND = Quad(Iri(f"{BASE}002#w"), Iri(f"{PREFIXES['rdf']}type"), Iri(f"{KG}Warning"), Iri(f"{BASE}002"))


def test_an_iri_is_spelled_in_full_relative_and_with_a_prefix() -> None:
    assert spellings(f"{BASE}002", BASE) == ("<002>", f"<{BASE}002>", "doc:x/002")
    assert spellings("urn:x", None) == ("<urn:x>",)


@pytest.mark.parametrize(
    "text",
    [
        "<001> {\n  id:Ice kg:hasCause id:Heat .\n}\n<002> {\n  id:Ice kg:hasCause id:Heat .\n}\n",
        "<001> {\n}\n\n<002> { id:Ice kg:hasSymptom id:Rain ;\n  kg:hasCause id:Rain , id:Heat .\n}\n",
        f"\n\n<{BASE}002> {{\n <{ID}Ice>\n <{KG}hasCause> <{ID}Heat> .\n}}\n",
        "#\n#\nGRAPH <002> {\n id:IceCold kg:hasCause id:Rain .\n id:Ice kg:hasCause id:Heat .\n}\n",
    ],
    ids=["in its own block", "after a semicolon and a comma", "in full", "beside a longer name"],
)
def test_a_fact_is_found_on_the_fifth_line(text: str) -> None:
    assert line_of(text, FACT, BASE) == 5


def test_a_kind_written_with_a_is_found() -> None:
    assert line_of("<002> {\n  <002#w> a kg:Warning .\n}\n", KIND, BASE) == 2


def test_a_literal_is_found_by_its_text() -> None:
    quad = FACT._replace(predicate=Iri(f"{KG}minutes"), object=Literal("4320", f"{XSD}integer"))
    assert line_of("<002> {\n  id:Ice\n  kg:minutes 4320 .\n}\n", quad, BASE) == 3


def test_an_unusual_file_gives_a_line_that_is_near() -> None:
    assert line_of("\n<002>\n{ id:Ice kg:hasCause\nid:Heat }", FACT, BASE) == 4


def test_a_term_that_is_not_there_has_no_line() -> None:
    assert line_of_term("id:Icecream", Iri(f"{ID}Ice")) is None
    assert line_of("", FACT, BASE) == 1
