"""`/openapi.json` is made from the routes and the catalogue, and is valid; `/api` shows it under our policy."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from server.operations import OPERATIONS, UNLISTED


def test_the_description_is_valid(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_route_is_described_or_left_out_with_a_reason(published: Flask) -> None:
    for rule in published.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert (method, rule.rule) in OPERATIONS or rule.rule in UNLISTED, f"{method} {rule.rule}"


def test_no_route_is_described_that_is_not_there(published: Flask) -> None:
    there = {(method, rule.rule) for rule in published.url_map.iter_rules() for method in rule.methods or ()}
    assert not set(OPERATIONS) - there
    assert not set(UNLISTED) - {rule for _, rule in there}


def test_every_question_of_the_catalogue_has_its_own_path_and_parameters(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    for question in client.get("/questions").get_json()["questions"]:
        parameters = paths[question["url"]]["get"]["parameters"]
        assert {one["name"] for one in parameters} == set(question["slots"])
        for one in parameters:
            assert one["required"] is not question["slots"][one["name"]]["optional"]


def test_the_page_runs_nothing_inline_and_all_its_files_are_there(client: FlaskClient) -> None:
    page = client.get("/api").text
    files = set(re.findall(r'(?:src|href|data-script|data-start)="(/api/[^"]+)"', page))
    assert len(files) == 3
    for file in files:
        assert client.get(file).status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_each_operation_says_what_it_does(client: FlaskClient) -> None:
    for path, methods in client.get("/openapi.json").get_json()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            assert operation["responses"]
