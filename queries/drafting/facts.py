"""What the lists of a page state, by the rules of `queries.drafting.rules`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from queries.drafting.names import Found, Names
from queries.drafting.page import Piece
from queries.drafting.rules import Rule, Rules

#: The class of the things that group others; an item below the name of one is listed under it.
GROUPS: Final = ("kg:Category",)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What one passage states: the rule, its things (each with the class it has if it is new), and the Turtle of the
    facts. The first thing is what an item is about."""

    rule: str
    things: tuple[tuple[Found, str], ...]
    facts: tuple[str, ...]

    @property
    def doubtful(self) -> bool:
        """Whether a curator has to look at one of its things."""
        return any(found.doubt for found, _ in self.things)


class Drafter:
    """Drafts the facts of a page about one topic."""

    def __init__(self, names: Names, topic: str, rules: Rules) -> None:
        self._names = names
        self._topic = topic
        self._rules = rules

    def draft(self, pieces: Sequence[Piece]) -> dict[int, Drafted]:
        """What each passage states, by its index; passages that no rule speaks of are not in it."""
        out: dict[int, Drafted] = {}
        headings: list[str] = []
        group = before = ""
        item: tuple[int, Drafted | None] | None = None
        for index, piece in enumerate(pieces):
            if piece.level:
                if _heads_group(pieces, index, before):
                    group = piece.text
                else:
                    headings, group, before = [*headings[: piece.level - 1], piece.text], "", ""
                item = None
            elif piece.item is None:
                group, before, item = "", piece.text, None
                drafted = self._enumerated(piece.text)
                if drafted:
                    out[index] = drafted
            elif item is not None and item[0] == piece.item:
                drafted = self._further(piece.text, item[1])  # further sentences of an item explain it
                if drafted:
                    out[index] = drafted
            else:
                lead = pieces[piece.lead].text if piece.lead is not None else ""
                nearest = [text for text in (lead, group) if text]
                contexts = [*nearest, *([before] if group else []), *reversed(headings)]
                item = (piece.item, self._item(piece.text, contexts, nearest or contexts[:1]))
                if item[1]:
                    out[index] = item[1]
        return out

    def _item(self, text: str, contexts: Sequence[str], nearest: Sequence[str]) -> Drafted | None:
        """What an item states: by the rule of the nearest words that have one, with the group that it stands in."""
        for context in contexts:
            for rule in self._rules.items:
                for pattern in rule.when:
                    match = pattern.search(context.lower())
                    if match:
                        return self._by_rule(text, rule, match, nearest)
        return None

    def _enumerated(self, text: str) -> Drafted | None:
        """What a sentence states that lists things itself, by the rule of the words before the list."""
        for start in self._rules.lists:
            begun = start.search(text)
            if begun is None:
                continue
            for rule in self._rules.items:
                match = next((m for p in rule.when if (m := p.search(text[: begun.start("list")].lower()))), None)
                if match is not None and rule.action is None:
                    found = self._names.listed(begun["list"], (rule.kind, *rule.otherwise))
                    things = tuple((one, rule.kind) for one in found)
                    return (
                        Drafted(rule.name, things, tuple(self._stated(rule, match, f) for f in found))
                        if found
                        else None
                    )
        return None

    def _by_rule(self, text: str, rule: Rule, match: re.Match[str], nearest: Sequence[str]) -> Drafted:
        found = self._names.several(text, (rule.kind, *rule.otherwise))
        facts = [self._stated(rule, match, one) for one in found]
        if not rule.action:
            facts += self._grouped(found, nearest)
        things = [(one, rule.kind) for one in found]
        if rule.about is not None:
            state, kinds = rule.about
            for thing in self._names.inside(text, kinds):
                if thing.name != self._topic:
                    things.append((thing, rule.kind))
                    facts.append(f"{state.format(item=found[0].name, thing=thing.name)} .")
        drafted = Drafted(rule.name, tuple(things), tuple(facts))
        more = self._further(text, drafted)
        return drafted if more is None else Drafted(rule.name, (*things, *more.things), (*facts, *more.facts))

    def _stated(self, rule: Rule, match: re.Match[str], found: Found) -> str:
        """The Turtle of what a rule says of one thing."""
        if rule.action:
            return (
                f"<#warning> a kg:Warning ;\n  kg:inCaseOf {self._topic} ;\n"
                f"  kg:hasTrigger {found.name} ;\n  kg:recommendsAction {rule.action} ."
            )
        kind = next((k for k in (rule.kind, *rule.otherwise) if k in found.kinds), rule.kind)
        state = rule.otherwise.get(kind, rule.state) or ""
        subject = match.groupdict().get("subject")
        named = self._names.thing(subject).name if subject else self._topic
        return f"{state.format(topic=self._topic, subject=named, item=found.name)} ."

    def _grouped(self, found: Sequence[Found], nearest: Sequence[str]) -> list[str]:
        """That items are listed under the category which their lead-in or heading names."""
        for context in nearest:
            for group in self._names.inside(context, GROUPS)[:1]:
                return [f"{one.name} kg:inCategory {group.name} ." for one in found if one.name != group.name]
        return []

    def _further(self, text: str, item: Drafted | None) -> Drafted | None:
        """What more of an item's text states: what belongs to the group that the item is about."""
        if item is None:
            return None
        group = item.things[0][0]
        things: list[tuple[Found, str]] = []
        facts: list[str] = []
        for rule in self._rules.members:
            if item.rule in rule.under and rule.of in group.kinds:
                for one in self._names.inside(text, (rule.members,)):
                    if one.name != group.name:
                        things.append((one, rule.members))
                        facts.append(f"{rule.state.format(topic=self._topic, item=one.name, group=group.name)} .")
        for name, brand in self._names.brands(text, self._rules.brands, ("kg:Drug",)):
            facts.append(f'{name} kg:hasBrandName "{brand}" .')
        return Drafted(item.rule, tuple(things), tuple(facts)) if facts else None


def _heads_group(pieces: Sequence[Piece], index: int, before: str) -> bool:
    """Whether a heading only names a group of items, in a list of such groups that running text has introduced."""
    following = pieces[index + 1] if index + 1 < len(pieces) else None
    return bool(before) and pieces[index].level == 1 and following is not None and following.item is not None
