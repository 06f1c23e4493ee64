"""What the lists of a page state, by rules that are data (`language/en.drafting.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.terms import ID, compact
from queries.drafting.page import Piece
from queries.lexicon import Lexicon
from queries.words import LANGUAGE_DIR, Writing, read_yaml

#: A name longer than that is no name but a sentence: it is not written down, only marked for the curator.
NAME_MAX_WORDS: Final = 6
_HEAD: Final = re.compile(r"[.:(;?!]")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the items below certain words state; see the head of `en.drafting.yaml`."""

    name: str
    when: tuple[re.Pattern[str], ...]
    kind: str
    state: str | None
    action: str | None
    otherwise: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The thing an item names: an IRI as a prefixed name, its label, and whether the graph knows it already."""

    name: str
    label: str
    known: bool
    doubt: str | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Drafted:
    """What one passage states: the rule, the thing, and the Turtle of its facts."""

    rule: str
    kind: str
    thing: Found
    turtle: str


def load_rules(path: Path = LANGUAGE_DIR / "en.drafting.yaml") -> tuple[tuple[Rule, ...], frozenset[str]]:
    """The rules in order, and the abbreviations that end no sentence.

    Raises: yaml.YAMLError, OSError, re.error, KeyError for a rule without its parts.
    """
    data: Mapping[str, Any] = read_yaml(path)
    rules = tuple(
        Rule(
            r["name"],
            tuple(re.compile(w) for w in r["when"]),
            r["kind"],
            r.get("state"),
            r.get("action"),
            r.get("otherwise", {}),
        )
        for r in data["rules"]
    )
    return rules, frozenset(data["abbreviations"])


class Drafter:
    """Drafts the facts of a page about one topic."""

    def __init__(self, lexicon: Lexicon, writing: Writing, topic: str, rules: Sequence[Rule]) -> None:
        self._lexicon = lexicon
        self._writing = writing
        self._topic = topic
        self._rules = rules

    def draft(self, pieces: Sequence[Piece]) -> dict[int, Drafted]:
        """What each passage states, by its index; passages that no rule speaks of are not in it."""
        out: dict[int, Drafted] = {}
        headings: list[str] = []
        seen: set[tuple[int | None, int]] = set()
        for index, piece in enumerate(pieces):
            if piece.level:
                headings = [*headings[: piece.level - 1], piece.text]
            elif piece.item is not None and (piece.lead, piece.item) not in seen:
                seen.add((piece.lead, piece.item))  # further sentences of an item explain it
                lead = pieces[piece.lead].text if piece.lead is not None else ""
                drafted = self._item(piece, [lead, *reversed(headings)])
                if drafted:
                    out[index] = drafted
            if piece.item is None:
                seen.clear()
        return out

    def _item(self, piece: Piece, contexts: Sequence[str]) -> Drafted | None:
        for context in contexts:
            for rule in self._rules:
                for pattern in rule.when:
                    match = pattern.search(context.lower())
                    if match:
                        return self._state(rule, match, self.thing(piece.text, (rule.kind, *rule.otherwise)))
        return None

    def _state(self, rule: Rule, match: re.Match[str], found: Found) -> Drafted:
        if rule.action:
            turtle = (
                f"<#warning> a kg:Warning ;\n  kg:inCaseOf {self._topic} ;\n"
                f"  kg:hasTrigger {found.name} ;\n  kg:recommendsAction {rule.action} ."
            )
            return Drafted(rule.name, rule.kind, found, turtle)
        kind = next((k for k in (rule.kind, *rule.otherwise) if k in found.kinds), rule.kind)
        state = rule.otherwise.get(kind, rule.state) or ""
        subject = match.groupdict().get("subject")
        named = self.thing(subject).name if subject else self._topic
        return Drafted(
            rule.name, rule.kind, found, f"{state.format(topic=self._topic, subject=named, item=found.name)} ."
        )

    def thing(self, text: str, kinds: Sequence[str] = ()) -> Found:
        """The thing that an item is about: the longest known name in its head, else a new one named by its head.

        A known thing has to be of one of the classes `kinds` (prefixed names; none: of any).
        """
        head = _HEAD.split(text, maxsplit=1)[0].strip()
        words = self._writing.texts(head)
        whole = self._named(words, kinds)
        if whole:
            return self._known(whole, None)
        inside = None if text.rstrip().endswith("?") else self._longest(words, kinds)
        if inside:
            doubt = "the item says more than the name" if len(words) <= NAME_MAX_WORDS else "found inside a sentence"
            return self._known(inside, doubt)
        label = " ".join(words[:NAME_MAX_WORDS])
        doubt = "new; only the beginning of a longer text" if len(words) > NAME_MAX_WORDS else "new"
        return Found("id:" + "".join(w.capitalize() for w in label.split() if w.isalnum()), label, False, doubt)

    def _known(self, iri: str, doubt: str | None) -> Found:
        name = compact(iri) if iri.startswith(ID) else f"<{iri}>"
        thing = self._lexicon.things[iri]
        return Found(name, thing.label, True, doubt, frozenset(compact(kind) for kind in thing.classes))

    def _named(self, words: Sequence[str], kinds: Sequence[str]) -> str | None:
        """The one thing of these classes that exactly these words name; of several, the one whose label they are."""
        named = {reading.name for reading in self._lexicon.names.readings(words)}
        fit = {iri for iri in named if not kinds or self._classes(iri) & set(kinds)}
        if len(fit) > 1:
            fit = {iri for iri in fit if self._writing.texts(self._lexicon.things[iri].label) == list(words)}
        return fit.pop() if len(fit) == 1 else None

    def _classes(self, iri: str) -> set[str]:
        return {compact(kind) for kind in self._lexicon.things[iri].classes}

    def _longest(self, words: Sequence[str], kinds: Sequence[str]) -> str | None:
        for size in range(len(words), 0, -1):
            for start in range(len(words) - size + 1):
                found = self._named(words[start : start + size], kinds)
                if found:
                    return found
        return None
