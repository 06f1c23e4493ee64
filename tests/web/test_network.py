"""Connections, sets, and the layered drawing that never lays one box over another."""

import pytest

from kg.backends.embedded import EmbeddedBackend
from kg.dataset import Dataset
from kg.terms import ID
from server.web.classes import read_class_map
from server.web.layout import layered, wrap
from server.web.network import around, connect, within
from server.web.picture import class_picture, network_picture
from server.web.site import Site
from tests.web.conftest import entity, stated


def overlaps(picture) -> list[tuple[str, str]]:
    boxes = [shape.box for shape in picture.shapes]
    return [
        (a.id, b.id)
        for n, a in enumerate(boxes)
        for b in boxes[n + 1 :]
        if abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2
    ]


def test_stress_leads_to_drowsiness_over_three_facts_each_with_its_passages(site: Site):
    found = connect(site.graph, site.vocabulary, ID + "Stress", ID + "Drowsiness")
    assert found.steps == 3
    assert all(edge.passages for edge in found.edges)
    assert {ID + "Stress", ID + "Drowsiness"} <= set(found.nodes)


def test_the_shortest_way_is_the_same_from_either_end(site: Site):
    there = connect(site.graph, site.vocabulary, ID + "Stress", ID + "Drowsiness")
    back = connect(site.graph, site.vocabulary, ID + "Drowsiness", ID + "Stress")
    assert there.steps == back.steps
    assert {(e.subject, e.object) for e in there.edges} == {(e.subject, e.object) for e in back.edges}


def test_a_side_effect_of_a_class_is_drawn_at_the_class_and_not_at_its_members(site: Site):
    members = ("MuscleRelaxant", "Methocarbamol", "Drowsiness")
    found = within(site.graph, site.vocabulary, [ID + name for name in members])
    effects = [edge.subject for edge in found.edges if edge.relation.name == "hasSideEffect"]
    assert effects == [ID + "MuscleRelaxant"]


def test_a_thing_is_connected_with_itself_over_no_fact(site: Site):
    assert connect(site.graph, site.vocabulary, ID + "Ice", ID + "Ice").steps == 0


@pytest.fixture(scope="module")
def island(dataset: Dataset) -> Site:
    """A site with two things that nothing connects with the rest, and a chain of four."""
    extra = [quad for name in "ABCDE" for quad in entity(f"Chain{name}", "Condition", f"chain {name}")]
    links = (("ChainA", "ChainB"), ("ChainC", "ChainB"), ("ChainC", "ChainD"), ("ChainD", "ChainE"))
    extra += stated("018", *((a, "hasSymptom", b) for a, b in links))
    return Site.open(EmbeddedBackend.in_memory([*dataset.quads, *extra]))


def test_things_that_nothing_connects_have_no_way(island: Site):
    found = connect(island.graph, island.vocabulary, ID + "ChainA", ID + "Stress")
    assert found.steps is None
    assert not found.edges


def test_a_way_goes_along_facts_in_both_directions(island: Site):
    found = connect(island.graph, island.vocabulary, ID + "ChainA", ID + "ChainE")
    assert found.steps == 4
    assert len(found.edges) == 4


def test_the_list_of_a_way_begins_at_its_start(island: Site):
    found = connect(island.graph, island.vocabulary, ID + "ChainA", ID + "ChainE")
    assert ID + "ChainA" in (found.edges[0].subject, found.edges[0].object)
    assert ID + "ChainE" in (found.edges[-1].subject, found.edges[-1].object)


@pytest.mark.parametrize("name", ["BackSpasm", "MuscleRelaxant", "Doctor", "Back"])
def test_boxes_of_a_network_never_overlap(site: Site, name: str):
    picture = network_picture(around(site.graph, site.vocabulary, ID + name), ID + name)
    assert picture.shapes
    assert overlaps(picture) == []


def test_boxes_of_the_classes_never_overlap(site: Site):
    picture = class_picture(site.vocabulary, read_class_map(site.graph, site.vocabulary))
    assert len(picture.shapes) > 10
    assert overlaps(picture) == []


def test_the_arrows_of_a_chain_go_from_left_to_right():
    drawing = layered({"a": "a", "b": "b", "c": "c"}, [("a", "b"), ("b", "c")])
    assert drawing.boxes["a"].x < drawing.boxes["b"].x < drawing.boxes["c"].x


def test_a_cycle_is_drawn_and_does_not_hang():
    drawing = layered({"a": "a", "b": "b"}, [("a", "b"), ("b", "a"), ("a", "a")])
    assert drawing.boxes["a"].x != drawing.boxes["b"].x


def test_a_long_label_is_cut_after_four_lines():
    lines = wrap("very long words " * 30)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
