"""Requests made up from our own description: no accident, and answers that are as described."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 12
"""Requests of a route and kind; thousands are made by the benchmark of hostile input."""

# No picture can be made up from a description, so whether one is accepted is not asked here.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of these any text is a proper request.
ANY_TEXT = [
    "GET /me",
    "GET /status",
    "GET /api/v1/library",
    "GET /api/v1/characters",
    "GET /api/v1/themes",
    "GET /api/v1/series/{name}",
    "GET /api/v1/episodes/{key}",
    "GET /api/v1/episodes/{key}/themes",
    "GET /api/v1/series/{name}/themes",
    "GET /api/v1/operator",
    "DELETE /api/v1/operator",
]
ROUTES = [
    "GET /search",
    "POST /search",
    "GET /image/{token}",
    "GET /video/{token}",
    "GET /anilist",
    "POST /anilist",
    "GET /api/v1/episodes/{key}/frame",
    "POST /api/v1/search",
    "POST /api/v1/search/batch",
    "POST /api/v1/episodes/{key}/themes",
    "PUT /api/v1/episodes/{key}/themes",
    "DELETE /api/v1/episodes/{key}/themes",
    "POST /api/v1/operator",
]
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def schema(url: str) -> Any:
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_every_route_gets_requests(schema: Any) -> None:
    labels = [operation.ok().label for operation in schema.get_all_operations()]
    assert sorted(labels) == sorted(ANY_TEXT + ROUTES)


@pytest.mark.parametrize(
    ("route", "mode"),
    [(route, mode) for mode in (GOOD, BAD) for route in ROUTES]
    + [(route, GOOD) for route in ANY_TEXT],
)
def test_made_up_requests_are_answered_as_described(
    schema: Any, route: str, mode: GenerationMode
) -> None:
    method, path = route.split()
    requests = schema[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=requests)
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, timeout=10)

    ask()
