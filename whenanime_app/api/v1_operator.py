"""Routes of `/api/v1/operator`: who may change what this server shows."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.routing import get_and_head
from whenanime_app.api.v1_library import API_PREFIX
from whenanime_app.library.scene_models import StrictModel
from whenanime_app.services import Services

_PRIVATE = {"Cache-Control": "no-store"}


class OperatorKey(StrictModel):
    """What is exchanged for a cookie."""

    key: Annotated[str, Field(max_length=200, description="`whenanime doctor` shows it")]


class OperatorState(StrictModel):
    """Whether a client is the operator."""

    operator: bool = Field(description="whether this client may change what the server shows")
    has_key: bool = Field(description="whether one can become the operator by a key")
    has_session: bool = Field(description="whether this client has the cookie, not only the key")


def operator_router(services: Services) -> APIRouter:
    """Return the routes that say who the operator is."""
    router = APIRouter(prefix=API_PREFIX, tags=["operator"])
    access = services.operator

    @get_and_head(
        router,
        "/operator",
        summary="Whether you are the operator",
        responses=tracemoe_openapi.json_responses("whether you are"),
    )
    async def state(request: Request, response: Response) -> OperatorState:
        response.headers.update(_PRIVATE)
        return OperatorState(
            operator=access.is_operator(request),
            has_key=access.has_key,
            has_session=access.has_session(request),
        )

    @router.post(
        "/operator",
        summary="Exchange the operator's key for a cookie",
        responses=tracemoe_openapi.json_responses("you are the operator", 400, 403, 408, 413, 503),
    )
    async def sign_in(given: OperatorKey, request: Request, response: Response) -> OperatorState:
        response.headers.update(_PRIVATE)
        access.sign_in(request, given.key, response)
        return OperatorState(operator=True, has_key=True, has_session=True)

    @router.delete(
        "/operator",
        summary="Delete the cookie",
        responses=tracemoe_openapi.json_responses("it is deleted", 403),
    )
    async def sign_out(request: Request, response: Response) -> OperatorState:
        response.headers.update(_PRIVATE)
        access.sign_out(request, response)
        return OperatorState(
            operator=access.is_trusted_machine(request),
            has_key=access.has_key,
            has_session=False,
        )

    return router
