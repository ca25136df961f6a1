"""Reads the picture of a request, in each of the ways that trace.moe's clients send it."""

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from whenanime_app.security.safe_fetch import Fetcher

_RAW_BODY_TYPES = (
    "image/",
    "video/",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
)


class NoPictureError(Exception):
    """The request carries no picture in any known way."""


async def read_request_picture(request: Request, fetcher: Fetcher) -> bytes:
    """Return the picture's file: of `?url=`, else the first multipart file, else the raw body.

    Raises:
        NoPictureError: the request carries no picture.
        FetchError: the URL's picture cannot be fetched.
        HTTPException: the body is too long, or is not valid multipart.
    """
    url = request.query_params.get("url")
    if url:
        return await fetcher.fetch(url)
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/form-data"):
        return await _read_first_file(request)
    if kind.startswith(_RAW_BODY_TYPES):
        return await request.body()
    raise NoPictureError("no picture: give ?url=, a multipart file, or the picture as the body")


async def _read_first_file(request: Request) -> bytes:
    async with request.form() as form:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                return await part.read()
    raise HTTPException(405, "the form has no file")
