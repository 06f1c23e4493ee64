"""Schemathesis makes up requests from `/openapi.json`: no answer is a 5xx of our own, or other than what is described.

Bounded: some examples of each operation that reads, and two of the catalogue's questions; all seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.operations import OPERATIONS
from tests.live import Live

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: SERVICE in a made-up query is 501, a full queue 503, a deadline 504: they are described, and no fault of ours.
DESCRIBED = (501, 503, 504)


#: What runs the service rather than being served, and the questions of the catalogue beyond two.
OPERATIONS_HERE = [
    *sorted(
        (method, rule.replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for (method, rule), described in OPERATIONS.items()
        if described.tag != "operation"
    ),
    ("GET", "/questions/can-cause"),
    ("GET", "/questions/is-sign-of"),
]


@schemathesis.serializer("application/trig")
def as_text(context: object, value: object) -> bytes:
    """TriG is text to Schemathesis: what it makes up is no document, and told so."""
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def schema(serve: Callable[..., Live]) -> object:
    live = serve("--no-log-requests", "--deadline-ms", "2000")
    return schemathesis.openapi.from_url(f"{live.url}/openapi.json")


@pytest.mark.parametrize(("method", "path"), OPERATIONS_HERE)
def test_every_operation_answers_as_it_is_described(schema: object, method: str, path: str) -> None:
    operation = schema[path][method]  # type: ignore[index]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case: schemathesis.Case) -> None:
        response = case.call()
        if response.status_code not in DESCRIBED:
            case.validate_response(response, checks=CHECKS)

    answers()
