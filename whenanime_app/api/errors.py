"""Answers every known error with `{"error": …}` and its status code."""

from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from whenanime_app.api.request_image import NoPictureError
from whenanime_app.api.season_filter import SeasonsError
from whenanime_app.errors import BusyError, GoneError, NothingIndexedError
from whenanime_app.links.signing import TokenError, TokenExpiredError
from whenanime_app.security.operator import NotOperatorError
from whenanime_app.security.own_addresses import ForeignRequestError
from whenanime_app.security.response_headers import build_headers, is_api_path
from whenanime_app.security.safe_fetch import FetchError
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.themes.errors import LabelsError

_STATUS_CODES: dict[type[Exception], int] = {
    NoPictureError: 405,
    PictureError: 400,
    NothingIndexedError: 503,
    BusyError: 503,
    TokenExpiredError: 410,
    TokenError: 403,
    GoneError: 404,
    SeasonsError: 400,
    ForeignRequestError: 403,
    NotOperatorError: 403,
    LabelsError: 409,
}


def add_error_handlers(app: FastAPI) -> None:
    """Answer every known error with `{"error": …}` and its code."""

    async def known(_: Request, error: Exception) -> Response:
        code = next(code for kind, code in _STATUS_CODES.items() if isinstance(error, kind))
        return _error_response(code, _describe(error))

    async def not_fetched(_: Request, error: Exception) -> Response:
        return _error_response(cast(FetchError, error).status_code, str(error))

    async def not_a_parameter(_: Request, error: Exception) -> Response:
        first = cast(RequestValidationError, error).errors()[0]
        return _error_response(400, f"{first['loc'][-1]}: {first['msg']}")

    async def http(request: Request, error: Exception) -> Response:
        known_error = cast(HTTPException, error)
        name = "error" if is_api_path(request.url.path) else "detail"
        return JSONResponse(
            {name: known_error.detail}, known_error.status_code, headers=known_error.headers
        )

    async def unknown(request: Request, _: Exception) -> Response:
        # Answered outside the middleware that adds headers to all other answers.
        answer = _error_response(500, "something went wrong here; the server's log has more")
        answer.headers.update(build_headers(request.url.path))
        return answer

    for kind in _STATUS_CODES:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(FetchError, not_fetched)
    app.add_exception_handler(RequestValidationError, not_a_parameter)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unknown)


def _describe(error: Exception) -> str:
    if isinstance(error, LabelsError):  # without its folder, which is not for visitors
        where = "" if error.line is None else f":{error.line}"
        return f"{error.path.name}{where}: {error.reason}"
    return str(error)


def _error_response(code: int, message: str) -> Response:
    headers = {"Retry-After": "5"} if code == 503 else None
    return JSONResponse({"error": message}, code, headers=headers)
