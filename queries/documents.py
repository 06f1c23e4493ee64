"""The documents of a graph: title, publisher, date, the condition each is about, and how answers name them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kg.backends import Backend
from kg.terms import KG, Iri, Literal, local_name
from queries.notices import Notices
from queries.wording import joined

QUERY_S: Final = 10.0
#: Titles that a sentence or a notice holds; of more it gives the number.
NAMED: Final = 3
_TOPICS: Final = f"SELECT DISTINCT ?d ?p ?o WHERE {{ GRAPH ?d {{ ?d <{KG}aboutTopic> ?t ; ?p ?o }} }}"
_ITS_VERB: Final = re.compile(r"\b(the) document (\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the notice says of a document, and its topic."""

    iri: str
    title: str
    publisher: str
    date: str
    topic: str | None


def read_documents(backend: Backend, document: str | None = None) -> tuple[DocumentFacts, ...]:
    """The documents of the graph, or only that one, by IRI.

    Raises: EngineError.
    """
    found: dict[str, dict[str, str]] = {}
    query = (
        _TOPICS.replace("GRAPH ?d {", f"VALUES ?d {{ <{document}> }} GRAPH ?d {{") if document is not None else _TOPICS
    )
    for row in backend.query(query, deadline=time.monotonic() + QUERY_S).rows:
        about = found.setdefault(row["d"].value if isinstance(row["d"], Iri) else "", {})
        value = row["o"]
        about[local_name(row["p"].value if isinstance(row["p"], Iri) else "")] = (
            value.value if isinstance(value, Iri | Literal) else ""
        )
    return tuple(
        DocumentFacts(iri, a.get("title", ""), a.get("publisher", ""), a.get("date", ""), a.get("aboutTopic"))
        for iri, a in sorted(found.items())
    )


class Documents:
    """All documents of one edition. Immutable, safe to share."""

    def __init__(self, documents: Sequence[DocumentFacts], notices: Notices) -> None:
        self.all = tuple(documents)
        self.by_iri = {document.iri: document for document in documents}
        #: The conditions that documents are about, each with its first document.
        self.topics = {d.topic: d for d in reversed(self.all) if d.topic is not None}
        self.topics = dict(reversed(self.topics.items()))
        #: The one condition that all documents are about, if there is one.
        self.topic = next(iter(self.topics)) if len({d.topic for d in documents}) == 1 else None
        self._notices = notices
        self._plural = dict(pair.split("=", 1) for pair in notices.say("plural_verbs").split())

    @property
    def several(self) -> bool:
        """Whether an answer has to say which document it is from."""
        return len(self.all) > 1

    def topic_of(self, document: str | None) -> str | None:
        """What a question is about that names no condition: the topic of its document, or of all of them."""
        about = self.by_iri.get(document or "")
        return about.topic if about is not None else self.topic

    def naming(self, text: str, documents: Iterable[str]) -> str:
        """An answer's sentence in which "the document" is named, where there are several: of one its title is said, of
        two or three theirs, else that it is several."""
        if not self.several:
            return text
        titles = self._titles(documents)
        if len(titles) == 1:
            return self._with(text, self._notices.say("the_document", title=titles[0]), plural=False)
        if 1 < len(titles) <= NAMED:
            named = self._quoted(titles)
            return self._with(text, self._notices.say("the_documents", titles=named), plural=True)
        return self._with(text, self._notices.say("documents_here"), plural=True)

    def source(self, text: str, documents: Iterable[str]) -> str:
        """Where an answer comes from, for one whose sentence does not say it; else nothing."""
        titles = self._titles(documents) if self.several else []
        if not titles or len(titles) > NAMED or any(f'"{title}"' in text for title in titles):
            return ""
        return self._notices.say("from_documents", titles=self._quoted(titles))

    def _quoted(self, titles: Sequence[str]) -> str:
        return joined([f'"{title}"' for title in titles])

    def _titles(self, iris: Iterable[str]) -> list[str]:
        return [self.by_iri[iri].title for iri in dict.fromkeys(iris) if iri in self.by_iri]

    def _with(self, text: str, instead: str, *, plural: bool) -> str:
        """The text with other words for "the document", the second time a pronoun, and with the verb in their number;
        a verb that is not on the list stays as it is, with its "the document"."""
        first = True

        def put(match: re.Match[str]) -> str:
            nonlocal first
            verb = match.group(2)
            if plural and verb not in self._plural:
                return match.group()
            words = instead if first else self._notices.say("they" if plural else "it")
            first = False
            if match.group(1)[0].isupper():
                words = words[:1].upper() + words[1:]
            return f"{words} {self._plural[verb] if plural else verb}"

        return _ITS_VERB.sub(put, text)

    def notice(self, cited: Iterable[str]) -> str:
        """The notice under an answer: whose information it is; where nothing is cited, all documents."""
        if not self.all:
            return ""
        about = [self.by_iri[iri] for iri in dict.fromkeys(cited) if iri in self.by_iri] or list(self.all)
        sources = [self._source(document) for document in about[:NAMED]]
        if len(about) > NAMED:
            sources.append(self._notices.say("more_documents", count=str(len(about) - NAMED)))
        return self._notices.say("notice", sources=joined(sources))

    def _source(self, document: DocumentFacts) -> str:
        say = self._notices.say
        date = say("dated", date=document.date) if document.date else say("undated")
        return say("source", title=document.title, publisher=document.publisher, date=date)
