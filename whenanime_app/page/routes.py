"""Routes for the page's own scripts alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from whenanime_app.errors import GoneError
from whenanime_app.library.library_json import find_episode
from whenanime_app.library.shot_navigation import find_shot
from whenanime_app.services import Services
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_MAX_SECOND = 1_000_000.0  # seconds: longer than any file


def page_router(services: Services) -> APIRouter:
    """Return the route `/page/moment`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/page/moment")
    async def moment(
        episode: str,
        at: Annotated[float, Query(ge=0, le=_MAX_SECOND)],
        step: Annotated[int, Query(ge=-1, le=1)] = 0,
    ) -> dict[str, Any]:
        snapshot = await services.search.get_snapshot()
        return await services.read_executor.run(_shot_json, services, snapshot, episode, at, step)

    return router


def _shot_json(
    services: Services, snapshot: Snapshot, key: str, at: float, step: int
) -> dict[str, Any]:
    episode = find_episode(snapshot, key)
    if episode is None:
        raise GoneError(f"no episode of this library has the key {key}")
    try:
        place, first, last = find_shot(snapshot, episode, at, step)
    except (LookupError, SearchError) as error:
        raise GoneError("no picture of this episode is stored") from error
    token = services.preview_links.sign(place)
    return {
        "at": round(place.at, 3),
        "from": round(place.start, 3),
        "to": round(place.end, 3),
        # Relative links: a proxy may serve the page under a prefix unknown here.
        "image": f"./image/{token}",
        "video": f"./video/{token}" if services.previews.has_video(episode) else "",
        "first": first,
        "last": last,
    }
