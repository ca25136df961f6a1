"""Extracts the training frames of an indexed episode, once for the same options."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import (
    StoredTrainingFrames,
    TrainingFrame,
    TrainingFramesMetadata,
    TrainingFramesWriter,
    training_frames_file,
)
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import make_thumbnail
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.frame_lookup import decode_frames_at
from whenanime_pipeline.core.media.picture_codec import encode_jpeg
from whenanime_pipeline.core.search.episode_indexing import (
    EpisodeError,
    check_video_unchanged,
    discard_damaged,
)
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.deduplication import perceptual_hash
from whenanime_pipeline.core.search.frames.extraction import Progress
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus


@dataclass(frozen=True, slots=True)
class TrainingFramesResult:
    """Result of extracting an episode's training frames.

    Attributes:
        path: stored file.
        frames: number of stored frames.
        flat: number of flat frames, which are not stored.
        bytes: size of the stored file.
        seconds: time it took; None when they were stored before.
        warnings: warnings to show, a sentence each.
    """

    path: Path
    frames: int
    flat: int
    bytes: int
    seconds: float | None
    warnings: tuple[str, ...]


def has_training_frames(home: Home, status: EpisodeStatus, options: FrameOptions) -> bool:
    """Return whether an episode's training frames are stored undamaged, with these options."""
    target = training_frames_file(home, status.episode.fingerprint)
    return _is_made_with(target, options, status.sampling.id)


def find_prevailing_options(home: Home, statuses: Iterable[EpisodeStatus]) -> FrameOptions:
    """Return the options of most episodes' training frames; the defaults when there are none."""
    found: Counter[FrameOptions] = Counter()
    for status in statuses:
        target = training_frames_file(home, status.episode.fingerprint)
        with suppress(DatasetError), StoredTrainingFrames(target) as stored:
            found[stored.metadata.options] += 1
    return found.most_common(1)[0][0] if found else FrameOptions()


def ensure_training_frames(
    home: Home,
    videos: Path,
    status: EpisodeStatus,
    options: FrameOptions,
    *,
    progress: Progress | None = None,
) -> TrainingFramesResult:
    """Ensure that an episode's training frames are stored with some options.

    Args:
        home: home of the library.
        videos: folder of the videos.
        status: indexed episode.
        options: options of the frames; frames stored with other options are replaced.
        progress: called with the frames read and the frames in all.

    Raises:
        EpisodeError: the episode is not indexed; its video cannot be read, or has changed since it
            was catalogued; or the options leave nothing of it.
        OSError: the home cannot be written to.
    """
    episode = status.episode
    target = training_frames_file(home, episode.fingerprint)
    seconds = None
    with home.lock(f"training-frames-{episode.fingerprint}"):
        if not has_training_frames(home, status, options):
            began = monotonic()
            confirm = partial(check_video_unchanged, videos, episode)
            duration, sketch = _read_index(status)
            confirm()
            try:
                extract_training_frames(
                    videos / episode.path,
                    target,
                    compute_frame_times(duration, options, status.sampling),
                    options,
                    sampling=status.sampling.id,
                    sketch=sketch,
                    reading=status.reading,
                    progress=progress,
                    confirm=confirm,
                )
            except DatasetError as error:
                raise EpisodeError(episode.path, str(error)) from error
            except MediaError as error:
                confirm()  # a video removed while it was read is not damaged
                raise EpisodeError(episode.path, error.reason) from error
            seconds = monotonic() - began
        with StoredTrainingFrames(target) as stored:
            return TrainingFramesResult(
                path=target,
                frames=len(stored),
                flat=stored.metadata.flat,
                bytes=target.stat().st_size,
                seconds=seconds,
                warnings=stored.metadata.warnings,
            )


def compute_frame_times(duration: float, options: FrameOptions, sampling: Sampling) -> list[float]:
    """Return the times of training frames: evenly spread, none at the very edges.

    Parts that the index skips are skipped here too, as only frames in the sketch can be kept from
    both sides of the split.

    Args:
        duration: duration of the video in seconds.
        options: options with the count and the percentages to skip.
        sampling: sampling of the index.

    Raises:
        DatasetError: the options leave nothing of the video.
    """
    start = max(duration * options.head / 100, sampling.skip_start)
    end = duration - max(duration * options.tail / 100, sampling.skip_end)
    if end <= start:
        raise DatasetError(
            f"nothing is left of its {duration:.1f} s between what is skipped at its beginning and"
            " at its end; skip less"
        )
    interval = (end - start) / (options.count + 1)
    return [start + number * interval for number in range(1, options.count + 1)]


def extract_training_frames(
    video: Path,
    target: Path,
    seconds: list[float],
    options: FrameOptions,
    *,
    sampling: str,
    sketch: NDArray[np.uint64],
    reading: FileReading = PLAIN,
    progress: Progress | None = None,
    confirm: Callable[[], None] | None = None,
) -> None:
    """Store the frames of a video at some times, except flat ones.

    Args:
        video: file to read.
        target: file to write; it appears when it is complete.
        seconds: times in seconds, ascending.
        options: options for flat frames and encoding.
        sampling: id of the sampling that the sketch was made with.
        sketch: `(k,)` hashes of the video's distinct pictures.
        reading: how the video is read.
        progress: called with the frames read and the frames in all.
        confirm: called when all frames are read; an error it raises discards the file.

    Raises:
        MediaError: the video cannot be read, or shows no picture at any of the seconds.
        OSError: the target cannot be written.
    """
    read = flat = 0
    with TrainingFramesWriter(target) as writer:
        for sample in decode_frames_at(
            video, seconds, long_side=options.long_side, reading=reading
        ):
            read += 1
            if _deviation(sample.picture) < options.flat:
                flat += 1
            else:
                small = make_thumbnail(sample.picture)
                encoded = encode_jpeg(sample.picture, quality=options.quality)
                writer.add(TrainingFrame(encoded, sample.time, small, perceptual_hash(small)))
            if progress is not None:
                progress(read, len(seconds))
        if not read:
            raise MediaError(video, MediaMessage.NO_TRAINING_FRAMES())
        lost = len(seconds) - read
        warnings = (f"{lost} of {len(seconds)} frames could not be decoded",) if lost else ()
        writer.finish(TrainingFramesMetadata(options, sampling, flat, warnings), sketch)
        if confirm is not None:
            confirm()


def _deviation(picture: NDArray[np.uint8]) -> float:
    """Return the standard deviation of a picture's gray levels."""
    _, deviation = cv2.meanStdDev(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return float(deviation[0, 0])


def _is_made_with(target: Path, options: FrameOptions, sampling: str) -> bool:
    """Return whether a file is undamaged and made with these options."""
    try:
        with StoredTrainingFrames(target) as stored:
            return stored.metadata.options == options and stored.metadata.sampling == sampling
    except DatasetError:
        return False


def _read_index(status: EpisodeStatus) -> tuple[float, NDArray[np.uint64]]:
    """Return the duration of an episode and the hashes of its distinct pictures.

    Raises:
        EpisodeError: it is not indexed, or its stored frames are damaged.
    """
    path = status.episode.path
    if not status.frames_file.exists():
        reason = status.failure or "not indexed yet; materialise its frames first (whenanime index)"
        raise EpisodeError(path, reason)
    try:
        with FramesFile(status.frames_file) as frames:
            return frames.report.duration, np.unique(frames.hashes())
    except FramesError as error:
        raise discard_damaged(status.frames_file, path, error) from error
