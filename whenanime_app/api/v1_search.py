"""Routes of `/api/v1/search`: one picture or several, with filters and detailed results."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.request_image import NoPictureError, read_request_picture
from whenanime_app.api.season_filter import MAX_SEASONS_LENGTH, parse_seasons
from whenanime_app.api.tag_filter import TagQuery, read_tags
from whenanime_app.api.v1_library import API_PREFIX
from whenanime_app.errors import BusyError
from whenanime_app.library.scene_json import build_detailed_result
from whenanime_app.library.scene_models import FoundAnswer, FoundResult, NotFound, TimingsAnswer
from whenanime_app.library.theme_json import build_scene_theme
from whenanime_app.search.searcher import Answer
from whenanime_app.search.service import DEFAULT_LIMIT
from whenanime_app.security.clients import client_of
from whenanime_app.security.rate_limits import RateLimitExceededError
from whenanime_app.services import Services, make_scene_links
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.themes.lookup import ThemesView

MAX_SCENES = 50
MAX_FILES = 16
"""Pictures of one request; together they may be as large as one."""


@dataclass(frozen=True, slots=True)
class SearchParameters:
    """Filters and limit of a search."""

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
    tag: TagQuery = None,
) -> SearchParameters:
    only = Filter(
        series=series, seasons=parse_seasons(season), anilist=anilist, tags=read_tags(tag)
    )
    return SearchParameters(only, limit)


def search_router(services: Services) -> APIRouter:
    """Return the routes of the search."""
    router = APIRouter(prefix=API_PREFIX, tags=["search"])

    @router.post(
        "/search",
        summary="Find the scene of a picture, with all that is known of it",
        responses=tracemoe_openapi.json_responses("scenes", *tracemoe_openapi.SEARCH_ERROR_CODES),
        openapi_extra=tracemoe_openapi.V1_SEARCH_OPENAPI,
    )
    async def search(
        request: Request, asked: Annotated[SearchParameters, Depends(_read_parameters)]
    ) -> FoundAnswer:
        data = await read_request_picture(request, services.fetcher)
        return await _search_picture(services, data, asked, request)

    @router.post(
        "/search/batch",
        summary="Find the scenes of several pictures",
        responses=tracemoe_openapi.json_responses(
            "an answer for each file, in the form's order; a picture that cannot be read does not "
            "fail the others",
            *tracemoe_openapi.SEARCH_ERROR_CODES,
        ),
        openapi_extra=tracemoe_openapi.V1_BATCH_OPENAPI,
    )
    async def batch(
        request: Request, asked: Annotated[SearchParameters, Depends(_read_parameters)]
    ) -> list[FoundAnswer | NotFound]:
        async with request.form(max_files=MAX_FILES) as form:
            files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
            if not files:
                raise NoPictureError(f"no picture: give a form with 1 to {MAX_FILES} files")
            # One after the other, so that a batch does not delay other clients' single searches.
            # The first picture was counted when the request was admitted.
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
) -> FoundAnswer | NotFound:
    """Search for one of several pictures.

    Args:
        services: parts of the server.
        file: uploaded picture.
        parameters: filters and limit.
        request: request of the batch.
        count: whether the picture counts as another search of the client.
    """
    try:
        if count:
            services.limits.admit(client_of(request.scope), "search")
        return await _search_picture(services, await file.read(), parameters, request)
    except (PictureError, BusyError, RateLimitExceededError) as error:
        return NotFound(error=str(error), filename=file.filename)


async def _search_picture(
    services: Services, data: bytes, parameters: SearchParameters, request: Request
) -> FoundAnswer:
    answer = await services.search.find_scenes(data, only=parameters.only, limit=parameters.limit)
    view = await services.view_themes()
    quota = services.limits.quota_json(client_of(request.scope))
    # In a thread: looking for the video reads a disk, which may be slow.
    results = await asyncio.to_thread(
        _build_results, services, answer, services.get_base_url(request), view
    )
    return FoundAnswer(
        frame_count=answer.frame_count,
        error="",
        quota=quota["quota"],
        quota_used=quota["quotaUsed"],
        result=results,
        snapshot=answer.snapshot_id,
        milliseconds=answer.milliseconds,
        timings=TimingsAnswer(
            waiting=round(answer.timings.waiting, 1),
            decoding=round(answer.timings.decoding, 1),
            searching=round(answer.timings.searching, 1),
        ),
    )


def _build_results(
    services: Services, answer: Answer, base_url: str, view: ThemesView
) -> list[FoundResult]:
    results = []
    for scene in answer.scenes:
        image, video = make_scene_links(services, scene, base_url)
        theme = build_scene_theme(view, scene.episode, scene.at)
        results.append(build_detailed_result(scene, image=image, video=video, theme=theme))
    return results
