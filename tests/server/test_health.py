"""`/healthz`, `/readyz`, and `/metrics` in Prometheus' text format."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.backends import Busy


def test_a_running_service_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz").get_json()
    assert ready["status"] == "ready"
    assert ready["graph"].startswith("sha256:")


def test_a_service_whose_engine_does_not_answer_is_not_ready(plain_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy("full")

    monkeypatch.setattr(plain_app.extensions["backstory"].engine, "query", busy)
    client = plain_app.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_the_metrics_parse_and_count_what_was_asked(client: FlaskClient) -> None:
    def read() -> dict[str, float]:
        response = client.get("/metrics")
        assert response.content_type.startswith("text/plain; version=0.0.4")
        lines = [line for line in response.text.splitlines() if not line.startswith("#")]
        pairs = [re.fullmatch(r"([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)", line) for line in lines]
        assert all(pairs)
        return {pair[1]: float(pair[2]) for pair in pairs if pair}

    before = read()
    client.get("/sparql?query=ASK%7B%7D%23metrics")
    client.get("/sparql?query=ASK%7B%7D%23metrics")
    client.get("/sparql?query=ASK")
    after = read()

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown('backstory_requests_total{route="sparql",status="200"}') == 2
    assert grown('backstory_requests_total{route="sparql",status="400"}') == 1
    assert grown('backstory_cache_total{result="hit"}') == 1
    assert grown('backstory_queries_total{outcome="ok"}') == 1
    assert grown('backstory_request_seconds_count{route="sparql"}') == 3
    assert after["backstory_resident_bytes"] > 1_000_000


def test_unknown_paths_share_one_label(client: FlaskClient) -> None:
    for number in range(20):
        client.get(f"/nothing-{number}")
    assert "nothing-" not in client.get("/metrics").text
