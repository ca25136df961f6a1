"""`/anilist`: GraphQL over HTTP, where clients of trace.moe look up what they have found."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from graphql import ExecutionResult, GraphQLError
from pydantic import BaseModel, Field, Json, ValidationError

from whenanime_app.api.anilist_graphql import answer
from whenanime_app.api.anilist_media import MediaTable
from whenanime_app.errors import NothingIndexedError
from whenanime_app.search.service import Finder

MAX_BODY = 64 << 10
"""Bytes of a query with its variables; the clients' have less than one thousand."""


class GraphQLAnswer(BaseModel):
    """What was asked for; null with `errors` when it was not asked for properly."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] | None = None


_BAD: dict[str, Any] = {"model": GraphQLAnswer, "description": "not asked for properly"}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": GraphQLAnswer, "description": "what was asked for"},
    400: _BAD,
}


class Ask(BaseModel):
    """A GraphQL request; other members, such as `extensions`, are passed over."""

    query: str
    variables: dict[str, Any] | None = None
    operation: str | None = Field(None, alias="operationName")


class _AskByAddress(Ask):
    variables: Json[dict[str, Any] | None] | None = None


def anilist_router(finder: Finder) -> APIRouter:
    """Return the routes of `/anilist`."""
    router = APIRouter()
    tables = _Tables(finder)
    body = {"content": {"application/json": {"schema": Ask.model_json_schema()}}, "required": True}

    @router.post(
        "/anilist",
        operation_id="anilist",
        summary="AniList's GraphQL, over the local library",
        responses=_ANSWERS | {413: _BAD | {"description": "the query is too long"}},
        openapi_extra={"requestBody": body},
    )
    async def post(request: Request) -> Response:
        try:
            ask = Ask.model_validate_json(await _body(request))
        except _TooLongError:
            return _answer(413, _failed(f"the query is longer than {MAX_BODY >> 10} KiB"))
        except ValidationError as error:
            return _answer(400, _failed(_words(error)))
        return await _answered(tables, ask)

    @router.get(
        "/anilist",
        operation_id="anilist_by_address",
        summary="The same, in the address",
        responses=_ANSWERS,
    )
    async def get(
        query: Annotated[str | None, Query(description="a GraphQL document")] = None,
        variables: Annotated[str | None, Query(description="their values, as JSON")] = None,
        operation: Annotated[str | None, Query(alias="operationName")] = None,
    ) -> Response:
        try:
            ask = _AskByAddress.model_validate(
                {"query": query, "variables": variables or None, "operationName": operation}
            )
        except ValidationError as error:
            return _answer(400, _failed(_words(error)))
        return await _answered(tables, ask)

    return router


class _Tables:
    """The table of the snapshot in use, made once for each."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._made: tuple[str, MediaTable] | None = None

    async def table(self) -> MediaTable:
        try:
            snapshot = await self._finder.snapshot()
        except NothingIndexedError:
            return MediaTable()
        if self._made is None or self._made[0] != snapshot.id:
            self._made = snapshot.id, await asyncio.to_thread(MediaTable, snapshot.episodes)
        return self._made[1]


class _TooLongError(Exception):
    """The body is longer than any client's query."""


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_BODY:
            raise _TooLongError
    return bytes(body)


async def _answered(tables: _Tables, ask: Ask) -> Response:
    table = await tables.table()
    result = await asyncio.to_thread(answer, table, ask.query, ask.variables, ask.operation)
    # As AniList answers: 400 to what was not asked for properly.
    return _answer(400 if result.data is None else 200, result)


def _failed(words: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(words)])


def _answer(code: int, result: ExecutionResult) -> Response:
    return JSONResponse(result.formatted, code)


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
