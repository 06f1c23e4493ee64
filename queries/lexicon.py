"""Names of things: every label of the graph's entities, ready to be found in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from kg.terms import local_name
from queries.phrases import PhraseError
from queries.template import QuestionFileError
from queries.things import Term_ as Term_
from queries.things import Thing as Thing
from queries.things import Triggers
from queries.things import read_ontology as read_ontology
from queries.things import read_things as read_things
from queries.trie import Reading, Trie
from queries.words import Writing


def number_forms(word: str) -> Iterator[str]:
    """The word, and its other number by the regular rules of English spelling ("disc" and "discs")."""
    yield word
    if len(word) < 3 or not word.isalpha():
        return
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    elif word.endswith(("ches", "shes", "xes", "sses")):
        yield word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    elif word.endswith(("ch", "sh", "x", "ss")):
        yield word + "es"
    elif not word.endswith("s"):
        yield word + "s"


def entries(thing: Thing, writing: Writing) -> Iterator[tuple[str, ...]]:
    """The runs of words that name a thing: its labels, each in both numbers of its last word."""
    for name in (thing.label, *thing.alt_labels, *thing.hidden_labels):
        words = writing.texts(name)
        if words:
            for last in number_forms(words[-1]):
                yield (*words[:-1], last)


class NameWords(Protocol):
    """The words of all names, for the correction of spelling."""

    def __contains__(self, word: object) -> bool: ...

    def near(self, keys: Iterable[str]) -> Iterable[tuple[str, bool]]:
        """Words that are one of these keys, or become one when a letter is left out, where they are not listed
        otherwise; each with whether it stands in a name that is shown."""
        ...

    def long(self, first: str, least: int, most: int) -> Iterable[tuple[str, bool]]:
        """In the same way the words with that first letter and a length from `least` to `most`."""
        ...


class Lexicon(Protocol):
    """Things by IRI, and all their names. Immutable, safe to share between threads.

    Read into memory (`LoadedLexicon`), or kept in a file beside a store on disk (`queries.kept`).
    """

    @property
    def things(self) -> Mapping[str, Thing]: ...

    @property
    def ontology(self) -> Mapping[str, Term_]: ...

    @property
    def names(self) -> Trie: ...

    @property
    def words(self) -> NameWords: ...

    @property
    def triggers(self) -> Triggers | None:
        """The warnings by trigger, where they are kept with the names."""
        ...

    def class_label(self, iri: str) -> str:
        """What a class is called."""
        ...

    def in_classes(self, classes: tuple[str, ...], most: int | None = None) -> list[Thing]:
        """The things of any of these classes by label, or the first `most` of them."""
        ...

    def find(self, text: str, classes: tuple[str, ...]) -> Thing | None:
        """The thing of any of these classes with that IRI, local name or shown name, in whatever case."""
        ...

    def narrower(self, iri: str) -> tuple[str, ...]:
        """The things that are stated to be narrower than this one."""
        ...

    def shown_words(self, writing: Writing) -> set[str]:
        """The words of all names that are shown and listed in no `words`."""
        ...


class LoadedLexicon:
    """A lexicon read into memory."""

    def __init__(self, things: Mapping[str, Thing], ontology: Mapping[str, Term_], writing: Writing) -> None:
        self.things = things
        self.ontology = ontology
        self.names = Trie()
        self._by_class: dict[str, list[Thing]] = defaultdict(list)
        self._narrower: dict[str, list[str]] = defaultdict(list)
        for _, thing in sorted(things.items()):  # in the same order whatever engine they were read from
            for kind in sorted(thing.classes):
                self._by_class[kind].append(thing)
            for broader in thing.broader:
                self._narrower[broader].append(thing.iri)
            self._enter(thing, writing)
        self.triggers: Triggers | None = None
        self.words: NameWords = ListedWords(frozenset(self.names.words))

    def _enter(self, thing: Thing, writing: Writing) -> None:
        reading = Reading("thing", thing.iri)
        for entry in entries(thing, writing):
            self.names.add(entry, reading)
        enter_patterns(thing, self.names, writing)

    def class_label(self, iri: str) -> str:
        """See `Lexicon`."""
        return class_label(iri, self.ontology)

    def in_classes(self, classes: tuple[str, ...], most: int | None = None) -> list[Thing]:
        """See `Lexicon`."""
        found = {thing.iri: thing for kind in classes for thing in self._by_class.get(kind, [])}
        return sorted(found.values(), key=lambda thing: (thing.label.lower(), thing.iri))[:most]

    def find(self, text: str, classes: tuple[str, ...]) -> Thing | None:
        """See `Lexicon`."""
        wanted = text.strip().lower()
        return next((thing for thing in self.in_classes(classes) if wanted in spoken_keys(thing)), None)

    def narrower(self, iri: str) -> tuple[str, ...]:
        """See `Lexicon`."""
        return tuple(sorted(self._narrower.get(iri, ())))

    def shown_words(self, writing: Writing) -> set[str]:
        """See `Lexicon`."""
        return {word for thing in self.things.values() for word in words_shown(thing, writing)}


@dataclass(frozen=True, slots=True)
class ListedWords:
    """The words of names where they stand in one vocabulary with all others."""

    listed: frozenset[str]

    def __contains__(self, word: object) -> bool:
        return word in self.listed

    def near(self, keys: Iterable[str]) -> Iterable[tuple[str, bool]]:
        """None: they are in the vocabulary."""
        return ()

    def long(self, first: str, least: int, most: int) -> Iterable[tuple[str, bool]]:
        """None: they are in the vocabulary."""
        return ()


def enter_patterns(thing: Thing, names: Trie, writing: Writing) -> None:
    """Enter the patterns among a thing's names.

    Raises: QuestionFileError for one that breaks the syntax.
    """
    for pattern in thing.patterns:
        try:
            names.add_phrase(pattern, Reading("thing", thing.iri), writing.texts)
        except PhraseError as error:
            raise QuestionFileError("entities", 1, "kg:pattern", f"{thing.iri}: {error}") from error


def class_label(iri: str, ontology: Mapping[str, Term_]) -> str:
    """What a class is called."""
    return ontology[iri].label if iri in ontology else local_name(iri)


def spoken_keys(thing: Thing) -> set[str]:
    """What a thing can be given as where a slot is filled by name: IRI, local name, shown names; in lower case."""
    return {name.lower() for name in (thing.iri, local_name(thing.iri), thing.label, *thing.alt_labels)}


def words_shown(thing: Thing, writing: Writing) -> set[str]:
    """The words of the names that answers show."""
    return {word for name in (thing.label, *thing.alt_labels) for word in writing.texts(name)}
