"""Routes of `/anilist`: GraphQL over HTTP, for trace.moe's clients that look up series."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from graphql import ExecutionResult, GraphQLError
from pydantic import BaseModel, Field, Json, ValidationError

from whenanime_app.api.anilist_graphql import execute_query
from whenanime_app.api.anilist_media import MediaTable
from whenanime_app.errors import NothingIndexedError
from whenanime_app.search.service import SearchService

MAX_BODY_BYTES = 64 << 10
"""Bytes of a query with its variables; the clients' have less than one thousand."""


class GraphQLAnswer(BaseModel):
    """Answer to a GraphQL request; `data` is null, with `errors`, for an invalid one."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] | None = None


_BAD_REQUEST: dict[str, Any] = {"model": GraphQLAnswer, "description": "an invalid request"}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": GraphQLAnswer, "description": "the answer"},
    400: _BAD_REQUEST,
}


class Ask(BaseModel):
    """A GraphQL request; other members, such as `extensions`, are ignored."""

    query: str
    variables: dict[str, Any] | None = None
    operation: str | None = Field(None, alias="operationName")


class _QueryStringAsk(Ask):
    variables: Json[dict[str, Any] | None] | None = None


def anilist_router(search_service: SearchService) -> APIRouter:
    """Return the routes of `/anilist`."""
    router = APIRouter()
    tables = _MediaTableCache(search_service)
    body = {"content": {"application/json": {"schema": Ask.model_json_schema()}}, "required": True}

    @router.post(
        "/anilist",
        operation_id="anilist",
        summary="AniList's GraphQL, over the local library",
        responses=_RESPONSES | {413: _BAD_REQUEST | {"description": "the query is too long"}},
        openapi_extra={"requestBody": body},
    )
    async def post(request: Request) -> Response:
        try:
            ask = Ask.model_validate_json(await _read_body(request))
        except _BodyTooLongError:
            return _make_response(
                413, _make_error_result(f"the query is longer than {MAX_BODY_BYTES >> 10} KiB")
            )
        except ValidationError as error:
            return _make_response(400, _make_error_result(_format_validation_error(error)))
        return await _execute_request(tables, ask)

    @router.get(
        "/anilist",
        operation_id="anilist_by_address",
        summary="The same, in the address",
        responses=_RESPONSES,
    )
    async def get(
        query: Annotated[str | None, Query(description="a GraphQL document")] = None,
        variables: Annotated[str | None, Query(description="their values, as JSON")] = None,
        operation: Annotated[str | None, Query(alias="operationName")] = None,
    ) -> Response:
        try:
            ask = _QueryStringAsk.model_validate(
                {"query": query, "variables": variables or None, "operationName": operation}
            )
        except ValidationError as error:
            return _make_response(400, _make_error_result(_format_validation_error(error)))
        return await _execute_request(tables, ask)

    return router


class _MediaTableCache:
    """Builds the series table of each snapshot once, and caches it."""

    def __init__(self, search_service: SearchService) -> None:
        self._search_service = search_service
        self._cached: tuple[str, MediaTable] | None = None

    async def get_table(self) -> MediaTable:
        try:
            snapshot = await self._search_service.get_snapshot()
        except NothingIndexedError:
            return MediaTable()
        if self._cached is None or self._cached[0] != snapshot.id:
            self._cached = snapshot.id, await asyncio.to_thread(MediaTable, snapshot.episodes)
        return self._cached[1]


class _BodyTooLongError(Exception):
    """The body is longer than any client's query."""


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_BODY_BYTES:
            raise _BodyTooLongError
    return bytes(body)


async def _execute_request(tables: _MediaTableCache, ask: Ask) -> Response:
    table = await tables.get_table()
    result = await asyncio.to_thread(execute_query, table, ask.query, ask.variables, ask.operation)
    # As AniList: 400 for an invalid request.
    return _make_response(400 if result.data is None else 200, result)


def _make_error_result(message: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(message)])


def _make_response(code: int, result: ExecutionResult) -> Response:
    return JSONResponse(result.formatted, code)


def _format_validation_error(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
