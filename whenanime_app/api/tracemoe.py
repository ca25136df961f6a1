"""The HTTP API in trace.moe's shape; paths, fields and codes are theirs, the links are ours."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.etags import cached, etag_of, is_unchanged
from whenanime_app.api.request_image import picture_of
from whenanime_app.library.scene_json import scene_json
from whenanime_app.links.preview_links import Place
from whenanime_app.previews.previews import WIDTHS, Size
from whenanime_app.security.clients import client_of
from whenanime_app.services import Parts, links_of
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.scenes import Scene

_OTHER_METHODS = ["HEAD", "PUT", "PATCH", "DELETE"]
_DIGITS = 18
_NOBODY = 0
"""AniList counts from 1; of this series there is nothing."""


def api_router(parts: Parts) -> APIRouter:
    """Return the routes `/search`, `/image`, `/video`, `/me` and `/status`."""
    router = APIRouter()

    @router.post(
        "/search",
        operation_id="search",
        summary="Find the scene of a picture",
        responses=tracemoe_openapi.answered(
            tracemoe_openapi.SearchAnswer, "scenes", *tracemoe_openapi.SEARCHING
        ),
        openapi_extra=tracemoe_openapi.SEARCH_BY_BODY,
    )
    @router.get(
        "/search",
        operation_id="search_url",
        summary="Find the scene of `?url=`",
        responses=tracemoe_openapi.answered(
            tracemoe_openapi.SearchAnswer, "scenes", *tracemoe_openapi.SEARCHING
        ),
        openapi_extra=tracemoe_openapi.SEARCH_BY_ADDRESS,
    )
    @router.api_route("/search", methods=_OTHER_METHODS, include_in_schema=False)
    async def search(request: Request) -> dict[str, Any]:
        query = request.query_params
        data = await picture_of(request, parts.fetcher)
        # `cutBorders` changes nothing: every picture is looked at with its bars and without.
        only = Filter(anilist=_anilist_id(query.get("anilistID")))
        answer = await parts.finder.find(data, only=only)
        # In a thread: whether a video is here is asked of a disk, which may be a slow one.
        results = await asyncio.to_thread(
            _linked, parts, answer.scenes, parts.base_url(request), "anilistInfo" in query
        )
        return {
            "frameCount": answer.frame_count,
            "error": "",
            **parts.limits.quota(client_of(request.scope)),
            "result": results,
        }

    @router.get(
        "/image/{token:path}",
        summary="The picture of a result",
        response_class=Response,
        responses=tracemoe_openapi.files("image/jpeg", "image/webp"),
        openapi_extra=tracemoe_openapi.STILL,
    )
    @router.head("/image/{token:path}", include_in_schema=False)
    async def image(token: str, request: Request) -> Response:
        place, options = _read(parts, token, request)
        size = _size(options)
        etag = etag_of("image", place, size)
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=cached(etag))
        still = await parts.previews.still(place, size)
        return Response(still.data, media_type=still.media_type, headers=cached(etag))

    @router.get(
        "/video/{token:path}",
        summary="A moving preview of a result",
        response_class=Response,
        responses=tracemoe_openapi.files("video/mp4", "image/gif"),
        openapi_extra=tracemoe_openapi.CLIP,
    )
    @router.head("/video/{token:path}", include_in_schema=False)
    async def video(token: str, request: Request) -> Response:
        place, options = _read(parts, token, request)
        gif = options.get("format") == "gif"
        mute = "mute" in options or "muted" in options
        etag = etag_of("video", place, _size(options), str(mute), str(gif))
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=cached(etag))
        clip = await parts.previews.clip(place, _size(options), mute=mute, gif=gif)
        seconds = {
            "x-video-start": f"{clip.start:.3f}",
            "x-video-end": f"{clip.end:.3f}",
            "x-video-duration": f"{clip.end - clip.start:.3f}",
        }
        return FileResponse(clip.path, media_type=clip.media_type, headers=cached(etag) | seconds)

    @router.get("/me", summary="Your limits")
    @router.head("/me", include_in_schema=False)
    async def me(request: Request) -> dict[str, Any]:
        client = client_of(request.scope)
        return {
            "id": client.name,
            "priority": 0,
            "concurrency": parts.limits.at_once(client, parts.settings.threads),
            **parts.limits.quota(client),
        }

    @router.get("/status", summary="What is indexed")
    @router.head("/status", include_in_schema=False)
    async def status() -> dict[str, Any]:
        return await parts.finder.status()

    return router


def _linked(
    parts: Parts, scenes: Iterable[Scene], base: str, anilist_info: bool
) -> list[dict[str, Any]]:
    results = []
    for scene in scenes:
        image, video = links_of(parts, scene, base)
        results.append(scene_json(scene, image=image, video=video, anilist_info=anilist_info))
    return results


def _anilist_id(text: str | None) -> int | None:
    if text is None or not re.fullmatch(r"[0-9]+", text):
        return None
    # A number too long for any series must not search them all, nor keep int() busy.
    return int(text) if len(text) <= _DIGITS else _NOBODY


def _read(parts: Parts, token: str, request: Request) -> tuple[Place, dict[str, str]]:
    """Read a token and its options; some clients append `&size=l` to a URL without a query."""
    token, *appended = token.split("&")
    options = {name: value for name, _, value in (part.partition("=") for part in appended)}
    return parts.tokens.read(token), options | dict(request.query_params)


def _size(options: dict[str, str]) -> Size:
    size = options.get("size") or "m"
    if size not in WIDTHS:
        raise HTTPException(400, "size is s, m or l")
    return cast(Size, size)
