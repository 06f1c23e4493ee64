"""Answer sentences: names filled, parts without their names left out."""

from __future__ import annotations

import pytest

from queries.wording import joined, needs, sentence


@pytest.mark.parametrize(
    ("pattern", "values", "said"),
    [
        ("{a} is {b}.", {"a": "ice", "b": "cold"}, "Ice is cold."),
        (
            "Apply it[ for {min}[ to {max}] {unit}].",
            {"min": "20", "max": "30", "unit": "minutes"},
            "Apply it for 20 to 30 minutes.",
        ),
        ("Apply it[ for {min}[ to {max}] {unit}].", {"min": "20", "unit": "minutes"}, "Apply it for 20 minutes."),
        ("Apply it[ for {min}[ to {max}] {unit}].", {}, "Apply it."),
        ("It  is [{x}] , so.", {}, "It is, so."),
    ],
)
def test_a_part_is_left_out_when_one_of_its_names_is_unbound(pattern: str, values: dict[str, str], said: str) -> None:
    assert sentence(pattern, values) == said


def test_a_value_is_never_read_as_a_pattern() -> None:
    assert sentence("{a}", {"a": "[{b}] {c}", "b": "x"}) == "[{b}] {c}"


def test_needs_are_the_names_outside_optional_parts() -> None:
    assert needs("{a}[ {b}[ {c}]] {d}") == {"a", "d"}


@pytest.mark.parametrize(
    ("labels", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_labels_join_as_a_list_in_a_sentence(labels: list[str], text: str) -> None:
    assert joined(labels) == text
