"""What the pages read is the same on an engine that holds the named graphs only, and on the slow reference."""

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest

from kg.backends import Backend, Result
from kg.backends.oxigraph import from_quads, to_rows
from kg.backends.reference import ReferenceBackend
from kg.dataset import Dataset
from kg.terms import DOC, ID
from server.web.classes import read_class_map
from server.web.neighbourhood import Filter, read_neighbourhood
from server.web.network import around, connect, within
from server.web.passages import documents_of, passages_of
from server.web.site import Site
from server.web.things import profile, search_things


class NamedGraphsOnly:
    """Oxigraph with an empty default graph, as engines elsewhere hold the dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self._store = ox.Store()
        self._store.extend(from_quads(dataset.quads))

    def query(self, sparql: str, **_: Any) -> Result:
        """The rows of a SELECT."""
        found = self._store.query(sparql)
        assert isinstance(found, ox.QuerySolutions)
        variables, rows = to_rows(found)
        return Result("select", variables, rows)


def spasm(site: Site) -> Any:
    thing = site.thing(f"{ID}BackSpasm")
    assert thing is not None
    return thing


READINGS: dict[str, Callable[[Site], Any]] = {
    "the vocabulary": lambda site: site.vocabulary,
    "a neighbourhood": lambda site: read_neighbourhood(site.graph, site.vocabulary, spasm(site)),
    "a filtered page": lambda site: read_neighbourhood(
        site.graph, site.vocabulary, spasm(site), Filter(("Condition",), ("hasCause", "isSignOf"), 2, 1)
    ),
    "a profile": lambda site: profile(site.graph, site.vocabulary, spasm(site)),
    "a search": lambda site: search_things(site.graph, site.vocabulary, "relax"),
    "a connection": lambda site: connect(site.graph, site.vocabulary, f"{ID}Stress", f"{ID}Drowsiness"),
    "a network": lambda site: around(site.graph, site.vocabulary, f"{ID}MuscleRelaxant"),
    "a set": lambda site: within(site.graph, site.vocabulary, [f"{ID}MuscleRelaxant", f"{ID}Drowsiness"]),
    "the classes": lambda site: read_class_map(site.graph, site.vocabulary),
    "the passages": lambda site: passages_of(site.graph, f"{DOC}back-spasms/"),
    "the documents": lambda site: documents_of(site.graph),
}


@pytest.fixture(scope="module")
def named(dataset: Dataset) -> Site:
    """The pages over named graphs only."""
    return Site.open(NamedGraphsOnly(dataset))  # type: ignore[arg-type]


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_a_page_needs_no_union_of_the_graphs(backend: Backend, named: Site, read: Callable[[Site], Any]):
    assert read(named) == read(Site.open(backend))


@pytest.mark.slow
@pytest.mark.parametrize("reading", ["a profile", "a search", "a set", "the documents"])
def test_the_reference_reads_the_same(backend: Backend, dataset: Dataset, reading: str):
    reference = Site.open(ReferenceBackend(dataset.quads), deadline_s=60)
    assert READINGS[reading](reference) == READINGS[reading](Site.open(backend))
