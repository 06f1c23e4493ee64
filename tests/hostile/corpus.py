# ruff: noqa: E501 - a query on one line reads better than one cut in four
"""Attacks on the engine: each a query, and the ways in which it may end. Families after what they wear out.

`lifted` cases are asked of an engine without the limits on length, tokens and depth, so that they meet the evaluator's
own limits; the others of one as it is shipped. SERVICE and LOAD are pointed at `CANARY`, which the tests put a port in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

CANARY = "http://127.0.0.1:{port}/"
TIME = frozenset({"DeadlineExceeded"})
#: Which limit a growing result meets first depends on the machine; that it meets one does not.
GROWTH = frozenset({"DeadlineExceeded", "OutOfMemory", "QueryTooLarge"})
DEPTH = frozenset({"QueryTooDeep"})
REFUSED = frozenset({"ServiceRefused"})
SYNTAX = frozenset({"QuerySyntaxError"})
LENGTH = frozenset({"QueryTooLong", "TooManyTokens"})
#: The engine may be clever enough to answer; it must not be stupid enough to go on for ever.
ANY_LIMIT = GROWTH | DEPTH | {"answered"}


@dataclass(frozen=True, slots=True)
class Attack:
    """One query, the names of the errors it may end with (`answered`: a result), and whether limits are lifted."""

    family: str
    name: str
    text: str
    ends: frozenset[str]
    lifted: bool = False

    def __str__(self) -> str:
        return f"{self.family}-{self.name}"


def patterns(number: int, graph: bool = False) -> str:
    """So many triple patterns that share no variable."""
    each = "GRAPH ?g{n} {{ ?s{n} ?p{n} ?o{n} }}" if graph else "?s{n} ?p{n} ?o{n} ."
    return " ".join(each.format(n=n) for n in range(number))


def cross_products() -> Iterator[Attack]:
    """Joins of patterns that share no variable."""
    four = patterns(4)
    for name, text, ends in (
        ("select", f"SELECT * {{ {four} }}", GROWTH),
        ("select-distinct", f"SELECT DISTINCT ?o0 ?o1 {{ {four} }}", GROWTH),
        ("select-reduced", f"SELECT REDUCED ?p0 {{ {four} }}", GROWTH),
        ("ask", f"ASK {{ {four} FILTER(?o0 = 'nothing' && ?o1 = ?o2 && ?o3 = 'none') }}", ANY_LIMIT),
        ("ask-sum", f"ASK {{ {four} FILTER(STRLEN(CONCAT(STR(?o0), STR(?o1), STR(?o2), STR(?o3))) > 99999) }}", TIME),
        ("count", f"SELECT (COUNT(*) AS ?n) {{ {four} }}", TIME),
        ("count-distinct", f"SELECT (COUNT(DISTINCT CONCAT(STR(?o0), STR(?o1), STR(?o2))) AS ?n) {{ {four} }}", GROWTH),
        ("count-graphs", f"SELECT (COUNT(*) AS ?n) {{ {patterns(4, graph=True)} }}", TIME),
        ("exists", f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {four} FILTER(?o0 = ?o && ?o1 = 'x' && ?o2 = ?o3) }} }}", ANY_LIMIT),
        ("not-exists", f"SELECT * {{ ?s ?p ?o FILTER NOT EXISTS {{ {four} FILTER(STRLEN(CONCAT(STR(?o0), STR(?o1), STR(?o2))) > 999) }} }}", ANY_LIMIT),
        ("minus", f"SELECT * {{ {patterns(3)} MINUS {{ {four} }} }}", GROWTH),
        ("order-by", f"SELECT * {{ {four} }} ORDER BY ?o3 ?o2 ?o1", GROWTH),
        ("order-by-limit", f"SELECT * {{ {four} }} ORDER BY DESC(CONCAT(STR(?o3), STR(?o2))) LIMIT 1", GROWTH),
        ("offset", f"SELECT * {{ {four} }} OFFSET 999999999999 LIMIT 1", TIME),
        ("group-concat", f"SELECT (GROUP_CONCAT(?o0) AS ?all) {{ {four} }}", GROWTH),
        ("group-by", f"SELECT ?o0 ?o1 (SAMPLE(?o2) AS ?x) {{ {four} }} GROUP BY ?o0 ?o1 ?o2", GROWTH),
        ("having", f"SELECT ?o0 {{ {four} }} GROUP BY ?o0 HAVING (COUNT(*) < 0)", GROWTH),
        ("max", f"SELECT (MAX(CONCAT(STR(?o0), STR(?o1))) AS ?x) {{ {four} }}", TIME),
        ("construct", f"CONSTRUCT {{ ?s0 ?p1 ?o2 }} {{ {four} }}", GROWTH),
        ("describe", f"DESCRIBE ?s0 {{ {four} }}", ANY_LIMIT),
        ("optional", f"SELECT (COUNT(*) AS ?n) {{ {patterns(1)} OPTIONAL {{ ?a ?b ?c }} OPTIONAL {{ ?d ?e ?f }} OPTIONAL {{ ?h ?i ?j }} }}", TIME),
        ("union", f"SELECT (COUNT(*) AS ?n) {{ {{ {four} }} UNION {{ {four} }} }}", TIME),
        ("subselect", f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ {patterns(2)} }} }} {{ SELECT * {{ ?x ?y ?z . ?u ?v ?w }} }} }}", GROWTH),
        ("lateral-filter", f"SELECT (COUNT(*) AS ?n) {{ {four} FILTER(?o0 != ?o1 && ?o1 != ?o2 && ?o2 != ?o3) }}", GROWTH),
        ("from-two-graphs", f"SELECT (COUNT(*) AS ?n) FROM <http://example.org/graph/1> FROM <http://example.org/graph/2> {{ {patterns(6)} }}", TIME),
        ("values", "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(60)))} }}" for n in range(8)) + " }", GROWTH),
    ):  # fmt: skip
        yield Attack("cross-product", name, text, ends)


def paths() -> Iterator[Attack]:
    """Property paths over everything."""
    everything = "(<http://example.org/next>|!<http://example.org/none>)"
    for name, text in (
        ("star", f"SELECT (COUNT(*) AS ?n) {{ ?a {everything}* ?b . ?c {everything}* ?d }}"),
        ("plus-plus", f"SELECT (COUNT(*) AS ?n) {{ ?a ({everything}+)+ ?b . ?b ({everything}+)+ ?c . ?d {everything}+ ?e }}"),
        ("nested-stars", f"SELECT (COUNT(*) AS ?n) {{ ?a ((({everything}*)*)*)* ?b . ?b {everything}* ?c . ?d ^{everything}* ?e }}"),
        ("sequence", f"SELECT (COUNT(*) AS ?n) {{ ?a {'/'.join([f'{everything}*'] * 8)} ?b }}"),
        ("inverse", f"SELECT (COUNT(*) AS ?n) {{ ?a (^{everything}|{everything})* ?b . ?b (^{everything}|{everything})* ?c }}"),
        ("thousand-steps", "SELECT * { ?a " + "/".join(["<http://example.org/next>?"] * 1000) + " ?b }"),
        ("alternatives", "SELECT (COUNT(*) AS ?n) { ?a (" + "|".join(["<http://example.org/next>"] * 400) + ")* ?b . ?c !<x:y>* ?d }"),
    ):  # fmt: skip
        yield Attack("path", name, text, ANY_LIMIT)


def strings() -> Iterator[Attack]:
    """Regular expressions, replacements, and values that double."""
    many = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i ."
    doubling = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(60))
    replacing = " ".join(f"BIND(REPLACE(?x{n}, 'x', 'xxxxxxxxxx') AS ?x{n + 1})" for n in range(30))
    for name, text, ends in (
        ("regex", f"SELECT (COUNT(*) AS ?n) {{ {many} FILTER REGEX(CONCAT(STR(?c), STR(?f), STR(?i)), '^(([a-z0-9])+.)+$', 'i') }}", TIME),
        ("regex-variable", f"SELECT (COUNT(*) AS ?n) {{ {many} FILTER REGEX(STR(?c), CONCAT('(', STR(?f), STR(?i), ')*x{{50}}')) }}", TIME),
        ("regex-large", "SELECT * { ?s ?p ?o FILTER REGEX(STR(?o), '" + "(a?){1000}" * 50 + "') }", ANY_LIMIT),
        ("replace", f"SELECT (COUNT(DISTINCT REPLACE(CONCAT(STR(?c), STR(?f), STR(?i)), '[0-9]', 'number')) AS ?n) {{ {many} }}", GROWTH),
        ("doubling", f"SELECT (STRLEN(?x60) AS ?n) {{ BIND('x' AS ?x0) {doubling} }}", GROWTH),
        ("replacing", f"SELECT (STRLEN(?x30) AS ?n) {{ BIND('x' AS ?x0) {replacing} }}", GROWTH),
        ("group-concat-of-concat", f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f)); separator='{'x' * 5000}') AS ?t) {{ ?a ?b ?c . ?d ?e ?f }}", GROWTH),
        ("encode", f"SELECT (SUM(STRLEN(ENCODE_FOR_URI(CONCAT(STR(?a), STR(?d), STR(?g))))) AS ?n) {{ {many} }}", TIME),
        ("hash", f"SELECT (COUNT(DISTINCT SHA512(CONCAT(STR(?c), STR(?f), STR(?i)))) AS ?n) {{ {many} }}", GROWTH),
        ("large-literal-rows", f"SELECT ('{'x' * 30_000}' AS ?t) {{ ?a ?b ?c . ?d ?e ?f }}", GROWTH),
    ):  # fmt: skip
        yield Attack("string", name, text, ends)


def planners() -> Iterator[Attack]:
    """Queries that are slow to plan, also on an empty store."""
    for name, text in (
        ("optionals", "SELECT * {" + " ".join(f"OPTIONAL {{ ?s{n} ?p{n} ?o{n + 1} }}" for n in range(200)) + "}"),
        ("nested-optionals", "SELECT * {" + "OPTIONAL { ?a ?b ?c " * 60 + "}" * 60 + "}"),
        ("unions", "SELECT * {" + " UNION ".join(f"{{ ?s ?p{n} ?o }}" for n in range(1500)) + "}"),
        ("unions-of-unions", "SELECT * {" + " ".join("{ { ?a ?b ?c } UNION { ?d ?e ?f } }" for _ in range(40)) + "}"),
        ("joins", "SELECT * {" + " ".join(f"?s{n} ?p{n % 7} ?s{n + 1} ." for n in range(300)) + "}"),
        ("subselects", "SELECT * {" + "{ SELECT * { ?a ?b ?c . " * 28 + "} }" * 28 + "}"),
        ("filters", "SELECT * { ?s ?p ?o " + " ".join(f"FILTER(?o != {n})" for n in range(1500)) + "}"),
        ("binds", "SELECT * { BIND(1 AS ?v0) " + " ".join(f"BIND(?v{n}+?v{n} AS ?v{n + 1})" for n in range(900)) + "}"),
        ("exists", "SELECT * { ?s ?p ?o " + "FILTER EXISTS { ?s ?p ?o " * 30 + "}" * 30 + "}"),
        ("minuses", "SELECT * { ?s ?p ?o " + "MINUS { ?s ?p ?o . ?a ?b ?c } " * 100 + "}"),
        ("graphs", "SELECT * {" + "".join(f"GRAPH ?g{n} {{ " for n in range(60)) + "?s ?p ?o" + "}" * 60 + "}"),
    ):
        yield Attack("planner", name, text, ANY_LIMIT)


def nesting() -> Iterator[Attack]:
    """Every bracket and every sign, deep and deeper, closed and left open; refused beforehand, or by the stack."""
    forms = (
        ("braces", "SELECT * ", "{", "", "}", ""),
        ("parentheses", "SELECT * { FILTER(", "(", "1", ")", ") }"),
        ("blank-nodes", "SELECT * { ?s ?p ", "[ ?p ", "1", "]", " }"),
        ("lists", "SELECT * { ?s ?p ", "(", "1", ")", " }"),
        ("negations", "SELECT (", "!", "?x", "", " AS ?y) {}"),
        ("inverse-paths", "SELECT * { ?s ", "(^", "<x:y>", ")", " ?o }"),
        ("functions", "SELECT (", "STR(", "1", ")", " AS ?y) {}"),
        ("exists", "SELECT * ", "{ FILTER EXISTS ", "{}", "}", ""),
        ("triple-terms", "SELECT * { ?s ?p ", "<<( <x:y> <x:y> ", "1", ")>>", " }"),
    )
    for name, before, opening, middle, closing, after in forms:
        for depth in (1_000, 100_000):
            text = before + opening * depth + middle + closing * depth + after
            ends = DEPTH | LENGTH if depth == 1_000 else LENGTH | DEPTH
            yield Attack("nesting", f"{name}-{depth}", text, ends)
        deep = before + opening * 100_000 + middle + closing * 100_000 + after
        yield Attack("nesting", f"{name}-on-the-stack", deep, ANY_LIMIT | SYNTAX, lifted=True)
    yield Attack("nesting", "unclosed", "SELECT * " + "{ ?s ?p [" * 50_000, ANY_LIMIT | SYNTAX, lifted=True)


def sizes() -> Iterator[Attack]:
    """Megabytes of text."""
    million = " ".join(str(n) for n in range(1_000_000))
    yield Attack("size", "ten-megabytes-of-comment", "#" + "x" * 10_000_000 + "\nASK {}", LENGTH)
    yield Attack("size", "a-million-values", f"SELECT * {{ VALUES ?x {{ {million} }} }}", LENGTH)
    yield Attack("size", "tokens", "SELECT * { ?s ?p ?o " + ";?p 1" * 11_000 + "}", LENGTH)
    yield Attack("size", "a-million-values-read", f"SELECT * {{ VALUES ?x {{ {million} }} }}", ANY_LIMIT, lifted=True)
    yield Attack("size", "ten-megabytes-of-string", f"SELECT ('{'x' * 10_000_000}' AS ?t) {{}}", ANY_LIMIT, lifted=True)
    yield Attack("size", "ten-megabytes-of-variable", f"SELECT ?{'x' * 10_000_000} {{}}", ANY_LIMIT, lifted=True)
    yield Attack("size", "prefixes", "PREFIX a: <x:y> " * 100_000 + "ASK {}", ANY_LIMIT, lifted=True)
    yield Attack("size", "an-unfinished-string", "ASK { ?s ?p '''" + '"' * 60_000, SYNTAX)


def fetching() -> Iterator[Attack]:
    """Whatever might make the service call somebody."""
    for name, text, ends in (
        ("service", f"SELECT * {{ SERVICE <{CANARY}> {{ ?s ?p ?o }} }}", REFUSED),
        ("service-silent", f"SELECT * {{ SERVICE SILENT <{CANARY}> {{ ?s ?p ?o }} }}", REFUSED),
        ("service-variable", f"SELECT * {{ VALUES ?where {{ <{CANARY}> }} SERVICE ?where {{ ?s ?p ?o }} }}", REFUSED),
        ("service-prefixed", f"PREFIX : <{CANARY}> SELECT * {{ SERVICE: {{ ?s ?p ?o }} }}", REFUSED),
        ("service-glued", f"PREFIX : <{CANARY}> SELECT * {{ ?s ?p true.SERVICE:{{ ?s ?p ?o }} }}", REFUSED),
        ("service-in-exists", f"ASK {{ FILTER EXISTS {{ SERVICE <{CANARY}> {{}} }} }}", REFUSED),
        ("service-in-construct", f"CONSTRUCT WHERE {{ SERVICE <{CANARY}> {{ ?s ?p ?o }} }}", REFUSED),
        ("service-hidden", f"SELECT * {{ FILTER(?x<5#>'\n)SERVICE<{CANARY}>{{?a ?b 'c'}} }}", REFUSED),
        ("service-escaped", f"SELECT * {{ \\u0053ERVICE <{CANARY}> {{ ?s ?p ?o }} }}", SYNTAX | REFUSED),
        ("load", f"LOAD <{CANARY}>", REFUSED),
        ("from", f"SELECT * FROM <{CANARY}> {{ ?s ?p ?o }}", frozenset({"answered"})),
        ("from-named", f"SELECT * FROM NAMED <{CANARY}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", frozenset({"answered"})),
        ("describe", f"DESCRIBE <{CANARY}>", frozenset({"answered"})),
        ("update", "DROP ALL", SYNTAX),
    ):
        yield Attack("fetching", name, text, ends)


ATTACKS = tuple(
    chain(cross_products(), paths(), strings(), planners(), nesting(), sizes(), fetching()),
)
