"""The explorer's state as it stands in the address, so that every view has a link, and Back undoes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from server.web.graph import thing_iri
from server.web.neighbourhood import ALL, PAGE, Filter

VIEWS: Final = ("map", "network", "table")
_SET_MAX: Final = 150


@dataclass(frozen=True)
class State:
    """What is shown: names are local names or IRIs, as the address has them."""

    focus: str = ""
    view: str = "map"
    beside: str = ""
    kinds: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    start: str = ""
    goal: str = ""
    kind: str = ""
    search: str = ""
    sort: str = ""
    all: bool = False
    offset: int = 0

    @classmethod
    def read(cls, arguments: Any) -> State:
        """The state of a request's arguments (a MultiDict); what is not understood is as if it were not there."""

        def names(key: str) -> tuple[str, ...]:
            parts = [part.strip() for value in arguments.getlist(key) for part in value.split(",")]
            return tuple(dict.fromkeys(part for part in parts if part))[:_SET_MAX]

        def one(key: str) -> str:
            return str(arguments.get(key, "")).strip()[:500]

        offset = one("offset")
        return cls(
            one("focus") or one("thing"),
            one("view") if one("view") in VIEWS else "map",
            one("with"),
            names("kinds"),
            names("relations"),
            names("set"),
            one("from"),
            one("to"),
            one("kind"),
            one("search"),
            one("sort"),
            one("all") == "1",
            int(offset) if offset.isdigit() and len(offset) < 9 else 0,
        )

    def parameters(self) -> dict[str, str]:
        """The address's parameters, without those that have their default."""
        found = {
            "focus": self.focus,
            "view": "" if self.view == "map" else self.view,
            "with": self.beside,
            "kinds": ",".join(self.kinds),
            "relations": ",".join(self.relations),
            "set": ",".join(self.chosen),
            "from": self.start,
            "to": self.goal,
            "kind": self.kind,
            "search": self.search,
            "sort": self.sort,
            "all": "1" if self.all else "",
            "offset": str(self.offset) if self.offset else "",
        }
        return {name: value for name, value in found.items() if value}

    def url(self, **changes: Any) -> str:
        """The address of the state with some changes."""
        parameters = replace(self, **changes).parameters()
        return "/explore" + (f"?{urlencode(parameters)}" if parameters else "")

    @cached_property
    def _around(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """What stands before and after the name in the many addresses of `refocus` and `compare`."""
        mark = "0"
        refocused, compared = self._refocus(mark), self.url(beside=mark)
        before, _, after = refocused.partition(f"focus={mark}")
        head, _, tail = compared.partition(f"with={mark}")
        return (f"{before}focus=", after), (f"{head}with=", tail)

    def refocus(self, name: str) -> str:
        """The address with another thing in focus; filters, set and view stay, what belonged to the old focus goes."""
        before, after = self._around[0]
        return f"{before}{quote_plus(name)}{after}"

    def compare(self, name: str) -> str:
        """The address with the details of what is stated of the focus and another thing."""
        before, after = self._around[1]
        return f"{before}{quote_plus(name)}{after}"

    def _refocus(self, name: str) -> str:
        view = "map" if self.view == "network" and not self.chosen else self.view
        return self.url(
            focus=name, view=view, beside="", relations=(), start="", goal="", kind="", search="", all=False, offset=0
        )

    def gather(self, name: str) -> str:
        """The address of the network of the gathered things with one more."""
        return self.url(
            view="network",
            chosen=tuple(dict.fromkeys((*self.chosen, name))),
            start="",
            goal="",
            beside="",
            focus=self.focus,
        )

    def drop(self, name: str) -> str:
        """The address with one thing less in the gathered set."""
        return self.url(chosen=tuple(one for one in self.chosen if one != name))

    def data_url(self, **more: str) -> str:
        """The address of the same as data."""
        return "/neighbours?" + urlencode({**self.parameters(), **more})

    @property
    def filter(self) -> Filter:
        """What of a neighbourhood is shown."""
        return Filter(self.kinds, self.relations, ALL if self.all else PAGE, self.offset)

    @property
    def set_iris(self) -> tuple[str, ...]:
        """The gathered things by IRI."""
        return tuple(iri for name in self.chosen if (iri := thing_iri(name)))
