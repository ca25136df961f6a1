"""What the page is told: states, as JSON, that its scripts draw; knows nothing of Gradio."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from whenanime_app.api.season_filter import SeasonsError, parse_seasons
from whenanime_app.errors import BusyError, GoneError, NothingIndexedError
from whenanime_app.library.example_stills import examples_of
from whenanime_app.library.indexing_failures import MOST, failures_of
from whenanime_app.library.scene_json import is_found, label_of, scene_json
from whenanime_app.links.preview_links import Place
from whenanime_app.links.share_links import scene_of
from whenanime_app.links.signing import TokenError, TokenExpiredError
from whenanime_app.page.error_messages import detail_of
from whenanime_app.security.clients import Client
from whenanime_app.security.rate_limits import TooManyAtOnceError, TooManyError
from whenanime_app.security.safe_fetch import FetchError
from whenanime_app.services import Parts, links_of
from whenanime_pipeline.core.media.errors import PictureError
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

State = dict[str, Any]
LONG_SIDE = 1280
"""Pixels of a fetched picture's longer side, as the page's own script makes chosen ones."""


class Ask(BaseModel):
    """What the page's picker asks; a stranger may send anything.

    Attributes:
        id: tells answers apart; given back.
        path: of an upload; or
        url: of a picture elsewhere.
        series: search these alone; all when empty.
        seasons: search these alone, such as `19,20,22-24`; all when empty.
        limit: scenes at most.
    """

    model_config = ConfigDict(extra="ignore")

    id: int = 0
    path: str | None = Field(None, pattern=r"^[^\x00]*$")
    url: str | None = Field(None, max_length=4096)
    series: list[str] = Field([], max_length=100)
    seasons: str = Field("", max_length=200)
    limit: int = Field(10, ge=1, le=50)


class PageStates:
    """Answers the page's events; what goes wrong is a state too."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._examples: tuple[str, list[tuple[EpisodeRecord, Place]]] | None = None

    async def start(self, query: Mapping[str, str]) -> State:
        """Return what the page begins with.

        Args:
            query: of the page's address: `r` is a shared result.
        """
        token = query.get("r")
        try:
            return await self._shared(token) if token else await self.library()
        except BusyError:
            return _error("errorBusy")

    async def library(self) -> State:
        """Return what there is to search, and stills to try."""
        status = await self._parts.finder.status()
        return {"state": "library", "library": status, "examples": await self._stills()}

    async def search(self, fields: Mapping[str, object], client: Client) -> State:
        """Search for an upload, which is removed, or for a picture elsewhere.

        Args:
            fields: what is asked.
            client: who asks, for whom it counts as a search.
        """
        try:
            ask = Ask.model_validate(fields)
        except ValidationError:
            return _error("errorServer")
        return await self._searched(ask, client) | {"id": ask.id}

    async def status(self) -> State:
        """Return what is indexed and what failed."""
        status = await self._parts.finder.status()
        try:
            snapshot = await self._parts.finder.snapshot()
        except NothingIndexedError:
            published, indexed = None, frozenset[str]()
        else:
            published = snapshot.manifest.created
            indexed = frozenset(one.fingerprint for one in snapshot.contents.values())
        failures = await asyncio.to_thread(failures_of, self._parts.settings.home, indexed)
        return {
            "library": status,
            "problem": detail_of(str(status["problem"])) if status["problem"] else None,
            "published": published,
            "failed": len(failures),
            "failures": [
                {"filename": failure.filename, "reason": detail_of(failure.reason)}
                for failure in failures[:MOST]
            ],
        }

    async def _searched(self, ask: Ask, client: Client) -> State:
        try:
            return await self._found(ask, client)
        except SeasonsError:
            return _error("errorSeasons")
        except FetchError as error:
            return _error("errorUrl", str(error))
        except PictureError as error:
            return _error("errorPicture", str(error))
        except BusyError:
            return _error("errorBusy")
        except TooManyError:
            return _error("errorLimited")
        except TooManyAtOnceError:
            return _error("errorAtOnce")
        except NothingIndexedError:
            return await self.library()

    async def _found(self, ask: Ask, client: Client) -> State:
        parts = self._parts
        # Uploads are removed before anything can be refused.
        data = b"" if ask.url else await self._upload(ask.path or "")
        if data is None:
            return _error("errorServer")
        parts.limits.admit(client, "search")
        with parts.limits.searching(client):
            return await self._answered(ask, data)

    async def _answered(self, ask: Ask, data: bytes) -> State:
        parts = self._parts
        shown: State = {}
        if ask.url:
            fetched = await parts.fetcher.fetch(ask.url)
            data = await parts.finder.small(fetched, LONG_SIDE)
            # The browser shows what was fetched here and asks nobody else; there it can be cropped.
            shown = {"picture": base64.b64encode(data).decode()}
        only = Filter(series=ask.series or None, seasons=parse_seasons(ask.seasons))
        answer = await parts.finder.find(data, only=only, limit=ask.limit)
        found = await asyncio.to_thread(_results, parts, answer.scenes)
        spent = {"milliseconds": answer.milliseconds}
        return found | shown | spent | {"library": await parts.finder.status()}

    async def _upload(self, path: str) -> bytes | None:
        upload = Path(path).resolve()
        if not upload.is_relative_to(self._parts.uploads) or not upload.is_file():
            return None
        return await asyncio.to_thread(_taken, upload)

    async def _shared(self, token: str) -> State:
        parts = self._parts
        try:
            shared = parts.shares.read(token)
            snapshot = await parts.finder.snapshot()
            scene = await asyncio.to_thread(scene_of, shared, snapshot)
            found = await asyncio.to_thread(_results, parts, [scene])
            return found | {"shared": True, "library": await parts.finder.status()}
        except TokenExpiredError:
            code = "sharedExpired"
        except TokenError:
            code = "sharedUnknown"
        except (GoneError, NothingIndexedError, SearchError, LookupError):
            code = "sharedGone"
        return await self.library() | {"notice": code}

    async def _stills(self) -> list[State]:
        try:
            snapshot = await self._parts.finder.snapshot()
            if self._examples is None or self._examples[0] != snapshot.id:
                found = await self._parts.lookers.run(examples_of, snapshot)
                self._examples = snapshot.id, found
        except (NothingIndexedError, SearchError, LookupError):
            return []
        # The places stay for as long as the snapshot does, and the links only for a day.
        return [
            {
                "image": f"./image/{self._parts.tokens.sign(place)}",
                "at": place.at,
                "series": episode.native or episode.series,
                "label": label_of(episode),
            }
            for episode, place in self._examples[1]
        ]


def _results(parts: Parts, scenes: Sequence[Scene]) -> State:
    items = []
    for scene in scenes:
        episode = scene.episode
        beside = {
            "native": episode.native,
            "romaji": episode.romaji,
            "english": episode.english,
            "seasonName": episode.season_name,
            "kind": episode.kind,
            "share": parts.shares.sign(scene),
        }
        # Relative links: the page may stand under a prefix that only a proxy knows.
        image, video = links_of(parts, scene, ".")
        items.append({**scene_json(scene, image=image, video=video), **beside})
    return {"state": "results", "weak": not is_found(scenes), "items": items}


def _error(code: str, detail: str = "") -> State:
    return {"state": "error", "code": code, "detail": detail_of(detail) if detail else None}


def _taken(upload: Path) -> bytes:
    try:
        return upload.read_bytes()
    finally:
        upload.unlink(missing_ok=True)
