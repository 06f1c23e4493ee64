"""How an answer came about, for a developer at the terminal (`backstory ask --explain`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def explained(answer: Mapping[str, Any], load_s: float, answer_s: float) -> str:
    """The layer, phrasing, slots, corrections and query of an answer (its JSON form), and the times in milliseconds."""
    how = answer["interpretation"]
    lines = [f"status      {answer['status']}", f"layer       {how['method'] or 'none'}"]
    if how["question_file"]:
        lines.append(f"question    {how['question_file']}.rq")
    if how["phrasing"]:
        lines.append(f"phrasing    {how['phrasing']}")
    for name, slot in how["slots"].items():
        value = slot.get("iri") or slot.get("value")
        lines.append(f"slot        {name} = {value} ({slot.get('text') or 'not named'})")
    lines += [f"corrected   {change['from']} → {change['to']}" for change in how["corrections"]]
    lines += [f"unknown     {word}" for word in how["unknown_words"]]
    if answer["reason"]:
        lines.append(f"reason      {answer['reason']['code']}")
    safety = answer["safety"]
    lines.append(
        f"safety      {safety['level']}" + (f", because of the {safety['because']}" if safety["because"] else "")
    )
    lines.append(f"times       loading {load_s * 1000:.1f} ms, answering {answer_s * 1000:.2f} ms")
    if how["sparql"]:
        lines += ["", how["sparql"].rstrip()]
    return "\n".join(lines) + "\n"
