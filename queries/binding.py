"""Binds a question file's query: each slot's `VALUES` lines are replaced by a value, and by nothing else.

A sub-select does not see the line that stands before it, and a branch of a UNION may be evaluated without it, over the
whole graph: there the line is repeated.

A value is an IRI of the graph's own lexicon or a typed literal that this module writes from a number, so the text of a
question never becomes text of a query. A property test holds the parse tree to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.terms import XSD, Iri, Literal
from queries.template import Template

#: What an IRI may hold between angle brackets (SPARQL 1.1 grammar, IRIREF).
_IRIREF = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+\Z")


class UnboundSlot(ValueError):
    """A slot that is not optional was given no value."""


def decimal(value: float) -> Literal:
    """A number as the literal that a query compares with."""
    return Literal(f"{value:.6f}".rstrip("0").rstrip("."), f"{XSD}decimal")


def written(value: Iri | Literal) -> str:
    """A value as SPARQL writes it.

    Raises: ValueError for an IRI that SPARQL cannot write, or a literal that is no number.
    """
    if isinstance(value, Iri):
        if not _IRIREF.match(value.value):
            raise ValueError(f"{value.value!r} is no IRI that a query can hold")
        return f"<{value.value}>"
    return f'"{float(value.value):.15g}"^^<{value.datatype}>'


def bind(template: Template, values: Mapping[str, Iri | Literal]) -> str:
    """The query with its slots filled, wherever it has their lines; those of an optional slot without a value are taken
    out.

    Raises: UnboundSlot, ValueError.
    """
    sparql = template.sparql
    for name, slot in template.slots.items():
        line = re.compile(rf"^(\s*)VALUES \?{name} \{{[^{{}}\n]*\}}[^\S\n]*\n", re.MULTILINE)
        value = values.get(name)
        if value is None:
            if not slot.optional:
                raise UnboundSlot(f"{template.id} needs {name}")
            sparql = line.sub("", sparql)
        else:
            # A function, so that nothing of the value is read as a reference to a group.
            bound = f"VALUES ?{name} {{ {written(value)} }}\n"
            sparql = line.sub(lambda match, bound=bound: f"{match.group(1)}{bound}", sparql)  # type: ignore[misc]
    return sparql
