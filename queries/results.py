"""From a query's rows to an answer's content: items, verdict, sentence, and passages (DESIGN §3, rows)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.backends import Row
from kg.terms import Iri, Literal, Term
from queries.answer import Body, Item
from queries.citations import Citation
from queries.lexicon import Lexicon
from queries.notices import Notices
from queries.quantities import worded
from queries.template import Template
from queries.wording import joined, needs, sentence

_VALUE = ("value", "min", "max", "unit")
#: Puts the names of documents (their IRIs) into a sentence that speaks of "the document".
Naming = Callable[[str, Sequence[str]], str]

#: So many passages are cited for one and the same fact, where several documents state it.
SUPPORT: Final = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a bound query answers; body None never occurs: without a row the body says what is not stated."""

    status: str
    body: Body
    items: tuple[Item, ...]
    passages: tuple[str, ...]


def passages_of(rows: Iterable[Row]) -> list[str]:
    """The passages that rows cite, each once."""
    found = (
        term.value for row in rows for name, term in row.items() if name.startswith("passage") and isinstance(term, Iri)
    )
    return sorted(set(found))


def supported(rows: Iterable[Row], most: int = SUPPORT) -> list[Row]:
    """Rows of which those that say the same are few: an answer from 2,500 documents names each fact with some of the
    passages that state it, of as many documents as can be, and not with all of them."""
    same: dict[frozenset[tuple[str, Term]], list[Row]] = {}
    for row in rows:
        said = frozenset((name, term) for name, term in row.items() if not name.startswith("passage"))
        same.setdefault(said, []).append(row)
    return [row for group in same.values() for row in (group if len(group) <= most else _spread(group, most))]


def _spread(rows: Sequence[Row], most: int) -> list[Row]:
    """So many of the rows, in the order of their passages, those of further documents before the same one's."""
    had: dict[str, int] = {}
    ranked: list[tuple[int, int, Row]] = []
    for row in sorted(rows, key=lambda row: passages_of([row])):
        document = next(iter(passages_of([row])), "").rpartition("/")[0]
        had[document] = had.get(document, 0) + 1
        ranked.append((had[document], len(ranked), row))
    return [row for _, _, row in sorted(ranked, key=lambda one: one[:2])[:most]]


def outcome(
    template: Template,
    form: str,
    rows: Sequence[Row],
    slots: Mapping[str, str],
    lexicon: Lexicon,
    citations: Sequence[Citation],
    notices: Notices,
    naming: Naming = lambda text, _: text,
) -> Outcome:
    """The answer's content from the rows of a bound query; `slots` are labels, `citations` those of all rows."""
    places = {citation.passage: n for n, citation in enumerate(citations)}
    rows = sorted((row for row in rows if _cited(row, places)), key=lambda row: _order(row, places))
    if not rows:
        text = naming(sentence(template.answer["not_stated"], slots), ())
        return Outcome("not_stated", Body(_type(form), text), (), ())
    names = dict(slots) | _columns(rows, lexicon)
    items = _items(rows, places, lexicon)
    cited = tuple(range(len(citations)))
    note = sentence(template.answer["via"], names) if "via" in template.answer and names.get("via") else None
    if template.is_boolean:
        names["items"] = joined([item.label for item in items])
        text, truth = _verdict(template, form, _verdicts(rows, citations), names, notices, naming)
        return Outcome("answered", Body("boolean", text, truth, None, None, note, cited), items, tuple(places))
    count = _count(rows, items)
    names["items"] = joined([item.label for item in items])
    names["count"] = str(count)
    key = _sentence_for(template.answer, count, names)
    value = {name: names.get(name) for name in _VALUE} if form == "value" else None
    text = naming(sentence(template.answer[key], names), stated_in(rows, citations))
    body = Body(_type(form), text, None, count if items else None, value, note, cited)
    return Outcome("answered", body, items, tuple(places))


def stated_in(rows: Iterable[Row], citations: Sequence[Citation]) -> list[str]:
    """The documents whose passages state what rows say, by their own `?passage` where they have one, in order."""
    documents = {citation.passage: citation.document for citation in citations}
    found: dict[str, None] = {}
    for row in rows:
        own = [row["passage"]] if "passage" in row else [t for n, t in row.items() if n.startswith("passage")]
        found.update((documents[_text(t)], None) for t in own if _text(t) in documents)
    return sorted(found)


def _verdicts(rows: Sequence[Row], citations: Sequence[Citation]) -> dict[str, list[str]]:
    """The verdicts of rows, each with the documents that give it."""
    verdicts = sorted({_text(row["verdict"]) for row in rows if "verdict" in row})
    return {key: stated_in([row for row in rows if _text(row["verdict"]) == key], citations) for key in verdicts}


def _verdict(
    template: Template,
    form: str,
    stating: Mapping[str, Sequence[str]],
    names: Mapping[str, str],
    notices: Notices,
    naming: Naming,
) -> tuple[str, bool | None]:
    """The sentence of a yes/no answer, beginning with the word for it, and its truth: None where documents differ.

    `stating` are the verdicts, each with the documents that give it.
    """
    told = {
        key: naming(sentence(template.answer.get(key, template.answer["affirmed"]), names), documents)
        for key, documents in stating.items()
    }
    if len(told) > 1:
        titles = {key: naming(notices.say("documents_of"), documents) for key, documents in stating.items()}
        return notices.say("differ", yes=titles["affirmed"], no=titles["denied"], **told), None
    key, text = next(iter(told.items()))
    truth = (key == "affirmed") != (form == "boolean_not")
    if _begins(text, notices.say("yes")) or _begins(text, notices.say("no")):
        return text, truth
    return f"{notices.say('yes' if truth else 'no')}. {text}", truth


def _begins(text: str, word: str) -> bool:
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalpha()


def _sentence_for(patterns: Mapping[str, str], count: int, names: Mapping[str, str]) -> str:
    """`one` or `many`, as the count says; the other one where only that has all its names."""
    keys = [key for key in (("one", "many") if count == 1 else ("many", "one")) if key in patterns]
    return next((key for key in keys if all(names.get(name) for name in needs(patterns[key]))), keys[0])


def _type(form: str) -> str:
    return "boolean" if form == "boolean_not" else form


def _count(rows: Sequence[Row], items: Sequence[Item]) -> int:
    """The query's own `?count` where it has one, else the distinct items."""
    for row in rows:
        if "count" in row:
            return int(float(_text(row["count"])))
    return len(items) or len(rows)


def _cited(row: Row, places: Mapping[str, int]) -> bool:
    return any(_text(term) in places for name, term in row.items() if name.startswith("passage"))


def _order(row: Row, places: Mapping[str, int]) -> tuple[Any, ...]:
    """The document's order, then the item: the same for every engine."""
    first = min((places[_text(t)] for n, t in row.items() if n.startswith("passage") and _text(t) in places), default=0)
    return first, _text(row["item"]) if "item" in row else "", sorted((n, _text(t)) for n, t in row.items())


def _columns(rows: Sequence[Row], lexicon: Lexicon) -> dict[str, str]:
    """Each variable's values, worded and joined with "or"; quantities also as `{quantity}`."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, term in row.items():
            if name.startswith("passage"):
                continue
            label = label_of(term, lexicon)
            if label not in found.setdefault(name, []):
                found[name].append(label)
    columns = {name: joined(labels, "or") for name, labels in found.items()}
    quantity = worded(columns)
    if quantity:
        columns.setdefault("quantity", quantity)
    return columns


def label_of(term: Term, lexicon: Lexicon) -> str:
    """How a sentence names a term: a thing's label, a number without trailing zeros, a text."""
    if isinstance(term, Iri):
        thing = lexicon.things.get(term.value)
        return thing.label if thing else lexicon.class_label(term.value)
    if isinstance(term, Literal):
        whole = term.value.removesuffix(".0")
        return whole if whole.lstrip("-").isdigit() else term.value
    return str(term)


def _items(rows: Sequence[Row], places: Mapping[str, int], lexicon: Lexicon) -> tuple[Item, ...]:
    """The distinct `?item`s in the rows' order, each with the places of its citations."""
    cited: dict[Term, set[int]] = {}
    via: dict[Term, str] = {}
    for row in rows:
        item = row.get("item")
        if item is None:
            continue
        numbers = {places[_text(t)] for n, t in row.items() if n.startswith("passage") and _text(t) in places}
        cited.setdefault(item, set()).update(numbers)
        if isinstance(row.get("via"), Iri):
            via.setdefault(item, _text(row["via"]))
    return tuple(_item(term, via.get(term), tuple(sorted(numbers)), lexicon) for term, numbers in cited.items())


def _item(term: Term, via: str | None, cited: tuple[int, ...], lexicon: Lexicon) -> Item:
    label = label_of(term, lexicon)
    thing = lexicon.things.get(term.value) if isinstance(term, Iri) else None
    if thing is None:
        return Item(term.value if isinstance(term, Iri) else None, label, via=via, citations=cited)
    return Item(thing.iri, label, thing.alt_labels, (thing.kind, lexicon.class_label(thing.kind)), via, cited)


def _text(term: Term) -> str:
    return term.value if isinstance(term, Iri | Literal) else str(term)
