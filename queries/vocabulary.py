"""Words about no thing: concepts (what is asked), fillers (never change what is asked), and how sentences ask.

The words are data (`language/en.*.yaml`); here they are read, checked and put into one trie with the names of things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from queries.language_file import read_language
from queries.lexicon import Lexicon, entries
from queries.marks import Marks
from queries.phrases import PhraseError
from queries.template import QuestionFileError
from queries.trie import Reading, Trie
from queries.words import LANGUAGE_DIR, Writing

FILLER: Final = Reading("filler", "")
SCENE: Final = Reading("scene", "")
TOPIC_WORD: Final = Reading("topic", "")
_SENTENCE_LISTS: Final = [
    "asking",
    "asking_start",
    "asking_end",
    "titles",
    "negation",
    "reset",
    "reference_questions",
    "count",
    "wh",
    "joining",
    "claims",
    "anaphora_strong",
    "alternatives",
    "named",
    "pointing_clearly",
    "telling",
    "polar_start",
    "polar_end",
    "lead",
    "any",
    "pointing",
]


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the language files: its name, what it means in one line, where it is defined."""

    name: str
    means: str
    file: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Language:
    """All that is known of a language, with or without the names of things. Immutable once loaded; `doing` are endings
    of words that say what is done, and name nothing."""

    writing: Writing
    concepts: Mapping[str, Concept]
    trie: Trie
    phrases: Trie
    neutral: frozenset[str]
    doing: tuple[str, ...] = ()

    def marks(self, words: Sequence[str]) -> Marks:
        """The phrases of the sentence lists that stand in a text."""
        return Marks(self.phrases, words)


def load_language(writing: Writing, directory: Path = LANGUAGE_DIR) -> Language:
    """The language files of a directory, without the name of any thing.

    Raises: QuestionFileError for a file that does not parse or breaks the format.
    """
    trie = Trie()
    concepts: dict[str, Concept] = {}
    for path in sorted(directory.glob("en.concepts*.yaml")):
        _read_concepts(path, concepts)
    for concept in concepts.values():
        reading = Reading("concept", concept.name)
        for phrase in concept.words:
            _add(trie, concept.file, concept.name, phrase, reading, writing)
    for theme, phrases in read_language(directory / "en.fillers.yaml").items():
        for phrase in _phrases("en.fillers.yaml", theme, phrases):
            _add(trie, "en.fillers.yaml", theme, phrase, SCENE if theme.startswith("scene") else FILLER, writing)
    sentences = read_language(directory / "en.sentences.yaml")
    lists = Trie()
    for name in _SENTENCE_LISTS:
        for phrase in _phrases("en.sentences.yaml", name, sentences.get(name, [])):
            _add(lists, "en.sentences.yaml", name, phrase, Reading("word", name), writing)
    for theme, phrases in read_language(directory / "en.blocking.yaml").items():
        for phrase in _phrases("en.blocking.yaml", theme, phrases):
            _add(lists, "en.blocking.yaml", theme, phrase, Reading("word", "blocking"), writing)
    neutral = frozenset(_phrases("en.sentences.yaml", "neutral_concepts", sentences["neutral_concepts"]))
    doing = tuple(_phrases("en.sentences.yaml", "endings_of_doing", sentences.get("endings_of_doing", [])))
    return Language(writing, concepts, trie, lists, neutral, doing)


def with_names(language: Language, lexicon: Lexicon, topic: str | None = None) -> Language:
    """The language with the names of a lexicon's things. A name made only of words of the topic's own names ("back",
    where the topic is "back spasm") may also just say again what the topic is."""
    trie = Trie(language.trie, lexicon.names)
    thing = lexicon.things.get(topic) if topic is not None else None
    if thing is not None:
        own = {word for entry in entries(thing, language.writing) for word in entry}
        for words in lexicon.names.made_of(own):
            trie.add(words, TOPIC_WORD)
    return replace(language, trie=trie)


def _read_concepts(path: Path, into: dict[str, Concept]) -> None:
    """Add the concepts of one file; a concept that several files name has the words of all."""
    for name, value in read_language(path).items():
        if not isinstance(value, dict) or set(value) - {"means", "words"} or "words" not in value:
            raise QuestionFileError(path.name, 1, "concept", f"{name}: takes `means` and `words`")
        words = tuple(_phrases(path.name, name, value["words"]))
        earlier = into.get(name)
        into[name] = Concept(
            name,
            str(value.get("means", earlier.means if earlier else "")),
            path.name,
            (*(earlier.words if earlier else ()), *words),
        )


def _phrases(file: str, name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise QuestionFileError(file, 1, "language", f"{name}: must be a list of phrases")
    return value


def _add(trie: Trie, file: str, name: str, phrase: str, reading: Reading, writing: Writing) -> None:
    """Enter one phrase of a language file.

    Raises: QuestionFileError for a phrase that breaks the syntax.
    """
    try:
        trie.add_phrase(phrase, reading, writing.texts)
    except PhraseError as error:
        raise QuestionFileError(file, 1, "phrase", f"{name}: {error}") from error
