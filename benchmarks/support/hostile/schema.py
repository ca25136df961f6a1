"""Requests made by schemathesis of what the server says of itself."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from benchmarks.support.hostile.hostile_request import HostileRequest

_BASE = "http://127.0.0.1"


def schema_requests(
    description: dict[str, Any], count: int, random_seed: int
) -> Iterator[HostileRequest]:
    """Yield requests for every operation, as many that keep to the description as that do not.

    Args:
        description: OpenAPI.
        count: how many, about.
        random_seed: of what is made up.
    """
    schema = schemathesis.openapi.from_dict(description)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    each = max(1, count // (2 * len(operations)))
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            for case in _cases(operation.as_strategy(generation_mode=mode), each, random_seed):
                shot = _to_request(case, f"{operation.label}, {mode.value}")
                if shot is not None:
                    yield shot


def _cases(strategy: Any, count: int, random_seed: int) -> list[Case[Any]]:  # noqa: ANN401
    """Draw examples; nothing is tested here, so nothing is shrunk or kept."""
    found: list[Case[Any]] = []

    @seed(random_seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(case: Case[Any]) -> None:
        found.append(case)

    # Some operations take nothing that could be wrong.
    with warnings.catch_warnings(), suppress(Unsatisfiable):
        warnings.simplefilter("ignore")
        draw()
    return found


def _to_request(case: Case[Any], name: str) -> HostileRequest | None:
    """Return a case as bytes; None for one that no client could send."""
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        wanted = case.as_transport_kwargs(base_url=_BASE)
        prepared = requests.Request(
            **{key: value for key, value in wanted.items() if key in _REQUEST}
        ).prepare()
        body: Any = prepared.body or b""
        data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
        headers = [
            (_bytes(key), _bytes(value))
            for key, value in prepared.headers.items()
            if key.lower() != "content-length"
        ]
        target, method = prepared.path_url.encode(), str(prepared.method).encode()
    except (requests.RequestException, UnicodeError, ValueError, TypeError):
        return None
    return HostileRequest("OpenAPI", name, target, method, headers, data)


_REQUEST = frozenset(
    {"method", "url", "headers", "files", "data", "params", "auth", "cookies", "json"}
)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
