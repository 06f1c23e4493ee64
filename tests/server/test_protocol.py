"""Requests of the SPARQL 1.1 Protocol as values (§2.1, §2.2)."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder

from server.problems import Problem
from server.protocol import Environ, Operation, read_update, url_parameters
from server.protocol import read_query as read


def request(method: str = "GET", **options: object) -> Environ:
    return EnvironBuilder("/sparql", method=method, **options).get_environ()  # type: ignore[arg-type]


def read_query(wanted: Environ) -> Operation:
    return read(wanted, url_parameters(wanted))


def refusal(wanted: Environ) -> Problem:
    with pytest.raises(Problem) as caught:
        read_query(wanted)
    return caught.value


def test_a_query_comes_by_get_by_form_or_as_the_body() -> None:
    wanted = Operation("ASK {}", ("http://a/",), ("http://b/",))
    address = "query=ASK+%7B%7D&default-graph-uri=http://a/&named-graph-uri=http://b/"
    direct = {"content_type": "application/sparql-query", "data": b"ASK {}"}
    graphs = "default-graph-uri=http://a/&named-graph-uri=http://b/"
    assert read_query(request(query_string=address)) == wanted
    form = {"content_type": "application/x-www-form-urlencoded", "data": address.encode()}
    assert read_query(request("POST", **form)) == wanted
    assert read_query(request("POST", query_string=graphs, **direct)) == wanted


@pytest.mark.parametrize("address", ["", "query=a&query=b", "q=ASK{}"])
def test_exactly_one_query_is_needed(address: str) -> None:
    problem = refusal(request(query_string=address))
    assert problem.status == 400
    assert problem.members["parameter"] == "query"


def test_what_is_not_utf8_is_refused() -> None:
    assert refusal(request(query_string="query=%FF%FE")).status == 400
    body = {"content_type": "application/sparql-query", "data": "ASK {}".encode("utf-16")}
    assert refusal(request("POST", **body)).status == 400


def test_a_charset_other_than_utf8_is_415() -> None:
    body = {"content_type": "application/sparql-query; charset=latin-1", "data": b"ASK {}"}
    assert refusal(request("POST", **body)).status == 415


@pytest.mark.parametrize("kind", [None, "text/plain", "application/json", "application/sparql-update"])
def test_another_media_type_is_415_and_says_what_is_taken(kind: str | None) -> None:
    problem = refusal(request("POST", content_type=kind, data=b"ASK {}"))
    assert problem.status == 415
    assert "application/sparql-query" in problem.members["supported"]


@pytest.mark.parametrize("graph", ["relative", "", "http://a b/", "http://a/<x>", "<http://a/>"])
def test_a_graph_is_named_by_an_absolute_iri(graph: str) -> None:
    builder = EnvironBuilder("/sparql", query_string={"query": "ASK {}", "default-graph-uri": graph})
    assert refusal(builder.get_environ()).status == 400


def test_a_query_in_the_body_and_in_the_address_is_refused() -> None:
    wanted = request("POST", query_string="query=ASK{}", content_type="application/sparql-query", data=b"ASK {}")
    assert refusal(wanted).status == 400


def test_an_update_names_the_graphs_that_its_where_reads() -> None:
    wanted = request(
        "POST",
        query_string="using-graph-uri=http://a/&using-named-graph-uri=http://b/",
        content_type="application/sparql-update",
        data=b"DROP ALL",
    )
    assert read_update(wanted) == Operation("DROP ALL", ("http://a/",), ("http://b/",))


def test_too_many_parameters_are_refused() -> None:
    assert refusal(request(query_string="a=1&" * 5000 + "query=ASK{}")).status == 400
