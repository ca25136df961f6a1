"""Builds the states that the page's scripts draw, as JSON; independent of Gradio."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from whenanime_app.api.season_filter import SeasonsError, parse_seasons
from whenanime_app.errors import BusyError, GoneError, NothingIndexedError
from whenanime_app.library.example_stills import choose_examples
from whenanime_app.library.scene_json import (
    build_result,
    build_rotation,
    format_label,
    has_match,
)
from whenanime_app.library.shared_names import MAX_SHOWN_FILES, SharedNamesReader
from whenanime_app.library.theme_json import build_scene_theme
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.links.share_links import restore_scene
from whenanime_app.links.signing import TokenError, TokenExpiredError
from whenanime_app.security.clients import Client
from whenanime_app.security.rate_limits import ConcurrencyLimitExceededError, RateLimitExceededError
from whenanime_app.security.safe_fetch import FetchError
from whenanime_app.services import Services, make_scene_links
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.messages import Message
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.frames.failure_notes import FailedFile, FailureReader
from whenanime_pipeline.core.search.query.filters import Filter, parse_tags
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.themes.lookup import ThemesView

PageState = dict[str, Any]
MAX_SHOWN_FAILURES = 50
"""The page shows no more than these; `whenanime index` lists all."""
FETCHED_LONG_SIDE = 1280
"""Pixels of a returned picture's longer side, as the page's own script makes chosen ones."""


class SearchRequest(BaseModel):
    """Search request of the page's picker; untrusted clients may send anything.

    Attributes:
        id: id of the request, returned with the answer.
        path: of an upload; or
        shown: whether to return a picture of the upload, which the browser cannot show itself; or
        url: of a picture elsewhere.
        series: search these alone; all when empty.
        seasons: search these alone, such as `19,20,22-24`; all when empty.
        tags: search series of all these genres and tags alone.
        limit: scenes at most.
    """

    model_config = ConfigDict(extra="ignore")

    id: int = 0
    path: str | None = Field(None, pattern=r"^[^\x00]*$")
    shown: bool = False
    url: str | None = Field(None, max_length=4096)
    series: list[str] = Field([], max_length=100)
    seasons: str = Field("", max_length=200)
    tags: list[Annotated[str, StringConstraints(max_length=100)]] = Field([], max_length=20)
    limit: int = Field(10, ge=1, le=50)


class PageController:
    """Answers the page's events; errors are states too."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._failures = FailureReader(Home(services.settings.home))
        self._shared_names = SharedNamesReader(Home(services.settings.home))
        self._cached_examples: tuple[str, list[tuple[EpisodeRecord, FrameRef]]] | None = None

    async def load_start(self, query: Mapping[str, str]) -> PageState:
        """Return the first state of the page.

        Args:
            query: query of the page's address; `r` is the token of a shared result.
        """
        token = query.get("r")
        try:
            return await self._load_shared(token) if token else await self.load_library()
        except BusyError:
            return _error_state("errorBusy")

    async def load_library(self) -> PageState:
        """Return the status of the library, and stills to try."""
        status = await self._services.search.status_json()
        return {"state": "library", "library": status, "examples": await self._load_examples()}

    async def search(self, fields: Mapping[str, object], client: Client) -> PageState:
        """Search for an upload, which is removed, or for a picture elsewhere.

        Args:
            fields: fields of a `SearchRequest`.
            client: client for whom the search counts.
        """
        try:
            ask = SearchRequest.model_validate(fields)
        except ValidationError:
            return _error_state("errorServer")
        return await self._search_or_error(ask, client) | {"id": ask.id}

    async def load_status(self) -> PageState:
        """Return the status of the library, and the files that failed."""
        status = await self._services.search.status_json()
        problem = self._services.search.problem
        try:
            snapshot = await self._services.search.get_snapshot()
        except NothingIndexedError:
            published, indexed = None, frozenset[str]()
        else:
            published = snapshot.manifest.created
            indexed = frozenset(one.fingerprint for one in snapshot.contents.values())
        failures = await asyncio.to_thread(self._failures.list_failures, indexed)
        shared = await asyncio.to_thread(self._shared_names.read)
        return {
            "library": status,
            "problem": problem.to_json() if problem else None,
            "published": published,
            "failed": len(failures),
            "failures": _failures_state(failures),
            "shared": len(shared.files),
            "sharedNames": [asdict(one) for one in shared.files[:MAX_SHOWN_FILES]],
            "leftOut": shared.left_out,
        }

    async def _search_or_error(self, request: SearchRequest, client: Client) -> PageState:
        try:
            return await self._admit_and_search(request, client)
        except SeasonsError:
            return _error_state("errorSeasons")
        except FetchError as error:
            return _error_state("errorUrl", error.message)
        except PictureError as error:
            return _error_state("errorPicture", error.message)
        except BusyError:
            return _error_state("errorBusy")
        except RateLimitExceededError:
            return _error_state("errorLimited")
        except ConcurrencyLimitExceededError:
            return _error_state("errorAtOnce")
        except NothingIndexedError:
            return await self.load_library()

    async def _admit_and_search(self, request: SearchRequest, client: Client) -> PageState:
        parts = self._services
        # Uploads are removed before anything can be refused.
        data = b"" if request.url else await self._read_upload(request.path or "")
        if data is None:
            return _error_state("errorServer")
        parts.limits.admit(client, "search")
        with parts.limits.track_search(client):
            return await self._search_picture(request, data)

    async def _search_picture(self, request: SearchRequest, data: bytes) -> PageState:
        parts = self._services
        shown: PageState = {}
        if request.url:
            data = await parts.fetcher.fetch(request.url)
        if request.url or request.shown:
            data = await parts.search.shrink_to_jpeg(data, FETCHED_LONG_SIDE)
            # The browser shows what was read here and asks nobody else; there it can be cropped.
            shown = {"picture": base64.b64encode(data).decode()}
        only = Filter(
            series=request.series or None,
            seasons=parse_seasons(request.seasons),
            tags=parse_tags(request.tags),
        )
        answer = await parts.search.find_scenes(data, only=only, limit=request.limit)
        view = await parts.view_themes()
        found = await asyncio.to_thread(_results_state, parts, answer.scenes, view)
        spent = {"milliseconds": answer.milliseconds}
        return found | shown | spent | {"library": await parts.search.status_json()}

    async def _read_upload(self, path: str) -> bytes | None:
        upload = Path(path).resolve()
        if not upload.is_relative_to(self._services.uploads_folder) or not upload.is_file():
            return None
        return await asyncio.to_thread(_read_and_delete, upload)

    async def _load_shared(self, token: str) -> PageState:
        parts = self._services
        try:
            shared = parts.share_links.read(token)
            view = await parts.view_themes()
            scene = await asyncio.to_thread(restore_scene, shared, view.snapshot)
            found = await asyncio.to_thread(_results_state, parts, [scene], view)
            return found | {"shared": True, "library": await parts.search.status_json()}
        except TokenExpiredError:
            code = "sharedExpired"
        except TokenError:
            code = "sharedUnknown"
        except (GoneError, NothingIndexedError, SearchError, LookupError):
            code = "sharedGone"
        return await self.load_library() | {"notice": code}

    async def _load_examples(self) -> list[PageState]:
        try:
            snapshot = await self._services.search.get_snapshot()
            if self._cached_examples is None or self._cached_examples[0] != snapshot.id:
                found = await self._services.read_executor.run(choose_examples, snapshot)
                self._cached_examples = snapshot.id, found
        except (NothingIndexedError, SearchError, LookupError):
            return []
        # The places stay for as long as the snapshot does, and the links only for a day.
        return [
            {
                "image": f"./image/{self._services.preview_links.sign(place)}",
                "at": place.at,
                "series": episode.native or episode.series,
                "label": format_label(episode),
            }
            for episode, place in self._cached_examples[1]
        ]


def _results_state(services: Services, scenes: Sequence[Scene], view: ThemesView) -> PageState:
    items = []
    for scene in scenes:
        episode = scene.episode
        theme = build_scene_theme(view, episode, scene.at)
        page_fields = {
            "native": episode.native,
            "romaji": episode.romaji,
            "english": episode.english,
            "display": episode.display or episode.series,
            "seasonName": episode.season_name,
            "kind": episode.kind,
            "share": services.share_links.sign(scene),
            "rotated": build_rotation(scene),
            "theme": theme.model_dump(mode="json") if theme else None,
        }
        # Relative links: a proxy may serve the page under a prefix unknown here.
        image, video = make_scene_links(services, scene, ".")
        result = build_result(scene, image=image, video=video)
        items.append(result.model_dump(mode="json", by_alias=True) | page_fields)
    return {"state": "results", "weak": not has_match(scenes), "items": items}


def _failures_state(failures: Sequence[FailedFile]) -> list[PageState]:
    """Name the files without their folders, which are not for visitors."""
    named = [(PurePosixPath(failed.path).name, failed.reason) for failed in failures]
    shown = sorted(named, key=lambda one: one[0])[:MAX_SHOWN_FAILURES]
    return [{"filename": name, "reason": reason.to_json()} for name, reason in shown]


def _error_state(code: str, detail: Message | None = None) -> PageState:
    return {"state": "error", "code": code, "detail": detail.to_json() if detail else None}


def _read_and_delete(upload: Path) -> bytes:
    try:
        return upload.read_bytes()
    finally:
        upload.unlink(missing_ok=True)
