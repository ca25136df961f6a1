"""What only the page's own scripts ask for."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from whenanime_app.errors import GoneError
from whenanime_app.library.library_json import episode_of
from whenanime_app.library.shot_navigation import moment_of
from whenanime_app.services import Parts
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_LATEST = 1_000_000.0  # seconds: longer than any file


def page_router(parts: Parts) -> APIRouter:
    """Return the route `/page/moment`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/page/moment")
    async def moment(
        episode: str,
        at: Annotated[float, Query(ge=0, le=_LATEST)],
        step: Annotated[int, Query(ge=-1, le=1)] = 0,
    ) -> dict[str, Any]:
        snapshot = await parts.finder.snapshot()
        return await parts.lookers.run(_moment, parts, snapshot, episode, at, step)

    return router


def _moment(parts: Parts, snapshot: Snapshot, key: str, at: float, step: int) -> dict[str, Any]:
    episode = episode_of(snapshot, key)
    if episode is None:
        raise GoneError(f"no episode of this library has the key {key}")
    try:
        place, first, last = moment_of(snapshot, episode, at, step)
    except (LookupError, SearchError) as error:
        raise GoneError("no picture of this episode is stored") from error
    token = parts.tokens.sign(place)
    return {
        "at": round(place.at, 3),
        "from": round(place.start, 3),
        "to": round(place.end, 3),
        # Relative links: the page may stand under a prefix that only a proxy knows.
        "image": f"./image/{token}",
        "video": f"./video/{token}" if parts.previews.has_video(episode) else "",
        "first": first,
        "last": last,
    }
