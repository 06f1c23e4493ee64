"""Quantities in words: "20 to 30 minutes", "about 80 percent", "a few days"."""

from __future__ import annotations

from collections.abc import Mapping

from queries.trie import Reading


def worded(quantity: Mapping[str, str]) -> str:
    """A quantity from the local names of its properties and their texts (schema.org's, `wording`, `approximately`)."""
    if quantity.get("wording"):
        return quantity["wording"]
    low, high = quantity.get("minValue") or quantity.get("min"), quantity.get("maxValue") or quantity.get("max")
    bounds = f"{low} to {high}" if low and high else f"up to {high}" if high else f"at least {low}" if low else ""
    number = quantity.get("value") or bounds
    about = "about " if quantity.get("approximately") in ("true", "1") else ""  # Virtuoso keeps booleans as 1
    unit = quantity.get("unitText") or quantity.get("unit") or ""
    return f"{about}{number} {unit}".strip()


def amount(reading: Reading) -> str:
    """A number, or a duration in its largest whole unit: never the question's own text."""
    if reading.kind == "number":
        return f"{reading.value:g}"
    for unit, minutes in (("week", 10080), ("day", 1440), ("hour", 60), ("minute", 1)):
        if reading.value >= minutes and reading.value % minutes == 0:
            count = int(reading.value // minutes)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{reading.value:g} minutes"
