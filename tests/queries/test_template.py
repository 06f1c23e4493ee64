"""Question files: what is wrong is said with file, line and rule."""

from __future__ import annotations

import pytest

from queries.template import QuestionFileError, parse_template

GOOD = """#+ summary: Side effects
#+ tags: [safety]
#+ slots:
#+   drug: {class: [kg:Drug, kg:DrugClass], example: id:Ibuprofen}
#+ phrasings:
#+   list: ["side effects of {drug}"]
#+ frame: {concepts: [side-effect, list|name], slots: [drug], allows: [cause]}
#+ answer:
#+   one: "One: {items}."
#+   not_stated: "Not said."
#+ examples:
#+   - {ask: "side effects of ibuprofen", status: not_stated}
PREFIX kg: <https://w3id.org/backstory/ns#>
PREFIX id: <https://w3id.org/backstory/id/>
SELECT DISTINCT ?item (1 AS ?n) ?passage WHERE {
  VALUES ?drug { id:Ibuprofen }
  GRAPH ?passage { ?drug kg:hasSideEffect ?item }
}
"""


def test_a_good_file_is_read_whole() -> None:
    template = parse_template("side-effects", GOOD, "side-effects.rq")
    assert template.variables == ("item", "n", "passage")
    assert template.form == "list"
    assert template.slots["drug"].classes == (
        "https://w3id.org/backstory/ns#Drug",
        "https://w3id.org/backstory/ns#DrugClass",
    )
    assert template.frames[0].concepts == (frozenset({"side-effect"}), frozenset({"list", "name"}))


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("#+ summary: Side effects\n", "", "summary", 1),
        ("tags: [safety]", "tags: [safety", "yaml", None),
        ("class: [kg:Drug, kg:DrugClass]", "class: [xx:Drug]", "slots", 3),
        ("VALUES ?drug { id:Ibuprofen }", "", "slots", 3),
        ("  list: [", "  lists: [", "phrasings", 5),
        ("slots: [drug], allows", "slots: [dose], allows", "frame", 7),
        ("  one:", "  first:", "answer", 8),
        ('#+   not_stated: "Not said."\n', "", "answer", 8),
        ('  - {ask: "side effects of ibuprofen", status: not_stated}', "  []", "examples", 11),
        ("?passage WHERE", "?place WHERE", "summary", 1),
        ("#+ tags", "#+ colour: red\n#+ tags", "colour", 2),
    ],
)
def test_each_rule_names_its_line(old: str, new: str, rule: str, line: int | None) -> None:
    assert old in GOOD
    with pytest.raises(QuestionFileError) as caught:
        parse_template("side-effects", GOOD.replace(old, new), "side-effects.rq")
    assert caught.value.rule == rule
    assert caught.value.file == "side-effects.rq"
    if line is not None:
        assert caught.value.line == line


def test_a_file_without_a_header_is_refused() -> None:
    with pytest.raises(QuestionFileError, match="header"):
        parse_template("x", "SELECT ?s WHERE { ?s ?p ?o }", "x.rq")
