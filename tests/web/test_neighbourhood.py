"""The neighbourhood over SPARQL: counts, pages, statements with several parts, and what lights up together."""

import pytest

from kg.backends.embedded import EmbeddedBackend
from kg.dataset import Dataset
from kg.terms import ID, Quad
from server.web.neighbourhood import Filter, read_neighbourhood
from server.web.site import Site
from server.web.view import alarms
from tests.web.conftest import entity, stated


def around(site: Site, name: str, shown: Filter | None = None):
    thing = site.thing(ID + name)
    assert thing is not None
    return read_neighbourhood(site.graph, site.vocabulary, thing, shown or Filter())


def test_a_fact_that_two_passages_state_is_one_neighbour_with_both_passages(site):
    group = next(group for group in around(site, "BackSpasm").groups if group.key == "out-hasCause")
    stress = next(one for one in group.neighbours if one.thing.name == "Stress")
    assert len(stress.passages) >= 2
    assert group.count == len(group.neighbours)


def test_a_relation_is_read_backwards_from_its_object(site):
    labels = {group.label for group in around(site, "Drowsiness").groups}
    assert site.vocabulary.relation("https://w3id.org/backstory/ns#hasSideEffect").inverse in labels


def test_groups_stand_in_the_order_of_the_ontology(site):
    orders = [group.relation.order for group in around(site, "BackSpasm").groups]
    assert orders == sorted(orders)


def test_the_most_urgent_warning_comes_first_and_equal_ones_are_one_line(site):
    found = alarms(around(site, "BackSpasm").warnings)
    levels = [alarm.level for alarm in found]
    assert levels[0] == "emergency"
    for alarm in found:
        findings = [tuple(one.iri for one in things) for things, _ in alarm.triggers]
        assert len(findings) == len(set(findings))


def test_a_filter_by_kind_shows_only_things_of_that_kind(site):
    shown = around(site, "BackSpasm", Filter(kinds=("Symptom",)))
    assert {one.thing.kind.name for group in shown.groups for one in group.neighbours} == {"Symptom"}
    assert not shown.statements


def test_a_filter_by_relation_leaves_the_counts_of_the_others_visible(site):
    shown = around(site, "BackSpasm", Filter(relations=("hasCause",)))
    assert [group.relation.name for group in shown.groups] == ["hasCause"]
    assert len(shown.relation_counts) > 10


def test_cross_links_join_two_neighbours_and_never_the_focus(site):
    shown = around(site, "BackSpasm")
    names = {one.thing.iri for group in shown.groups for one in group.neighbours}
    assert shown.cross
    assert all({a, b} <= names and shown.focus.iri not in (a, b) for a, _, b in shown.cross)


def test_every_fact_of_the_thing_is_shown(site, dataset: Dataset):
    focus = ID + "BackSpasm"
    wanted = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for quad in dataset.quads
        if quad.graph and "/doc/back-spasms/" in quad.graph.value and quad.graph.value[-1] != "/"
        if focus in (quad.subject.value, quad.object.value) and quad.subject.value.startswith(ID)
    }
    shown = around(site, "BackSpasm")
    found = {
        (focus, group.relation.iri, one.thing.iri)
        if group.direction == "out"
        else (one.thing.iri, group.relation.iri, focus)
        for group in shown.groups
        for one in group.neighbours
    }
    assert found == wanted


@pytest.fixture(scope="module")
def crowded(dataset: Dataset) -> Site:
    """A site with a thing of 120 neighbours by one relation."""
    extra: list[Quad] = [quad for n in range(120) for quad in entity(f"C{n:03d}", "Factor", f"cause {n:03d}")]
    extra += stated("018", *((("Crowd", "hasCause", f"C{n:03d}")) for n in range(120)))
    return Site.open(EmbeddedBackend.in_memory([*dataset.quads, *entity("Crowd", "Condition", "crowd"), *extra]))


def test_fifty_of_many_are_shown_and_all_are_counted(crowded: Site):
    group = around(crowded, "Crowd").groups[0]
    assert (group.count, len(group.neighbours)) == (120, 50)


def test_the_pages_of_a_large_group_follow_each_other_without_gap_or_repeat(crowded: Site):
    pages = [around(crowded, "Crowd", Filter(offset=offset)).groups[0].neighbours for offset in (0, 50, 100)]
    names = [one.thing.label for page in pages for one in page]
    assert names == [f"cause {n:03d}" for n in range(120)]


def test_a_neighbourhood_costs_the_same_number_of_queries_whatever_its_size(crowded: Site, site: Site):
    def asked(here: Site, name: str) -> int:
        count = 0
        backend = here.graph.backend

        class Counting:
            def query(self, sparql, **options):
                nonlocal count
                count += 1
                return backend.query(sparql, **options)

        counting = Site(type(here.graph)(Counting()), here.vocabulary)  # type: ignore[arg-type]
        around(counting, name)
        return count

    assert asked(site, "BackSpasm") <= 14
    assert asked(crowded, "Crowd") <= 14
