"""Indexes one episode: its frames and features, computed once however many processes ask.

Two processes may be at the same library. A lock on the content lets one do the work, while the
other waits for it and finds it done.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from time import monotonic

from whenanime_pipeline.core.home import Home, name_skipped
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.library.errors import FingerprintError
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.film_reading import probe_film
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.stored_embeddings import (
    extract_embeddings,
    has_valid_embeddings,
)
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.extraction import Progress, extract_frames
from whenanime_pipeline.core.search.frames.failure_notes import read_failure, write_failure
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, FramesReport
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.stored import (
    VideoFeatures,
    read_local_features,
    write_local_features,
)
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.status import EpisodeStatus


class EpisodeError(Exception):
    """One episode cannot be indexed; `reason` says why, without the path."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FramesResult:
    """Result of ensuring an episode's frames.

    Attributes:
        report: counts, seconds and warnings.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
    """

    report: FramesReport
    bytes: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class LocalFeaturesResult:
    """Result of ensuring an episode's local features.

    Attributes:
        keyframes: key frames described.
        features: of all of them.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
    """

    keyframes: int
    features: int
    bytes: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FeaturesResult:
    """Result of ensuring an episode's features.

    Attributes:
        rows: frames embedded.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
        local: result for its local features.
    """

    rows: int
    bytes: int
    seconds: float | None
    local: LocalFeaturesResult


def ensure_frames(
    home: Home, videos: Path, status: EpisodeStatus, *, progress: Progress | None = None
) -> FramesResult:
    """Ensure that an episode's frames are stored.

    Args:
        home: of the library.
        videos: the folder of the videos.
        status: the episode and where its files belong.
        progress: receives the second reached and the duration.

    Raises:
        EpisodeError: its video cannot be read, now or when it was tried before; or it is no
            longer the file that the catalogue knows.
        OSError: the home cannot be written to.
    """
    target, path = status.frames_file, status.episode.path
    seconds = None
    with home.lock(f"frames-{status.sampling.id}-{status.episode.fingerprint}"):
        if not target.exists():
            reason = read_failure(status.failure_file)
            if reason is not None:
                raise EpisodeError(path, reason.text)
            began = monotonic()
            confirm = partial(check_video_unchanged, videos, status.episode)
            confirm()
            try:
                check_parts(videos, status)
                extract_frames(
                    videos / path,
                    target,
                    status.sampling,
                    skipped=home.frames_file(
                        status.sampling.id, name_skipped(status.episode.fingerprint)
                    ),
                    reading=status.reading,
                    progress=progress,
                    confirm=confirm,
                )
            except MediaError as error:
                confirm()  # what was taken away while it was read is not broken
                write_failure(status.failure_file, error.message)
                raise EpisodeError(path, error.reason) from error
            seconds = monotonic() - began
    try:
        with FramesFile(target) as frames:
            return FramesResult(frames.report, target.stat().st_size, seconds)
    except FramesError as error:
        raise discard_damaged(target, path, error) from error


def ensure_features(
    home: Home,
    status: EpisodeStatus,
    embedder: Embedder,
    *,
    progress: Progress | None = None,
    local_progress: Progress | None = None,
) -> FeaturesResult:
    """Ensure that the features of an episode with stored frames are stored too.

    Local features come from no model, and are made once for all of them.

    Args:
        home: of the library.
        status: the episode and where its files belong.
        embedder: the model whose features are asked for.
        progress: receives the frames done and of all.
        local_progress: receives the keyframes done and of all.

    Raises:
        EpisodeError: its stored frames are damaged; they are taken away, to be made again.
        OSError: the home cannot be written to.
    """
    target, path = status.features_file, status.episode.path
    seconds = None
    name = f"features-{embedder.model_id}-{status.sampling.id}-{status.episode.fingerprint}"
    with home.lock(name):
        try:
            with FramesFile(status.frames_file) as frames:
                if not target.exists() or not has_valid_embeddings(target, len(frames)):
                    began = monotonic()
                    extract_embeddings(frames, target, embedder, progress=progress)
                    seconds = monotonic() - began
                size = target.stat().st_size
                local = _ensure_local(home, status, frames, local_progress)
                return FeaturesResult(len(frames), size, seconds, local)
        except FramesError as error:
            raise discard_damaged(status.frames_file, path, error) from error


def _ensure_local(
    home: Home, status: EpisodeStatus, frames: FramesFile, progress: Progress | None
) -> LocalFeaturesResult:
    target, seconds = status.local_file, None
    # Named after its place, which says how it is made and of what.
    with home.lock("-".join(("local", *target.with_suffix("").parts[-3:]))):
        stored = _read_local(target, len(frames))
        if stored is None:
            began = monotonic()
            stored = extract_local_features(frames, Vocabulary.load(), progress=progress)
            write_local_features(target, stored)
            seconds = monotonic() - began
    return LocalFeaturesResult(len(stored.frames), len(stored), target.stat().st_size, seconds)


def _read_local(path: Path, frames: int) -> VideoFeatures | None:
    """Return the local features that are there; None when they are missing or damaged."""
    try:
        return read_local_features(path, frames)
    except FramesError:
        return None


def check_video_unchanged(videos: Path, episode: Episode) -> None:
    """Make sure that a file is still the one whose fingerprint its frames are stored under.

    Hours may lie between the look at the folder and the reading: a file can be replaced, or its
    disk taken away, and what was read of it would then stand under another one's name for good.

    Args:
        videos: the folder of the videos.
        episode: as it is catalogued.

    Raises:
        EpisodeError: it is another file, or cannot be read.
    """
    for file in episode.files:
        try:
            found = fingerprint_file(videos, file.state)
        except FingerprintError as error:
            raise EpisodeError(file.path, error.reason) from error
        if found != file.fingerprint:
            raise EpisodeError(file.path, "changed while it was being indexed; index again")


def check_parts(videos: Path, status: EpisodeStatus) -> None:
    """Make sure that all files of a film in several can be played.

    Raises:
        MediaError: one of them is no video; the message names it.
        EpisodeError: one of them could not be read before, and can be now.
    """
    read = {part.number for part in status.reading.parts}
    unread = [file for number, file in enumerate(status.episode.parts, 1) if number not in read]
    for file in unread:
        try:
            probe_film([videos / file.path], lambda _: None)
        except MediaError as error:
            name = PurePosixPath(file.path).name
            message = MediaMessage.FILM_PART(file=name, why=error.message)
            raise MediaError(videos / status.episode.path, message) from error
    if unread:
        raise EpisodeError(unread[0].path, "could not be read at first; index again")


def discard_damaged(damaged: Path, path: str, error: FramesError) -> EpisodeError:
    """Delete a damaged file of ours, so that the next run makes it again.

    Args:
        damaged: stored frames.
        path: of the episode's video.
        error: what was found.

    Returns:
        The error to report for the episode.
    """
    damaged.unlink(missing_ok=True)
    return EpisodeError(path, f"its stored data was damaged; index again to renew it ({error})")
