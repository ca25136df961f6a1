"""Registers routes that answer GET and HEAD."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def get_and_head(
    router: APIRouter,
    path: str,
    **options: Any,  # noqa: ANN401  (those of `APIRouter.get`)
) -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint for GET, and for HEAD without a description of its own.

    One route of both methods would have two operations of one id in `/openapi.json`.

    Args:
        router: router to add the routes to.
        path: path below the router's prefix.
        **options: options of the GET route.

    Returns:
        The decorator of the endpoint.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        router.head(path, include_in_schema=False)(endpoint)
        return router.get(path, **options)(endpoint)

    return register
