# ruff: noqa: E501 - a query on one line reads better than one cut in four
"""More attacks on the engine: what grows inside a small query, and texts that are odd rather than long."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.corpus import ANY_LIMIT, GROWTH, LENGTH, SYNTAX, TIME, Attack, patterns

_ANSWERED = frozenset({"answered"})


def _aggregates() -> Iterator[Attack]:
    """Aggregates over products that a subquery hides."""
    three = patterns(3)
    for name, text, ends in (
        ("avg-in-subquery", f"SELECT ?a (AVG(?n) AS ?m) {{ ?a ?b ?c {{ SELECT (COUNT(*) AS ?n) {{ {three} }} GROUP BY ?p0 ?p1 ?o2 }} }} GROUP BY ?a", GROWTH),
        ("count-of-counts", f"SELECT (COUNT(*) AS ?all) {{ {{ SELECT ?o0 (COUNT(DISTINCT ?o1) AS ?n) {{ {three} }} GROUP BY ?o0 ?o2 }} }}", GROWTH),
        ("sample-of-nothing", f"SELECT (SAMPLE(?none) AS ?x) {{ {three} FILTER(?o0 > ?o1 || ?o1 > ?o2) }}", TIME),
        ("distinct-subquery-joined", f"SELECT * {{ {{ SELECT DISTINCT ?o0 ?o1 {{ {patterns(2)} }} }} {{ SELECT DISTINCT ?x ?y {{ ?x ?p ?o . ?y ?q ?r }} }} }}", GROWTH),
        ("ordered-subquery", f"SELECT * {{ {{ SELECT * {{ {three} }} ORDER BY ?o2 LIMIT 100000000 }} }} LIMIT 1", GROWTH),
        ("limit-inside", f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ {three} }} LIMIT 2000000000 }} }}", TIME),
        ("huge-separator", f"SELECT (GROUP_CONCAT(?o; separator='{'s' * 60_000}') AS ?x) {{ ?s ?p ?o . ?t ?q ?r }}", GROWTH),
        ("group-concat-in-groups", f"SELECT ?p0 (GROUP_CONCAT(DISTINCT CONCAT(STR(?o0), STR(?o1)); separator='{'-' * 999}') AS ?x) {{ {patterns(2)} }} GROUP BY ?p0 ?p1", GROWTH),
    ):  # fmt: skip
        yield Attack("aggregate", name, text, ends)


def _graphs() -> Iterator[Attack]:
    """Results that are graphs and explode."""
    yield Attack(
        "graph",
        "construct-many-triples",
        f"CONSTRUCT {{ {' '.join(f'?s{a} ?p{b} ?o{c} .' for a in range(3) for b in range(3) for c in range(3))} }} {{ {patterns(3)} }}",
        GROWTH,
    )
    yield Attack(
        "graph", "construct-blank-nodes", f"CONSTRUCT {{ [] ?p0 [ ?p1 [ ?p2 ?o0 ] ] }} {{ {patterns(3)} }}", GROWTH
    )
    yield Attack(
        "graph",
        "construct-growing-iris",
        f"CONSTRUCT {{ ?i ?p0 ?l }} {{ {patterns(2)} BIND(IRI(CONCAT(STR(?s0), '{'x' * 9000}', STR(?s1))) AS ?i) BIND(CONCAT(STR(?o0), STR(?o1)) AS ?l) }}",
        GROWTH,
    )
    yield Attack("graph", "describe-all", "DESCRIBE * { ?a ?b ?c . ?d ?e ?f }", ANY_LIMIT)
    yield Attack(
        "graph",
        "describe-thousand",
        "DESCRIBE " + " ".join(f"<http://example.org/{n}>" for n in range(1000)),
        ANY_LIMIT,
    )
    yield Attack("graph", "describe-everything", "DESCRIBE ?s ?p ?o { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }", ANY_LIMIT)


def _values() -> Iterator[Attack]:
    """Tables that multiply, and options within options."""
    row = " ".join(map(str, range(40)))
    yield Attack(
        "table",
        "values-in-values",
        "SELECT (COUNT(*) AS ?n) { "
        + "{ " * 40
        + f"VALUES ?x {{ {row} }}"
        + " }" * 40
        + " ".join(f" VALUES ?v{n} {{ {row} }}" for n in range(6))
        + " }",
        GROWTH,
    )
    yield Attack(
        "table",
        "wide-values",
        f"SELECT * {{ VALUES ({' '.join(f'?v{n}' for n in range(1000))}) {{ {('(' + 'UNDEF ' * 1000 + ')') * 8} }} }}",
        ANY_LIMIT,
    )
    yield Attack(
        "table",
        "undef-joins",
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES (?a ?b{n}) {{ {'(UNDEF 1) (1 UNDEF) (2 3) (UNDEF UNDEF) ' * 8} }}" for n in range(8))
        + " }",
        ANY_LIMIT,
    )
    yield Attack(
        "table",
        "optional-in-optional",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c "
        + "OPTIONAL { ?d ?e ?f " * 12
        + "OPTIONAL { ?x ?y ?z } "
        + "}" * 12
        + " ?g ?h ?i . ?j ?k ?l }",
        ANY_LIMIT,
    )
    yield Attack(
        "table",
        "optionals-that-match",
        "SELECT * { ?s ?p ?o " + " ".join(f"OPTIONAL {{ ?t{n} ?p ?u{n} }}" for n in range(6)) + " }",
        GROWTH,
    )
    yield Attack(
        "table",
        "minus-in-exists",
        "SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?a ?b ?c MINUS { ?d ?e ?f . ?g ?h ?i FILTER(?d != ?a) } FILTER(?a = 'never') } }",
        ANY_LIMIT,
    )


def _texts() -> Iterator[Attack]:
    """Odd characters, long names, numbers and dates at their ends."""
    yield Attack("text", "long-iri", f"SELECT * {{ <http://example.org/{'a' * 60_000}> ?p ?o }}", ANY_LIMIT)
    yield Attack("text", "longer-iri", f"SELECT * {{ <http://example.org/{'a' * 70_000}> ?p ?o }}", LENGTH)
    yield Attack(
        "text",
        "escaped-iri",
        f"SELECT * {{ <http://example.org/{chr(92)}u0061{chr(92)}U0001F600> ?p ?o }}",
        ANY_LIMIT | SYNTAX,
    )
    yield Attack(
        "text", "escapes-everywhere", f"ASK {{ ?s ?p '{(chr(92) + 'U0001F600') * 6000}' }}", ANY_LIMIT | SYNTAX
    )
    yield Attack("text", "escaped-surrogate", f"ASK {{ ?s ?p '{chr(92)}uD800{chr(92)}uDFFF' }}", ANY_LIMIT | SYNTAX)
    yield Attack("text", "lone-surrogate", "ASK { ?s ?p '\ud800' }", ANY_LIMIT | SYNTAX)
    yield Attack("text", "nul-and-controls", "ASK { ?s ?p '\x00\x01\x07\x1b\x7f' }", ANY_LIMIT | SYNTAX)
    yield Attack("text", "right-to-left", "ASK { ?s ?p '\u202e\u2066\ufeff' } #\u2028\u2029", ANY_LIMIT)
    yield Attack("text", "every-comment", "#\n" * 30_000 + "ASK {}", _ANSWERED)
    yield Attack("text", "huge-number", f"SELECT ({'9' * 30_000} * {'9' * 30_000} AS ?x) {{}}", ANY_LIMIT | SYNTAX)
    yield Attack(
        "text", "huge-decimal", f"SELECT (0.{'1' * 30_000} / 3.{'0' * 20_000}7 AS ?x) {{}}", ANY_LIMIT | SYNTAX
    )
    yield Attack(
        "text",
        "dates-at-the-end",
        "PREFIX x: <http://www.w3.org/2001/XMLSchema#> SELECT ('999999999-12-31T23:59:59Z'^^x:dateTime + 'P99999999Y'^^x:duration AS ?d) ('-P9223372036854775807M'^^x:yearMonthDuration AS ?e) {}",
        ANY_LIMIT,
    )
    yield Attack(
        "text",
        "division-by-zero",
        "SELECT (1/0 AS ?a) (1.0e0/0 AS ?b) (ABS(-9223372036854775808) AS ?c) (-9223372036854775808/-1 AS ?d) {}",
        ANY_LIMIT | SYNTAX,
    )
    yield Attack(
        "text",
        "substring-ends",
        "SELECT (SUBSTR('abc', -9223372036854775808, 9223372036854775807) AS ?a) (SUBSTR('abc', 1e308) AS ?b) {}",
        ANY_LIMIT | SYNTAX,
    )
    yield Attack("text", "offset-overflow", f"SELECT * {{}} OFFSET {'9' * 40} LIMIT {'9' * 40}", ANY_LIMIT | SYNTAX)
    yield Attack(
        "text",
        "regex-of-graphemes",
        "SELECT (REGEX('" + "\u0301" * 9000 + "', '(\\\\p{M}*)*$') AS ?x) {}",
        ANY_LIMIT | SYNTAX,
    )
    yield Attack(
        "text", "regex-counts", "SELECT (REGEX('x', '((x{1,999}){1,999}){1,999}') AS ?x) {}", ANY_LIMIT | SYNTAX
    )
    yield Attack(
        "text",
        "or-chain",
        "SELECT * { ?s ?p ?o FILTER(" + " || ".join(f"?o = {n}" for n in range(3500)) + ") }",
        ANY_LIMIT | LENGTH,
    )
    yield Attack(
        "text",
        "in-list",
        f"SELECT * {{ ?s ?p ?o . ?a ?b ?c FILTER(?o IN ({', '.join(map(str, range(6000)))})) }}",
        ANY_LIMIT | LENGTH,
    )
    yield Attack("text", "plus-chain", f"SELECT ({'+'.join(['1'] * 7000)} AS ?x) {{}}", ANY_LIMIT | LENGTH)
    yield Attack(
        "text",
        "uuid-rows",
        "SELECT (STRUUID() AS ?u) (RAND() AS ?r) (SHA512(STR(NOW())) AS ?h) { ?a ?b ?c . ?d ?e ?f }",
        GROWTH,
    )


ATTACKS_WITHIN = (*_aggregates(), *_graphs(), *_values(), *_texts())
