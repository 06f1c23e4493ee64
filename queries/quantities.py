"""Quantities in words: "20 to 30 minutes", "about 80 percent", "a few days"."""

from __future__ import annotations

from collections.abc import Mapping


def worded(quantity: Mapping[str, str]) -> str:
    """A quantity from the local names of its properties and their texts (schema.org's, `wording`, `approximately`)."""
    if quantity.get("wording"):
        return quantity["wording"]
    low, high = quantity.get("minValue") or quantity.get("min"), quantity.get("maxValue") or quantity.get("max")
    number = quantity.get("value") or (f"{low} to {high}" if low and high else low or high or "")
    about = "about " if quantity.get("approximately") == "true" else ""
    unit = quantity.get("unitText") or quantity.get("unit") or ""
    return f"{about}{number} {unit}".strip()
