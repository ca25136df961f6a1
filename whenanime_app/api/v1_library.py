"""Routes of the library: `/api/v1/library`, `/series`, `/episodes`, `/themes`, `/characters`."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from whenanime_app.api import tracemoe_openapi
from whenanime_app.api.etags import cache_headers, is_unchanged, make_etag
from whenanime_app.api.moved_episodes import redirect_moved_episode
from whenanime_app.api.routing import get_and_head
from whenanime_app.api.tag_filter import read_tags
from whenanime_app.errors import GoneError, NothingIndexedError
from whenanime_app.library.characters import build_characters
from whenanime_app.library.library_json import (
    MakeStillLink,
    build_episode,
    build_library,
    build_series,
    find_episode,
    locate_frame,
)
from whenanime_app.library.library_models import (
    Characters,
    EpisodeTimeline,
    Library,
    SeriesEpisodes,
    Themes,
)
from whenanime_app.library.shared_names import SharedNamesReader
from whenanime_app.library.themes import build_themes
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.previews.previews import PreviewSize
from whenanime_app.services import Services
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot
from whenanime_pipeline.core.themes.lookup import ThemesView

API_PREFIX = "/api/v1"
Answer = TypeVar("Answer")
Tags = Annotated[frozenset[str] | None, Depends(read_tags)]

# A replaced episode keeps its key, so its pictures are asked for again now and then.
_FRAME_MAX_AGE = 300
_MAX_SECOND = 1_000_000.0  # seconds: longer than any file


def library_router(services: Services) -> APIRouter:
    """Return the routes of the indexed library."""
    router = APIRouter(prefix=API_PREFIX, tags=["library"])

    def image(frame_ref: FrameRef) -> str:
        # Relative: a proxy may serve the page under a prefix unknown here.
        return f"./image/{services.preview_links.sign(frame_ref)}"

    has_video = services.previews.has_video

    # Answers are built by the read executor: they read frames, and look for videos on a disk.
    @get_and_head(
        router,
        "/library",
        summary="All that is indexed",
        responses=tracemoe_openapi.json_responses("all series", 400, 503),
    )
    async def library(tags: Tags) -> Library:
        try:
            snapshot = await services.search.get_snapshot()
        except NothingIndexedError:
            snapshot = None
        return await services.read_executor.run(build_library, snapshot, image, tags)

    @get_and_head(
        router,
        "/series/{name:path}",
        summary="A series and its episodes",
        responses=tracemoe_openapi.json_responses("the series", 400, 404, 503),
    )
    async def series(
        name: str,
        number: Annotated[
            int | None,
            Query(
                alias="seriesNumber",
                ge=1,
                lt=2**31,
                description="of one of several series of that name; without it all are one",
            ),
        ] = None,
    ) -> SeriesEpisodes:
        snapshot = await services.search.get_snapshot()
        found = await services.read_executor.run(
            build_series, snapshot, name, image, has_video, number
        )
        return _require(found, f"no series of this library is called {name}")

    _add_episode_routes(router, services, image)
    _add_metadata_routes(router, services)
    return router


def _add_episode_routes(router: APIRouter, services: Services, image: MakeStillLink) -> None:
    """Add the routes of an episode and its frames."""
    has_video = services.previews.has_video
    shared_names = SharedNamesReader(Home(services.settings.home))

    def describe_episode(view: ThemesView, key: str) -> EpisodeTimeline | None:
        return build_episode(view, key, image, has_video, shared_names.read().versions)

    @get_and_head(
        router,
        "/episodes/{key:path}/frame",
        summary="What an episode shows at a second",
        response_class=Response,
        responses=tracemoe_openapi.file_responses(
            "image/jpeg", "image/webp", errors=(400, 404, 503)
        ),
    )
    async def frame(
        key: str,
        request: Request,
        at: Annotated[float, Query(ge=0, le=_MAX_SECOND, description="seconds")],
        size: Annotated[PreviewSize, Query(description="160, 320 or 640 pixels wide")] = "m",
    ) -> Response:
        snapshot = await services.search.get_snapshot()
        episode = find_episode(snapshot, key)
        if episode is None:
            return redirect_moved_episode(request, snapshot, key, "/frame")
        etag = make_etag("frame", episode.fingerprint, episode.sampling_id, at, size)
        headers = cache_headers(etag, max_age=_FRAME_MAX_AGE)
        if is_unchanged(request, etag):
            return Response(status_code=304, headers=headers)
        place = await services.read_executor.run(_locate_frame, snapshot, episode, at)
        still = await services.previews.make_still(place, size)
        return Response(still.data, media_type=still.media_type, headers=headers)

    @get_and_head(
        router,
        "/episodes/{key:path}",
        summary="An episode, with pictures all along it",
        responses=tracemoe_openapi.json_responses("the episode", 404, 503),
    )
    async def episode(key: str, request: Request) -> EpisodeTimeline:
        view = await services.view_themes()
        found = await services.read_executor.run(describe_episode, view, key)
        if found is None:
            # FastAPI sends a response as it is.
            return redirect_moved_episode(request, view.snapshot, key)  # type: ignore[return-value]
        return found


def _add_metadata_routes(router: APIRouter, services: Services) -> None:
    """Add the routes of themes and characters."""

    @get_and_head(
        router,
        "/themes",
        summary="Openings and endings",
        responses=tracemoe_openapi.json_responses("what is known of them", 400, 503),
    )
    async def themes(
        tags: Tags,
        series: Annotated[str | None, Query(description="name of the only series to list")] = None,
    ) -> Themes:
        view = await services.view_themes()
        return await services.read_executor.run(build_themes, view, series, tags)

    @get_and_head(
        router,
        "/characters",
        summary="Who is in it",
        responses=tracemoe_openapi.json_responses("what is known of them", 400, 503),
    )
    async def characters(
        tags: Tags,
        series: Annotated[str | None, Query(description="name of the only series to list")] = None,
    ) -> Characters:
        snapshot = await services.search.get_snapshot()
        return await services.read_executor.run(build_characters, snapshot, series, tags)


def _locate_frame(snapshot: Snapshot, episode: EpisodeRecord, second: float) -> FrameRef:
    try:
        return locate_frame(snapshot, episode, second)
    except (LookupError, SearchError) as error:
        raise GoneError("no picture of this episode is stored") from error


def _require(answer: Answer | None, missing_message: str) -> Answer:
    if answer is None:
        raise GoneError(missing_message)
    return answer
