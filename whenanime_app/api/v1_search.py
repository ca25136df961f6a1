"""`/api/v1/search`: a picture, or several, with filters and with all that is known of a scene."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.request_image import NoPictureError, read_request_picture
from whenanime_app.api.season_filter import MAX_SEASONS_LENGTH, parse_seasons
from whenanime_app.api.v1_library import API_PREFIX
from whenanime_app.api.v1_openapi import FoundAnswer, NotFound
from whenanime_app.errors import BusyError
from whenanime_app.library.scene_json import detailed_scene_json
from whenanime_app.search.searcher import Answer
from whenanime_app.search.service import DEFAULT_LIMIT
from whenanime_app.security.clients import client_of
from whenanime_app.security.rate_limits import RateLimitExceededError
from whenanime_app.services import Services, make_scene_links
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.query.filters import Filter

MAX_SCENES = 50
MAX_FILES = 16
"""Pictures of one request; together they may be as large as one."""


@dataclass(frozen=True, slots=True)
class SearchParameters:
    """What is wanted of a picture."""

    only: Filter
    limit: int


def _read_parameters(
    limit: Annotated[int, Query(ge=1, le=MAX_SCENES, description="scenes at most")] = DEFAULT_LIMIT,
    series: Annotated[
        list[str] | None, Query(description="search these series alone; may be repeated")
    ] = None,
    season: Annotated[
        str, Query(max_length=MAX_SEASONS_LENGTH, description="seasons alone, such as 19,20,22-24")
    ] = "",
    anilist: Annotated[
        int | None, Query(alias="anilistID", ge=0, description="search this series alone")
    ] = None,
) -> SearchParameters:
    return SearchParameters(
        Filter(series=series, seasons=parse_seasons(season), anilist=anilist), limit
    )


def search_router(services: Services) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix=API_PREFIX, tags=["search"])

    @router.post(
        "/search",
        summary="Find the scene of a picture, with all that is known of it",
        responses=tracemoe_openapi.json_responses(
            FoundAnswer, "scenes", *tracemoe_openapi.SEARCH_ERROR_CODES
        ),
        openapi_extra=tracemoe_openapi.V1_SEARCH_OPENAPI,
    )
    async def search(
        request: Request, asked: Annotated[SearchParameters, Depends(_read_parameters)]
    ) -> dict[str, Any]:
        data = await read_request_picture(request, services.fetcher)
        return await _search_picture(services, data, asked, request)

    @router.post(
        "/search/batch",
        summary="Find the scenes of several pictures",
        responses=tracemoe_openapi.json_responses(
            list[FoundAnswer | NotFound],
            "an answer for each file, in the form's order; a picture that cannot be read does not "
            "fail the others",
            *tracemoe_openapi.SEARCH_ERROR_CODES,
        ),
        openapi_extra=tracemoe_openapi.V1_BATCH_OPENAPI,
    )
    async def batch(
        request: Request, asked: Annotated[SearchParameters, Depends(_read_parameters)]
    ) -> list[dict[str, Any]]:
        async with request.form(max_files=MAX_FILES) as form:
            files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
            if not files:
                raise NoPictureError(f"no picture: give a form with 1 to {MAX_FILES} files")
            # One after the other: who sends many must not push aside who sends one. The first was
            # counted when it came in.
            return [
                await _search_batch_file(services, file, asked, request, count=number > 0)
                for number, file in enumerate(files)
            ]

    return router


async def _search_batch_file(
    services: Services,
    file: UploadFile,
    parameters: SearchParameters,
    request: Request,
    *,
    count: bool,
) -> dict[str, Any]:
    """Search for one of several pictures, perhaps counted as a search of its own."""
    try:
        if count:
            services.limits.admit(client_of(request.scope), "search")
        return await _search_picture(services, await file.read(), parameters, request)
    except (PictureError, BusyError, RateLimitExceededError) as error:
        return {"error": str(error), "filename": file.filename}


async def _search_picture(
    services: Services, data: bytes, parameters: SearchParameters, request: Request
) -> dict[str, Any]:
    answer = await services.search.find_scenes(data, only=parameters.only, limit=parameters.limit)
    return {
        "frameCount": answer.frame_count,
        "error": "",
        **services.limits.quota_json(client_of(request.scope)),
        # In a thread: whether a video is here is asked of a disk, which may be a slow one.
        "result": await asyncio.to_thread(
            _results_json, services, answer, services.get_base_url(request)
        ),
        "snapshot": answer.snapshot_id,
        "milliseconds": answer.milliseconds,
        "timings": {
            "waiting": round(answer.timings.waiting, 1),
            "decoding": round(answer.timings.decoding, 1),
            "searching": round(answer.timings.searching, 1),
        },
    }


def _results_json(services: Services, answer: Answer, base_url: str) -> list[dict[str, Any]]:
    results = []
    for scene in answer.scenes:
        image, video = make_scene_links(services, scene, base_url)
        results.append(detailed_scene_json(scene, image=image, video=video))
    return results
