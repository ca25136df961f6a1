"""Opens an episode's video from a local folder, or else below a web address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whenanime_app.previews.http_video import HttpVideoRoot, VideoUnavailableError
from whenanime_pipeline.core.media.video import Source
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord


class VideoSources:
    """The videos of a library, for reading."""

    def __init__(self, folder: Path | None = None, remote: HttpVideoRoot | None = None) -> None:
        """Set the sources.

        Args:
            folder: local folder of videos; None without one.
            remote: web folder with the videos that the local folder lacks; None without one.
        """
        self._folder = folder.resolve() if folder else None
        self._remote = remote

    def has_video(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode's video may be available; no request is sent."""
        return self._find_path(episode) is not None or (
            self._remote is not None and self._remote.may_have(episode.path)
        )

    @contextmanager
    def open_video(self, episode: EpisodeRecord) -> Iterator[Source]:
        """Yield an episode's video for reading.

        Raises:
            VideoUnavailableError: the video cannot be read; also raised by reads in the block.
        """
        path = self._find_path(episode)
        if path is not None:
            yield path
        elif self._remote is not None:
            with self._remote.open(episode.path) as file:
                yield file
        else:
            raise VideoUnavailableError("the video of this scene is not on this server")

    def close(self) -> None:
        """Close connections to the web server."""
        if self._remote is not None:
            self._remote.close()

    def _find_path(self, episode: EpisodeRecord) -> Path | None:
        if self._folder is None:
            return None
        path = (self._folder / episode.path).resolve()
        # Snapshots may come from elsewhere: paths outside the folder are treated as missing.
        return path if path.is_relative_to(self._folder) and path.is_file() else None
