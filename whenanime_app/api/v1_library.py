"""`/api/v1/library`, `/series`, `/episodes`, `/themes`, `/characters`: what is indexed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from whenanime_app.api import tracemoe_openapi, v1_openapi
from whenanime_app.api.etags import cached, etag_of, is_unchanged
from whenanime_app.errors import GoneError, NothingIndexedError
from whenanime_app.library.characters import characters_json
from whenanime_app.library.library_json import (
    episode_json,
    episode_of,
    library_json,
    place_at,
    series_json,
)
from whenanime_app.library.themes import themes_json
from whenanime_app.links.preview_links import Place
from whenanime_app.previews.previews import Size
from whenanime_app.services import Parts
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

PREFIX = "/api/v1"

# A replaced episode keeps its key, so its pictures are asked for again now and then.
_FRAME_SECONDS = 300
_LATEST = 1_000_000.0  # seconds: longer than any file


def library_router(parts: Parts) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix=PREFIX, tags=["library"])

    def image(place: Place) -> str:
        # Relative: the page may stand under a prefix that only a proxy knows.
        return f"./image/{parts.tokens.sign(place)}"

    has_video = parts.previews.has_video

    # Answers are made by lookers: they read pictures, and ask a disk for videos.
    @router.get(
        "/library",
        summary="All that is indexed",
        responses=tracemoe_openapi.answered(v1_openapi.Library, "all series", 503),
    )
    @router.head("/library", include_in_schema=False)
    async def library() -> Response:
        try:
            snapshot = await parts.finder.snapshot()
        except NothingIndexedError:
            snapshot = None
        return JSONResponse(await parts.lookers.run(library_json, snapshot, image))

    @router.get(
        "/series/{name:path}",
        summary="A series and its episodes",
        responses=tracemoe_openapi.answered(v1_openapi.SeriesEpisodes, "the series", 404, 503),
    )
    @router.head("/series/{name:path}", include_in_schema=False)
    async def series(name: str) -> Response:
        snapshot = await parts.finder.snapshot()
        found = await parts.lookers.run(series_json, snapshot, name, image, has_video)
        return _found(found, f"no series of this library is called {name}")

    @router.get(
        "/episodes/{key:path}/frame",
        summary="What an episode shows at a second",
        response_class=Response,
        responses=tracemoe_openapi.files("image/jpeg", "image/webp", errors=(400, 404, 503)),
    )
    @router.head("/episodes/{key:path}/frame", include_in_schema=False)
    async def frame(
        key: str,
        request: Request,
        at: Annotated[float, Query(ge=0, le=_LATEST, description="seconds")],
        size: Annotated[Size, Query(description="160, 320 or 640 pixels wide")] = "m",
    ) -> Response:
        snapshot = await parts.finder.snapshot()
        episode = episode_of(snapshot, key)
        if episode is None:
            raise GoneError(_no_episode(key))
        etag = etag_of("frame", episode.fingerprint, episode.sampling_id, at, size)
        headers = cached(etag, seconds=_FRAME_SECONDS)
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=headers)
        place = await parts.lookers.run(_place, snapshot, episode, at)
        still = await parts.previews.still(place, size)
        return Response(still.data, media_type=still.media_type, headers=headers)

    @router.get(
        "/episodes/{key:path}",
        summary="An episode, with pictures all along it",
        responses=tracemoe_openapi.answered(v1_openapi.EpisodeTimeline, "the episode", 404, 503),
    )
    @router.head("/episodes/{key:path}", include_in_schema=False)
    async def episode(key: str) -> Response:
        snapshot = await parts.finder.snapshot()
        found = await parts.lookers.run(episode_json, snapshot, key, image, has_video)
        return _found(found, _no_episode(key))

    _add_known(router, parts)
    return router


def _add_known(router: APIRouter, parts: Parts) -> None:
    """Add what is known of series beside their pictures."""

    @router.get(
        "/themes",
        summary="Openings and endings",
        responses=tracemoe_openapi.answered(v1_openapi.Themes, "what is known of them", 503),
    )
    @router.head("/themes", include_in_schema=False)
    async def themes(
        series: Annotated[str | None, Query(description="of this one only")] = None,
    ) -> Response:
        snapshot = await parts.finder.snapshot()
        return JSONResponse(await parts.lookers.run(themes_json, snapshot, series))

    @router.get(
        "/characters",
        summary="Who is in it",
        responses=tracemoe_openapi.answered(v1_openapi.Characters, "what is known of them", 503),
    )
    @router.head("/characters", include_in_schema=False)
    async def characters(
        series: Annotated[str | None, Query(description="of this one only")] = None,
    ) -> Response:
        snapshot = await parts.finder.snapshot()
        return JSONResponse(await parts.lookers.run(characters_json, snapshot, series))


def _place(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> Place:
    try:
        return place_at(snapshot, episode, second)
    except (LookupError, SearchError) as error:
        raise GoneError("no picture of this episode is stored") from error


def _no_episode(key: str) -> str:
    return f"no episode of this library has the key {key}"


def _found(answer: dict[str, Any] | None, missing: str) -> Response:
    if answer is None:
        raise GoneError(missing)
    return JSONResponse(answer)
