"""`/api/v1/library`, `/series`, `/episodes`, `/themes`, `/characters`: what is indexed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from whenanime_app.api import tracemoe_openapi, v1_openapi
from whenanime_app.api.etags import cache_headers, is_unchanged, make_etag
from whenanime_app.errors import GoneError, NothingIndexedError
from whenanime_app.library.characters import characters_json
from whenanime_app.library.library_json import (
    episode_json,
    find_episode,
    library_json,
    locate_frame,
    series_json,
)
from whenanime_app.library.themes import themes_json
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.previews.previews import PreviewSize
from whenanime_app.services import Services
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

API_PREFIX = "/api/v1"

# A replaced episode keeps its key, so its pictures are asked for again now and then.
_FRAME_MAX_AGE = 300
_MAX_SECOND = 1_000_000.0  # seconds: longer than any file


def library_router(services: Services) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix=API_PREFIX, tags=["library"])

    def image(place: FrameRef) -> str:
        # Relative: the page may stand under a prefix that only a proxy knows.
        return f"./image/{services.preview_links.sign(place)}"

    has_video = services.previews.has_video

    # Answers are made by lookers: they read pictures, and ask a disk for videos.
    @router.get(
        "/library",
        summary="All that is indexed",
        responses=tracemoe_openapi.json_responses(v1_openapi.Library, "all series", 503),
    )
    @router.head("/library", include_in_schema=False)
    async def library() -> Response:
        try:
            snapshot = await services.search.get_snapshot()
        except NothingIndexedError:
            snapshot = None
        return JSONResponse(await services.read_executor.run(library_json, snapshot, image))

    @router.get(
        "/series/{name:path}",
        summary="A series and its episodes",
        responses=tracemoe_openapi.json_responses(
            v1_openapi.SeriesEpisodes, "the series", 404, 503
        ),
    )
    @router.head("/series/{name:path}", include_in_schema=False)
    async def series(name: str) -> Response:
        snapshot = await services.search.get_snapshot()
        found = await services.read_executor.run(series_json, snapshot, name, image, has_video)
        return _make_response(found, f"no series of this library is called {name}")

    @router.get(
        "/episodes/{key:path}/frame",
        summary="What an episode shows at a second",
        response_class=Response,
        responses=tracemoe_openapi.file_responses(
            "image/jpeg", "image/webp", errors=(400, 404, 503)
        ),
    )
    @router.head("/episodes/{key:path}/frame", include_in_schema=False)
    async def frame(
        key: str,
        request: Request,
        at: Annotated[float, Query(ge=0, le=_MAX_SECOND, description="seconds")],
        size: Annotated[PreviewSize, Query(description="160, 320 or 640 pixels wide")] = "m",
    ) -> Response:
        snapshot = await services.search.get_snapshot()
        episode = find_episode(snapshot, key)
        if episode is None:
            raise GoneError(_format_missing_episode(key))
        etag = make_etag("frame", episode.fingerprint, episode.sampling_id, at, size)
        headers = cache_headers(etag, max_age=_FRAME_MAX_AGE)
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=headers)
        place = await services.read_executor.run(_locate_frame, snapshot, episode, at)
        still = await services.previews.make_still(place, size)
        return Response(still.data, media_type=still.media_type, headers=headers)

    @router.get(
        "/episodes/{key:path}",
        summary="An episode, with pictures all along it",
        responses=tracemoe_openapi.json_responses(
            v1_openapi.EpisodeTimeline, "the episode", 404, 503
        ),
    )
    @router.head("/episodes/{key:path}", include_in_schema=False)
    async def episode(key: str) -> Response:
        snapshot = await services.search.get_snapshot()
        found = await services.read_executor.run(episode_json, snapshot, key, image, has_video)
        return _make_response(found, _format_missing_episode(key))

    _add_metadata_routes(router, services)
    return router


def _add_metadata_routes(router: APIRouter, services: Services) -> None:
    """Add what is known of series beside their pictures."""

    @router.get(
        "/themes",
        summary="Openings and endings",
        responses=tracemoe_openapi.json_responses(v1_openapi.Themes, "what is known of them", 503),
    )
    @router.head("/themes", include_in_schema=False)
    async def themes(
        series: Annotated[str | None, Query(description="of this one only")] = None,
    ) -> Response:
        snapshot = await services.search.get_snapshot()
        return JSONResponse(await services.read_executor.run(themes_json, snapshot, series))

    @router.get(
        "/characters",
        summary="Who is in it",
        responses=tracemoe_openapi.json_responses(
            v1_openapi.Characters, "what is known of them", 503
        ),
    )
    @router.head("/characters", include_in_schema=False)
    async def characters(
        series: Annotated[str | None, Query(description="of this one only")] = None,
    ) -> Response:
        snapshot = await services.search.get_snapshot()
        return JSONResponse(await services.read_executor.run(characters_json, snapshot, series))


def _locate_frame(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> FrameRef:
    try:
        return locate_frame(snapshot, episode, second)
    except (LookupError, SearchError) as error:
        raise GoneError("no picture of this episode is stored") from error


def _format_missing_episode(key: str) -> str:
    return f"no episode of this library has the key {key}"


def _make_response(answer: dict[str, Any] | None, missing_message: str) -> Response:
    if answer is None:
        raise GoneError(missing_message)
    return JSONResponse(answer)
