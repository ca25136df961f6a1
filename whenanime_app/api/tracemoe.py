"""Routes of trace.moe's API: its paths, fields and status codes, with links to this server."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.etags import cache_headers, is_unchanged, make_etag
from whenanime_app.api.request_image import read_request_picture
from whenanime_app.api.routing import get_and_head
from whenanime_app.library.scene_json import build_result
from whenanime_app.library.scene_models import Result, SearchAnswer
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.previews.previews import PREVIEW_WIDTHS, PreviewSize
from whenanime_app.security.clients import client_of
from whenanime_app.services import Services, make_scene_links
from whenanime_pipeline.core.search.query.filters import Filter, parse_tags
from whenanime_pipeline.core.search.query.scenes import Scene

_OTHER_METHODS = ["HEAD", "PUT", "PATCH", "DELETE"]
_MAX_ID_DIGITS = 18
_UNUSED_ANILIST_ID = 0
"""AniList counts from 1, so no series has this id."""


def tracemoe_router(services: Services) -> APIRouter:
    """Return the routes `/search`, `/image`, `/video`, `/me` and `/status`."""
    router = APIRouter()

    @router.post(
        "/search",
        operation_id="search",
        summary="Find the scene of a picture",
        responses=tracemoe_openapi.json_responses("scenes", *tracemoe_openapi.SEARCH_ERROR_CODES),
        openapi_extra=tracemoe_openapi.SEARCH_POST_OPENAPI,
    )
    @router.get(
        "/search",
        operation_id="search_url",
        summary="Find the scene of `?url=`",
        responses=tracemoe_openapi.json_responses("scenes", *tracemoe_openapi.SEARCH_ERROR_CODES),
        openapi_extra=tracemoe_openapi.SEARCH_GET_OPENAPI,
    )
    @router.api_route("/search", methods=_OTHER_METHODS, include_in_schema=False)
    async def search(request: Request) -> SearchAnswer:
        query = request.query_params
        data = await read_request_picture(request, services.fetcher)
        # `cutBorders` changes nothing: every picture is searched with its bars and without.
        only = Filter(
            anilist=_parse_anilist_id(query.get("anilistID")), tags=parse_tags(query.getlist("tag"))
        )
        answer = await services.search.find_scenes(data, only=only)
        # In a thread: looking for the video reads a disk, which may be slow.
        results = await asyncio.to_thread(
            _build_results,
            services,
            answer.scenes,
            services.get_base_url(request),
            "anilistInfo" in query,
        )
        quota = services.limits.quota_json(client_of(request.scope))
        return SearchAnswer(
            frame_count=answer.frame_count,
            error="",
            quota=quota["quota"],
            quota_used=quota["quotaUsed"],
            result=results,
        )

    @get_and_head(
        router,
        "/image/{token:path}",
        summary="The picture of a result",
        response_class=Response,
        responses=tracemoe_openapi.file_responses("image/jpeg", "image/webp"),
        openapi_extra=tracemoe_openapi.IMAGE_OPENAPI,
    )
    async def image(token: str, request: Request) -> Response:
        place, options = _read_link(services, token, request)
        size = _parse_size(options)
        etag = make_etag("image", place, size)
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=cache_headers(etag))
        still = await services.previews.make_still(place, size)
        return Response(still.data, media_type=still.media_type, headers=cache_headers(etag))

    @get_and_head(
        router,
        "/video/{token:path}",
        summary="A moving preview of a result",
        response_class=Response,
        responses=tracemoe_openapi.file_responses("video/mp4", "image/gif"),
        openapi_extra=tracemoe_openapi.VIDEO_OPENAPI,
    )
    async def video(token: str, request: Request) -> Response:
        place, options = _read_link(services, token, request)
        gif = options.get("format") == "gif"
        mute = "mute" in options or "muted" in options
        etag = make_etag("video", place, _parse_size(options), str(mute), str(gif))
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=cache_headers(etag))
        clip = await services.previews.make_clip(place, _parse_size(options), mute=mute, gif=gif)
        seconds = {
            "x-video-start": f"{clip.start:.3f}",
            "x-video-end": f"{clip.end:.3f}",
            "x-video-duration": f"{clip.end - clip.start:.3f}",
        }
        return FileResponse(
            clip.path, media_type=clip.media_type, headers=cache_headers(etag) | seconds
        )

    @get_and_head(router, "/me", summary="Your limits")
    async def me(request: Request) -> dict[str, Any]:
        client = client_of(request.scope)
        return {
            "id": client.address,
            "priority": 0,
            "concurrency": services.limits.get_concurrency_limit(client, services.settings.threads),
            **services.limits.quota_json(client),
        }

    @get_and_head(router, "/status", summary="What is indexed")
    async def status() -> dict[str, Any]:
        return await services.search.status_json()

    return router


def _build_results(
    services: Services, scenes: Iterable[Scene], base_url: str, anilist_info: bool
) -> list[Result]:
    results = []
    for scene in scenes:
        image, video = make_scene_links(services, scene, base_url)
        results.append(build_result(scene, image=image, video=video, anilist_info=anilist_info))
    return results


def _parse_anilist_id(text: str | None) -> int | None:
    if text is None or not re.fullmatch(r"[0-9]+", text):
        return None
    # A number too long for any series must neither search all series nor keep int() busy.
    return int(text) if len(text) <= _MAX_ID_DIGITS else _UNUSED_ANILIST_ID


def _read_link(services: Services, token: str, request: Request) -> tuple[FrameRef, dict[str, str]]:
    """Read a token and its options; some clients append `&size=l` to a URL without a query."""
    token, *appended = token.split("&")
    options = {name: value for name, _, value in (part.partition("=") for part in appended)}
    return services.preview_links.read(token), options | dict(request.query_params)


def _parse_size(options: dict[str, str]) -> PreviewSize:
    size = options.get("size") or "m"
    if size not in PREVIEW_WIDTHS:
        raise HTTPException(400, "size is s, m or l")
    return cast(PreviewSize, size)
