"""`/api/v1/search`: a picture, or several, with filters and with all that is known of a scene."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.request_image import NoPictureError, picture_of
from whenanime_app.api.season_filter import LONGEST, parse_seasons
from whenanime_app.api.v1_library import PREFIX
from whenanime_app.api.v1_openapi import FoundAnswer, NotFound
from whenanime_app.errors import BusyError
from whenanime_app.library.scene_json import detailed_json
from whenanime_app.search.searcher import Answer
from whenanime_app.search.service import LIMIT
from whenanime_app.security.clients import client_of
from whenanime_app.security.rate_limits import TooManyError
from whenanime_app.services import Parts, links_of
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.query.filters import Filter

MOST_SCENES = 50
MOST_FILES = 16
"""Pictures of one request; together they may be as large as one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a picture."""

    only: Filter
    limit: int


def _asked(
    limit: Annotated[int, Query(ge=1, le=MOST_SCENES, description="scenes at most")] = LIMIT,
    series: Annotated[
        list[str] | None, Query(description="search these series alone; may be repeated")
    ] = None,
    season: Annotated[
        str, Query(max_length=LONGEST, description="seasons alone, such as 19,20,22-24")
    ] = "",
    anilist: Annotated[
        int | None, Query(alias="anilistID", ge=0, description="search this series alone")
    ] = None,
) -> Asked:
    return Asked(Filter(series=series, seasons=parse_seasons(season), anilist=anilist), limit)


def search_router(parts: Parts) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix=PREFIX, tags=["search"])

    @router.post(
        "/search",
        summary="Find the scene of a picture, with all that is known of it",
        responses=tracemoe_openapi.answered(FoundAnswer, "scenes", *tracemoe_openapi.SEARCHING),
        openapi_extra=tracemoe_openapi.FIND,
    )
    async def search(request: Request, asked: Annotated[Asked, Depends(_asked)]) -> dict[str, Any]:
        data = await picture_of(request, parts.fetcher)
        return await _find(parts, data, asked, request)

    @router.post(
        "/search/batch",
        summary="Find the scenes of several pictures",
        responses=tracemoe_openapi.answered(
            list[FoundAnswer | NotFound],
            "an answer for each file, in the form's order; a picture that cannot be read does not "
            "fail the others",
            *tracemoe_openapi.SEARCHING,
        ),
        openapi_extra=tracemoe_openapi.FIND_SEVERAL,
    )
    async def batch(
        request: Request, asked: Annotated[Asked, Depends(_asked)]
    ) -> list[dict[str, Any]]:
        async with request.form(max_files=MOST_FILES) as form:
            files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
            if not files:
                raise NoPictureError(f"no picture: give a form with 1 to {MOST_FILES} files")
            # One after the other: who sends many must not push aside who sends one. The first was
            # counted when it came in.
            return [
                await _find_one(parts, file, asked, request, count=number > 0)
                for number, file in enumerate(files)
            ]

    return router


async def _find_one(
    parts: Parts, file: UploadFile, asked: Asked, request: Request, *, count: bool
) -> dict[str, Any]:
    """Search for one of several pictures, perhaps counted as a search of its own."""
    try:
        if count:
            parts.limits.admit(client_of(request.scope), "search")
        return await _find(parts, await file.read(), asked, request)
    except (PictureError, BusyError, TooManyError) as error:
        return {"error": str(error), "filename": file.filename}


async def _find(parts: Parts, data: bytes, asked: Asked, request: Request) -> dict[str, Any]:
    answer = await parts.finder.find(data, only=asked.only, limit=asked.limit)
    return {
        "frameCount": answer.frame_count,
        "error": "",
        **parts.limits.quota(client_of(request.scope)),
        # In a thread: whether a video is here is asked of a disk, which may be a slow one.
        "result": await asyncio.to_thread(_results, parts, answer, parts.base_url(request)),
        "snapshot": answer.snapshot,
        "milliseconds": answer.milliseconds,
        "timings": {
            "waiting": round(answer.timings.waiting, 1),
            "decoding": round(answer.timings.decoding, 1),
            "searching": round(answer.timings.searching, 1),
        },
    }


def _results(parts: Parts, answer: Answer, base: str) -> list[dict[str, Any]]:
    results = []
    for scene in answer.scenes:
        image, video = links_of(parts, scene, base)
        results.append(detailed_json(scene, image=image, video=video))
    return results
