"""Makes the stills and clips that preview links point to."""

import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from whenanime_app.errors import GoneError
from whenanime_app.links.preview_links import FrameRef
from whenanime_app.previews.clip_cache import ClipCache, compute_clip_bounds
from whenanime_app.previews.http_video import VideoUnavailableError
from whenanime_app.previews.video_sources import VideoSources
from whenanime_app.search.bounded_pool import BoundedExecutor
from whenanime_app.search.service import SearchService
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_reading import PLAIN, parse_stored_reading
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_jpeg
from whenanime_pipeline.core.media.previews import cut_gif_preview, cut_mp4_preview
from whenanime_pipeline.core.media.stored_stills import (
    correct_stored_frame,
    is_stored_otherwise,
)
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

PreviewSize = Literal["s", "m", "l"]
PREVIEW_WIDTHS: dict[str, int] = {"s": 160, "m": 320, "l": 640}
"""Widths in pixels of trace.moe's sizes."""
MAX_GIF_WIDTH = 480
"""Pixels. A GIF of 5 s takes some 3 MB at this width; many chats refuse larger ones."""


@dataclass(frozen=True, slots=True)
class Still:
    """An encoded picture.

    Attributes:
        data: bytes of the file.
        media_type: MIME type.
    """

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip on disk.

    Attributes:
        path: file of the clip.
        media_type: MIME type.
        start: start of the clip in its video, seconds.
        end: end of the clip in its video, seconds.
    """

    path: Path
    media_type: str
    start: float
    end: float


class PreviewService:
    """Makes stills from the snapshot (large ones from the video) and clips from the video."""

    def __init__(
        self,
        search_service: SearchService,
        preview_executor: BoundedExecutor,
        read_executor: BoundedExecutor,
        clip_cache: ClipCache,
        video_sources: VideoSources,
    ) -> None:
        """Make the service.

        Args:
            search_service: provider of the snapshot in use.
            preview_executor: threads that decode videos.
            read_executor: threads that read stored frames.
            clip_cache: cache of clips.
            video_sources: videos of the library.
        """
        self._search_service = search_service
        self._preview_executor = preview_executor
        self._read_executor = read_executor
        self._clip_cache = clip_cache
        self._video_sources = video_sources

    def has_video(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode's video is available."""
        return self._video_sources.has_video(episode)

    async def make_still(self, frame_ref: FrameRef, size: PreviewSize) -> Still:
        """Return the still of a frame.

        Args:
            frame_ref: reference to the frame.
            size: one of trace.moe's sizes.

        Raises:
            GoneError: the episode has left the index.
            BusyError: too many requests are waiting.
        """
        snapshot = await self._search_service.get_snapshot()
        executor = self._preview_executor if size == "l" else self._read_executor
        return await executor.run(self._make_still, snapshot, frame_ref, size)

    async def make_clip(
        self, frame_ref: FrameRef, size: PreviewSize, *, mute: bool, gif: bool
    ) -> Clip:
        """Return the clip around a frame.

        Args:
            frame_ref: reference to the frame and its scene.
            size: one of trace.moe's sizes.
            mute: whether to leave out the sound.
            gif: whether to make a GIF instead of an MP4.

        Raises:
            GoneError: the episode has left the index, or its video is missing or unreadable.
            BusyError: too many requests are waiting.
        """
        snapshot = await self._search_service.get_snapshot()
        return await self._preview_executor.run(
            self._make_clip, snapshot, frame_ref, size, mute, gif
        )

    def _make_still(self, snapshot: Snapshot, frame_ref: FrameRef, size: PreviewSize) -> Still:
        episode = _find_episode(snapshot, frame_ref)
        if frame_ref.frame >= episode.frames:
            raise GoneError("this scene is no longer in the index")
        reading = parse_stored_reading(episode.reading)
        if size == "l" and self._video_sources.has_video(episode):
            # Without the video, the stored frame below shows the same, only smaller.
            with (
                suppress(MediaError, VideoUnavailableError),
                self._video_sources.open_video(episode) as video,
            ):
                picture = decode_frame_at(
                    video, frame_ref.at, long_side=PREVIEW_WIDTHS["l"], reading=reading
                )
                return Still(encode_jpeg(picture), "image/jpeg")
        stored = snapshot.picture(frame_ref.content, frame_ref.frame)
        media_type = snapshot.picture_type
        if is_stored_otherwise(reading):
            shown = correct_stored_frame(decode_stored_frame(stored), reading)
            stored, media_type = encode_jpeg(shown), "image/jpeg"
        if size == "s":
            return Still(_shrink_still(stored, PREVIEW_WIDTHS["s"]), "image/jpeg")
        return Still(stored, media_type)

    def _make_clip(
        self, snapshot: Snapshot, frame_ref: FrameRef, size: PreviewSize, mute: bool, gif: bool
    ) -> Clip:
        episode = _find_episode(snapshot, frame_ref)
        start, end = compute_clip_bounds(
            frame_ref.start, frame_ref.at, frame_ref.end, episode.duration
        )
        width = min(PREVIEW_WIDTHS[size], MAX_GIF_WIDTH) if gif else PREVIEW_WIDTHS[size]
        reading = parse_stored_reading(episode.reading)
        key = f"{episode.fingerprint} {start:.3f} {end:.3f} {width} {mute or gif} {gif}"
        if reading != PLAIN:
            key += f" {episode.reading}"

        def make() -> bytes:
            with self._video_sources.open_video(episode) as video:
                if gif:
                    return cut_gif_preview(video, start, end, width=width, reading=reading).data
                return cut_mp4_preview(
                    video, start, end, width=width, mute=mute, reading=reading
                ).data

        try:
            path = self._clip_cache.get_or_create(key, make)
        except MediaError as error:
            raise GoneError("the video of this scene cannot be read") from error
        except VideoUnavailableError as error:
            raise GoneError(str(error)) from error
        return Clip(path, "image/gif" if gif else "video/mp4", start, end)


def _find_episode(snapshot: Snapshot, frame_ref: FrameRef) -> EpisodeRecord:
    episodes = snapshot.episodes_by_content.get(frame_ref.content)
    if not episodes:
        raise GoneError("this scene is no longer in the index")
    return episodes[0]


def _shrink_still(data: bytes, width: int) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        picture.thumbnail((width, width * 4))
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()
