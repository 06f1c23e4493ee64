"""One pass over a query or update before the engine's parser sees it, in time linear in its length.

It knows strings, IRIs, comments, variables and names, so that it can bound tokens and depth, and find the words SERVICE
and LOAD where they are clauses. It judges no syntax: whatever it does not understand it leaves to the engine's parser,
and what slips past it meets the evaluator's limits (stack, descriptors).

Two traps. `<` begins an IRI or is an operator: within parentheses, after an operand, what looks like an IRI but begins
with a variable's sign or has a quote in it is a comparison (`?x<?y&&?z>?w`). And Oxigraph's parser matches keywords
without a word's end, so `SERVICE:x{}` and `trueSERVICE<x>{}` are clauses to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kg.backends import QueryTooDeep
from server.evaluator.errors import ServiceRefused, TooManyTokens

_UNICODE: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_LETTER: Final = r"[^\W\d]|[^\x00-\x7f]"
#: Whatever is not ASCII, inside a set.
_WIDE: Final = r"\u0080-\U0010ffff"
#: Runs of characters are possessive (`++`, `*+`), and what alternates begins with different characters: no input makes
#: it look at a character more than a fixed number of times. (Possessive groups that alternate are misread by Python
#: before 3.11.5.)
_NAME: Final = rf"""(?P<name>    (?:(?:{_LETTER})[\w\-.{_WIDE}]*+)?:
                   (?:[\w\-.:{_WIDE}]++|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])* )
    | (?P<run>     (?:{_LETTER})[\w\-.{_WIDE}]*+ ) |"""
_REST: Final = rf"""
      (?P<blank>   [\s]++ | \#[^\r\n]*+ )
    | (?P<string>  \"\"\"(?:[^"\\]++|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*'''
                 | "(?!"")(?:[^"\\\r\n]++|\\.)*" | '(?!'')(?:[^'\\\r\n]++|\\.)*' )
    | (?P<open>    [({{\[] )
    | (?P<close>   [)}}\]] )
    | (?P<variable>[?$][\w{_WIDE}]++ )
    | (?P<iri>     <(?:[^<>"{{}}|^`\\\x00-\x20]++|{_UNICODE})*> )
    | (?P<word>    (?:{_LETTER})[\w{_WIDE}]*+ )
    | (?P<tag>     @[A-Za-z]++(?:-[A-Za-z0-9]++)*(?:--[a-z]++)? )
    | (?P<number>  (?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)? )
    | (?P<unary>   [!\-+^](?!=) )
    | (?P<quote>   ["'] )
    | (?P<other>   <=|>=|!=|&&|\|\||. )
"""
_TOKEN: Final = re.compile(_NAME + _REST, re.VERBOSE | re.DOTALL)
#: The same for the inside of a run of name characters (`a-b.c`) that turned out to have no colon after it.
_TOKEN_IN_RUN: Final = re.compile(_REST, re.VERBOSE | re.DOTALL)
_SERVICE: Final = re.compile(r"(?:true|false)?service(?:silent)?", re.IGNORECASE)
#: The same at the end of a prefix, as in `true.SERVICE:x{}`.
_SERVICE_NAME: Final = re.compile(r".*service(?:silent)?", re.IGNORECASE | re.DOTALL)
_LOAD: Final = re.compile(r"load(?:silent)?", re.IGNORECASE)
_GAP: Final = r"(?:\s++|\#[^\r\n]*+(?:[\r\n]|$))*"
_REFERENCE: Final = r"(?:<[^<>\s]*+>|[^\s<>;#]++)"
#: A whole LOAD operation (SPARQL 1.1 Update §3.1.4), of a text whose syntax the engine has judged.
_LOAD_OPERATION: Final = re.compile(
    rf"load{_GAP}(?P<silent>silent)?{_GAP}{_REFERENCE}(?:{_GAP}into{_GAP}graph{_GAP}{_REFERENCE})?", re.IGNORECASE
)
LOAD_REFUSED: Final = "LOAD is refused: this service fetches nothing; send the data with the request"
_OPERANDS: Final = frozenset({"variable", "string", "number", "close", "iri", "name", "tag", "word"})
#: A short text without any of these cannot break a limit or name a clause that we look for.
_REMARKABLE: Final = re.compile(r"service|load|from|using|with", re.IGNORECASE)
_SHORT: Final = 4096


@dataclass(frozen=True, slots=True)
class DatasetClause:
    """One FROM or USING clause: where it stands in the text, and its IRI as it is written there."""

    start: int
    end: int
    named: bool
    iri: str


@dataclass(frozen=True, slots=True)
class WhereClause:
    """One WHERE of an update: where it begins, the place behind its group, and whether it is `DELETE WHERE`."""

    start: int
    end: int
    shorthand: bool


@dataclass(frozen=True, slots=True)
class Load:
    """One LOAD operation of an update: where it begins, where it ends, and whether it is `LOAD SILENT`."""

    start: int
    end: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass found: the dataset clauses; where the prologue ends; the WHERE clauses outside all brackets;
    whether the update names its dataset itself (USING, WITH); the LOAD operations of an update."""

    clauses: tuple[DatasetClause, ...] = ()
    prologue_end: int = 0
    wheres: tuple[WhereClause, ...] = ()
    names_dataset: bool = False
    loads: tuple[Load, ...] = ()


def scan(text: str, *, max_tokens: int, max_depth: int, update: bool = False) -> Scan:
    """Look over a query, or an update, before it is parsed.

    Raises: ServiceRefused for SERVICE, and in a query for LOAD; TooManyTokens; QueryTooDeep for what is nested
    too deep.
    """
    if not update and _harmless(text, max_tokens, max_depth):
        return Scan()
    return _Pass(text, max_tokens, max_depth, update).run()


def _harmless(text: str, max_tokens: int, max_depth: int) -> bool:
    """Whether a short query needs no closer look: the usual case, and some 30 µs less on each."""
    count = text.count
    return (
        len(text) <= min(_SHORT, max_tokens)
        and count("(") + count("{") + count("[") + count("!") + count("-") + count("+") + count("^") <= max_depth
        and _REMARKABLE.search(text) is None
    )


class _Pass:
    """The state of one pass; used once."""

    def __init__(self, text: str, max_tokens: int, max_depth: int, update: bool) -> None:
        self.text = text
        self.max_tokens = max_tokens
        self.max_depth = max_depth
        self.update = update
        self.brackets: list[str] = []
        self.before: tuple[str, str] = ("start", "")
        self.clauses: list[DatasetClause] = []
        self.clause_start: int | None = None
        self.clause_named = False
        self.prologue_end: int | None = None
        self.wheres: list[WhereClause] = []
        self.where: tuple[int, bool] | None = None
        self.names_dataset = False
        self.loads: list[Load] = []
        self.signs = 0

    def run(self) -> Scan:
        at = tokens = run_end = 0
        while (match := (_TOKEN if at >= run_end else _TOKEN_IN_RUN).match(self.text, at)) is not None:
            kind = match.lastgroup or "other"
            if kind == "run":
                run_end = match.end()
                continue
            at = match.end()
            if kind == "blank":
                continue
            if kind == "quote":
                break  # a string that does not end: the parser will say so
            if kind == "iri" and self._is_comparison(match.group()):
                kind, at = "other", match.start() + 1
            tokens += 1
            if tokens > self.max_tokens:
                raise TooManyTokens(f"the query has more than {self.max_tokens} tokens")
            self._see(kind, self.text[match.start() : at], match.start(), at)
        return Scan(
            tuple(self.clauses), self.prologue_end or 0, tuple(self.wheres), self.names_dataset, tuple(self.loads)
        )

    def _is_comparison(self, iri: str) -> bool:
        inside = bool(self.brackets) and self.brackets[-1] == "("
        return inside and self.before[0] in _OPERANDS and (iri[1] in "?$" or "'" in iri)

    def _see(self, kind: str, token: str, start: int, end: int) -> None:
        self.signs = self.signs + 1 if kind == "unary" else 0
        if kind == "open":
            self.brackets.append(token)
        elif kind == "close" and self.brackets:
            self.brackets.pop()
            if self.where is not None and not self.brackets:
                self.wheres.append(WhereClause(self.where[0], end, self.where[1]))
                self.where = None
        elif kind == "word":
            self._see_word(token.casefold(), start)
        elif kind == "name":
            self._see_name(token, start)
        if len(self.brackets) + self.signs > self.max_depth:
            raise QueryTooDeep(f"the query is nested deeper than {self.max_depth} levels")
        if self.clause_start is not None and kind != "word":
            if kind in ("iri", "name"):
                self.clauses.append(DatasetClause(self.clause_start, end, self.clause_named, token))
            self.clause_start = None
        self.before = (kind, token.casefold() if kind == "word" else token)

    def _see_word(self, word: str, start: int) -> None:
        if _SERVICE.fullmatch(word):
            raise ServiceRefused("SERVICE is refused: this service queries its own graph only and fetches nothing")
        if _LOAD.fullmatch(word):
            self._see_load(word, start)
        if self.brackets:
            return
        if word in ("from", "using"):
            self.clause_start, self.clause_named = start, False
        elif word == "named":
            self.clause_named = True
        elif word == "where":
            self.where = (start, self.before == ("word", "delete"))
        if word in ("using", "with"):
            self.names_dataset = True
        if self.prologue_end is None and word not in ("prefix", "base", "version"):
            self.prologue_end = start

    def _see_load(self, word: str, start: int) -> None:
        if not self.update:
            raise ServiceRefused(LOAD_REFUSED)
        rest = _LOAD_OPERATION.match(self.text, start)
        end = rest.end() if rest else start
        self.loads.append(Load(start, end, bool(rest and rest["silent"])))

    def _see_name(self, name: str, start: int) -> None:
        prefix = name.partition(":")[0]
        if (
            self.brackets
            and self.before != ("word", "graph")
            and _SERVICE_NAME.fullmatch(prefix)
            and self._opens_group(start)
        ):
            raise ServiceRefused("SERVICE is refused: this service queries its own graph only and fetches nothing")
        begins = self.before[0] in ("start", "iri") or self.before[1] == ";"
        if self.update and not self.brackets and begins and _LOAD.fullmatch(prefix):
            raise ServiceRefused(LOAD_REFUSED)

    def _opens_group(self, start: int) -> bool:
        """Whether a brace follows the name that begins here, comments and white space aside."""
        match = _TOKEN.match(self.text, start)
        while match is not None and (match.lastgroup == "blank" or match.start() == start):
            match = _TOKEN.match(self.text, match.end())
        return match is not None and match.group() == "{"
