"""One episode's work: its frames and features, done once, whoever asks and however often.

Two processes may be at the same library. A lock on the content lets one do the work, while the
other waits for it and finds it done.
"""

from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.search.embedder import Embedder
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.extract import (
    Progress,
    extract_frames,
    note_failure,
    read_failure,
)
from whenanime_pipeline.core.search.features import count_rows, extract_features
from whenanime_pipeline.core.search.frames import FramesFile, FramesReport
from whenanime_pipeline.core.search.status import EpisodeStatus


class EpisodeError(Exception):
    """One episode cannot be indexed; `reason` says why, without the path."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FramesDone:
    """What became of an episode's frames.

    Attributes:
        report: counts, seconds and warnings.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
    """

    report: FramesReport
    bytes: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FeaturesDone:
    """What became of an episode's features.

    Attributes:
        rows: frames embedded.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
    """

    rows: int
    bytes: int
    seconds: float | None


def bring_frames(
    home: Home, videos: Path, status: EpisodeStatus, *, progress: Progress | None = None
) -> FramesDone:
    """See to it that an episode's frames are stored.

    Args:
        home: of the library.
        videos: the folder of the videos.
        status: the episode and where its files belong.
        progress: told the second reached and the seconds there are.

    Raises:
        EpisodeError: its video cannot be read, now or when it was tried before.
        OSError: the home cannot be written to.
    """
    target, path = status.frames_file, status.episode.path
    seconds = None
    with home.lock(f"frames-{status.sampling.id}-{status.episode.fingerprint}"):
        if not target.exists():
            reason = read_failure(status.failure_file)
            if reason is not None:
                raise EpisodeError(path, reason)
            began = monotonic()
            try:
                extract_frames(videos / path, target, status.sampling, progress=progress)
            except MediaError as error:
                if _is_whole(videos / path, status.episode.size):
                    note_failure(status.failure_file, error.reason)
                raise EpisodeError(path, error.reason) from error
            seconds = monotonic() - began
    try:
        with FramesFile(target) as frames:
            return FramesDone(frames.report, target.stat().st_size, seconds)
    except FramesError as error:
        raise _to_be_done_again(target, path, error) from error


def bring_features(
    home: Home, status: EpisodeStatus, embedder: Embedder, *, progress: Progress | None = None
) -> FeaturesDone:
    """See to it that the features of an episode whose frames are stored are stored too.

    Args:
        home: of the library.
        status: the episode and where its files belong.
        embedder: the model whose features are asked for.
        progress: told the frames done and the frames there are.

    Raises:
        EpisodeError: its stored frames are damaged; they are taken away, to be made again.
        OSError: the home cannot be written to.
    """
    target, path = status.features_file, status.episode.path
    seconds = None
    name = f"features-{embedder.model_id}-{status.sampling.id}-{status.episode.fingerprint}"
    with home.lock(name):
        if not target.exists():
            began = monotonic()
            try:
                with FramesFile(status.frames_file) as frames:
                    extract_features(frames, target, embedder, progress=progress)
            except FramesError as error:
                raise _to_be_done_again(status.frames_file, path, error) from error
            seconds = monotonic() - began
    try:
        return FeaturesDone(count_rows(target), target.stat().st_size, seconds)
    except FramesError as error:
        raise _to_be_done_again(target, path, error) from error


def _is_whole(video: Path, size: int) -> bool:
    """Tell whether it is the file that is bad, and not the way to it: a disk can be taken away."""
    try:
        with video.open("rb") as file:
            return bool(file.read(1)) and file.seek(0, SEEK_END) == size
    except OSError:
        return False


def _to_be_done_again(damaged: Path, path: str, error: FramesError) -> EpisodeError:
    """Take a damaged file of ours away, so that the next run makes it anew."""
    damaged.unlink(missing_ok=True)
    return EpisodeError(path, f"its stored data was damaged; index again to renew it ({error})")
