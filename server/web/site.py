"""What the pages of one edition share: its graph, its vocabulary, its answering and its documents' words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from kg.backends import Backend
from server.web.classes import ClassMap, read_class_map
from server.web.facts import Stated, read_stated
from server.web.graph import GraphReader
from server.web.neighbourhood import Filter, Neighbourhood, read_neighbourhood
from server.web.passages import Passage, Quote, documents_of, find_passages, no_quote, with_lead_ins
from server.web.things import Thing, find_thing
from server.web.vocabulary import Vocabulary, read_vocabulary

FILES: Final = Path(__file__).parent
STATIC: Final = FILES / "static"
VENDOR: Final = FILES / "vendor"

#: The one style that YASGUI 4.6.2 writes into the page, for the columns of its table: this text and no other.
_TABLE_STYLE: Final = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
#: Only files of this service, and nothing inline; images also as data and blob for the exports (DESIGN §6).
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {_TABLE_STYLE}; "
    "img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Site:
    """The pages' view of one edition; `answering` is None where there is no catalogue."""

    graph: GraphReader
    vocabulary: Vocabulary
    answering: Any = None
    quote: Quote = no_quote

    @classmethod
    def open(
        cls, backend: Backend, answering: Any = None, quote: Quote = no_quote, *, deadline_s: float = 10.0
    ) -> Site:
        """The site over a backend.

        Raises: EngineError.
        """
        graph = GraphReader(backend, deadline_s)
        return cls(graph, read_vocabulary(graph), answering, quote)

    def thing(self, iri: str) -> Thing | None:
        """The thing of an IRI, or None."""
        return find_thing(self.graph, self.vocabulary, iri)

    def neighbourhood(self, thing: Thing, shown: Filter) -> Neighbourhood:
        """What a thing is connected with."""
        return read_neighbourhood(self.graph, self.vocabulary, thing, shown)

    def passages(self, wanted: set[str]) -> dict[str, Passage]:
        """Passages by IRI, together with those that introduce them."""
        return with_lead_ins(self.graph, find_passages(self.graph, wanted, self.quote), self.quote)

    def stated(self, passages: set[str]) -> Stated:
        """What passages state."""
        return read_stated(self.graph, self.vocabulary, passages)

    @cached_property
    def classes(self) -> ClassMap:
        """How the kinds of things connect; read once, since it looks at the whole graph."""
        return read_class_map(self.graph, self.vocabulary)

    @cached_property
    def documents(self) -> list[dict[str, str]]:
        """The documents of the edition."""
        return documents_of(self.graph)

    @cached_property
    def source_url(self) -> str:
        """Where "Source" leads: the one document, or the list of them."""
        return self.documents[0]["url"] if len(self.documents) == 1 else "/documents"

    @cached_property
    def notice(self) -> str:
        """The notice below every page: not medical advice, and whose document it is; the same that every answer has."""
        if self.answering:
            return str(self.answering.ask("?").as_json()["meta"]["notice"])
        named = [
            f"{one['title']} ({one['publisher']})" if one["publisher"] else one["title"] for one in self.documents[:3]
        ]
        source = f" It only repeats what its source states: {', '.join(named)}." if named else ""
        return f"Not medical advice.{source}"


def static_digest() -> str:
    """A digest of the static files, which stands in their addresses so that they can be kept for good."""
    found = sha256()
    for path in sorted((*STATIC.rglob("*"), *VENDOR.rglob("*"))):
        if path.is_file():
            found.update(f"{path.relative_to(FILES)}:{path.stat().st_size}".encode())
            if path.is_relative_to(STATIC):
                found.update(path.read_bytes())
    return found.hexdigest()[:12]
