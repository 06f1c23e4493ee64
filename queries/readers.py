"""Readers of texts, one for each condition that a question can be about.

Where all documents are about one condition, a question that names none is about that one. Where there are several,
each question is read about the condition that it names, or that its document is about; one that names none is read
about `UNNAMED`, and whoever asked it is asked back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Final

from queries.evidence import Evidence
from queries.features import Features
from queries.filling import Fillable
from queries.frames import Frames
from queries.grammar import Grammar, Phrasings
from queries.lexicon import Lexicon, Thing, number_forms
from queries.loose import LooseGrammar
from queries.spelling import Speller
from queries.template import Template
from queries.trie import Trie
from queries.understanding import Reader
from queries.vocabulary import TOPIC_WORD, Language
from queries.weighing import Weighing

#: Stands where a question leaves out which condition it means; no thing has this name.
UNNAMED: Final = "urn:backstory:unnamed"
#: Readers kept for conditions that were asked about; one takes some 20 KB beside what all share.
KEPT: Final = 256
#: Words of a condition's own names that are tried as other ways to say it, and how many of them together.
OWN_WORDS: Final = 10
TOGETHER: Final = 2


class Readers:
    """All that reading needs, loaded once, and readers about one condition each. Safe to share between threads."""

    def __init__(
        self,
        templates: Sequence[Template],
        lexicon: Lexicon,
        language: Language,
        topic: str | None,
        grammar: Grammar,
        phrasings: Phrasings,
        fillable: Fillable,
        speller: Speller,
        real: Mapping[str, int],
        evidence: Evidence | None = None,
    ) -> None:
        self._lexicon = lexicon
        self._language = language
        self._grammar = grammar
        self._speller = speller
        self._real = real
        self._frames = Frames(templates, language.concepts, lexicon, fillable, topic, language.neutral)
        self._loose = LooseGrammar(phrasings.trees, language, fillable, topic)
        self._fillable = fillable
        self._evidence = evidence
        self._by_id = {template.id: template for template in templates}
        self._features = Features(lexicon, topic)
        self.plain = Reader(language, grammar, self._loose, self._frames, speller, real, self._weighing(topic))
        self.about = lru_cache(KEPT)(self._about)

    def features(self, text: str) -> dict[str, float]:
        """The features of a text about the topic."""
        return self._features.of(self.plain.text(text))

    def _about(self, topic: str) -> Reader:
        """The reader of questions that are about one condition."""
        language = self._language
        thing = self._lexicon.things.get(topic)
        if thing is not None:
            language = replace(language, trie=self._with_own_words(thing))
        loose, frames = self._loose.about(topic), self._frames.about(topic)
        return Reader(language, self._grammar, loose, frames, self._speller, self._real, self._weighing(topic))

    def _weighing(self, topic: str | None) -> Weighing | None:
        """What readings about a condition are held against; None where no evidence was learned of it: the words of
        another condition's name would count against every file."""
        slots = (template.slots[template.topic_slot] for template in self._by_id.values() if template.topic_slot)
        learned = {slot.example for slot in slots}
        if self._evidence is None or (topic is not None and topic not in learned):
            return None
        return Weighing(self._by_id, self._evidence, self._lexicon, self._fillable, topic)

    def _with_own_words(self, thing: Thing) -> Trie:
        """The trie of all names, in which a name that is made only of words of this thing's own names may also just say
        again what the question is about ("back", where that is back spasms)."""
        names = (thing.label, *thing.alt_labels, *thing.hidden_labels)
        own = [form for name in names for word in self._language.writing.texts(name) for form in number_forms(word)]
        more = Trie(self._language.trie)
        words = list(dict.fromkeys(own))[:OWN_WORDS]
        for length in range(1, TOGETHER + 1):
            for run in product(words, repeat=length):
                if any(reading.kind == "thing" for reading in self._lexicon.names.readings(run)):
                    more.add(run, TOPIC_WORD)
        return more

    def named(self, texts: Sequence[str], among: Mapping[str, object]) -> tuple[list[str], bool]:
        """The things of a collection that a text names, in its order, and whether two have one name there; the longest
        name at a place counts."""
        found: dict[str, None] = {}
        shared = False
        at = 0
        while at < len(texts):
            names = self._lexicon.names.matches(texts, at)
            if names:
                at, readings = names[-1]
                here = [reading.name for reading in readings if reading.name in among]
                shared = shared or len(here) > 1
                found.update(dict.fromkeys(here))
            else:
                at += 1
        return list(found), shared
