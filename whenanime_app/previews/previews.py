"""Stills and clips of the places that links point to."""

import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from whenanime_app.errors import GoneError
from whenanime_app.links.preview_links import Place
from whenanime_app.previews.clip_cache import ClipStore, clip_bounds
from whenanime_app.previews.http_video import VideoError
from whenanime_app.previews.video_sources import Videos
from whenanime_app.search.bounded_pool import Workers
from whenanime_app.search.service import Finder
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.pictures import encode_jpeg
from whenanime_pipeline.core.media.previews import preview_gif, preview_mp4
from whenanime_pipeline.core.media.thumbnails import frame_at
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

Size = Literal["s", "m", "l"]
WIDTHS: dict[str, int] = {"s": 160, "m": 320, "l": 640}
"""Pixels across, as trace.moe's sizes."""
GIF_WIDTH = 480
"""A GIF of 5 s is some 3 MB at this width; wider ones are refused by many chats."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as it is sent."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip on disk, and which seconds of its video it shows."""

    path: Path
    media_type: str
    start: float
    end: float


class Previews:
    """Makes stills from the snapshot, or the video for large ones, and clips from the video."""

    def __init__(
        self,
        finder: Finder,
        workers: Workers,
        lookers: Workers,
        store: ClipStore,
        videos: Videos,
    ) -> None:
        """Put the parts together.

        Args:
            finder: knows the snapshot in use.
            workers: where videos are decoded.
            lookers: where stored pictures are read.
            store: keeps clips.
            videos: where the videos are.
        """
        self._finder = finder
        self._workers = workers
        self._lookers = lookers
        self._store = store
        self._videos = videos

    def has_video(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode's video can be had."""
        return self._videos.has(episode)

    async def still(self, place: Place, size: Size) -> Still:
        """Return the picture of a place.

        Raises:
            GoneError: its episode has left the index.
            BusyError: too many are waiting.
        """
        snapshot = await self._finder.snapshot()
        lane = self._workers if size == "l" else self._lookers
        return await lane.run(self._still, snapshot, place, size)

    async def clip(self, place: Place, size: Size, *, mute: bool, gif: bool) -> Clip:
        """Return the moving preview of a place.

        Raises:
            GoneError: its episode has left the index, or its video is not here or unreadable.
            BusyError: too many are waiting.
        """
        snapshot = await self._finder.snapshot()
        return await self._workers.run(self._clip, snapshot, place, size, mute, gif)

    def _still(self, snapshot: Snapshot, place: Place, size: Size) -> Still:
        episode = _episode(snapshot, place)
        if place.frame >= episode.frames:
            raise GoneError("this scene is no longer in the index")
        if size == "l" and self._videos.has(episode):
            # Without the video, the stored picture below shows the same, only smaller.
            with suppress(MediaError, VideoError), self._videos.opened(episode) as video:
                picture = frame_at(video, place.at, long_side=WIDTHS["l"])
                return Still(encode_jpeg(picture), "image/jpeg")
        stored = snapshot.picture(place.content, place.frame)
        if size == "s":
            return Still(_narrow(stored, WIDTHS["s"]), "image/jpeg")
        return Still(stored, snapshot.picture_type)

    def _clip(self, snapshot: Snapshot, place: Place, size: Size, mute: bool, gif: bool) -> Clip:
        episode = _episode(snapshot, place)
        start, end = clip_bounds(place.start, place.at, place.end, episode.duration)
        width = min(WIDTHS[size], GIF_WIDTH) if gif else WIDTHS[size]
        key = f"{episode.fingerprint} {start:.3f} {end:.3f} {width} {mute or gif} {gif}"

        def make() -> bytes:
            with self._videos.opened(episode) as video:
                if gif:
                    return preview_gif(video, start, end, width=width).data
                return preview_mp4(video, start, end, width=width, mute=mute).data

        try:
            path = self._store.get(key, make)
        except MediaError as error:
            raise GoneError("the video of this scene cannot be read") from error
        except VideoError as error:
            raise GoneError(str(error)) from error
        return Clip(path, "image/gif" if gif else "video/mp4", start, end)


def _episode(snapshot: Snapshot, place: Place) -> EpisodeRecord:
    episodes = snapshot.by_content.get(place.content)
    if not episodes:
        raise GoneError("this scene is no longer in the index")
    return episodes[0]


def _narrow(data: bytes, width: int) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((width, width * 4))
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()
