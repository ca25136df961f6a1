"""From an indexed episode to its training frames, done once, whoever asks and however often."""

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

from whenanime_pipeline.core.files import atomic_write
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
    """What became of an episode's training frames.

    Attributes:
        path: of the stored file.
        frames: stored.
        flat: left out for showing nothing.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
        warnings: what a person should know, a sentence each.
    """

    path: Path
    frames: int
    flat: int
    bytes: int
    seconds: float | None
    warnings: tuple[str, ...]


def has_training_frames(home: Home, status: EpisodeStatus, options: FrameOptions) -> bool:
    """Tell whether an episode's training frames are stored, whole, and made with these options."""
    target = training_frames_file(home, status.episode.fingerprint)
    return _is_made_with(target, options, status.sampling.id)


def find_prevailing_options(home: Home, statuses: Iterable[EpisodeStatus]) -> FrameOptions:
    """Return the options that most episodes' training frames were made with; else the defaults."""
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
    """See to it that an episode's training frames are stored, made with some options.

    Args:
        home: of the library.
        videos: the folder of the videos.
        status: the episode, indexed.
        options: which frames; those stored with other ones are replaced.
        progress: told the frames read and the frames there are.

    Raises:
        EpisodeError: it is not indexed; its video cannot be read, or is no longer the one that
            the catalogue knows; or the options leave nothing of it.
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
                    progress=progress,
                    confirm=confirm,
                )
            except DatasetError as error:
                raise EpisodeError(episode.path, str(error)) from error
            except MediaError as error:
                confirm()  # what was taken away while it was read is not broken
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
    """Return the seconds that are looked at: evenly spread, none at the very edges.

    What the index leaves out of a video is left out here too: only what is in its sketch can be
    kept from standing on both sides of the split.

    Args:
        duration: seconds the video lasts.
        options: how many, and percent left out.
        sampling: how the video is indexed.

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
    progress: Progress | None = None,
    confirm: Callable[[], None] | None = None,
) -> None:
    """Store the pictures shown at some seconds of a video, but for flat ones.

    Args:
        video: the file to read.
        target: the file to write; it appears only when it is whole.
        seconds: ascending.
        options: what is flat, how pictures are encoded.
        sampling: id of the way of sampling whose frames the sketch is of.
        sketch: `(k,)` hashes of the video's distinct pictures.
        progress: told the frames read and the frames there are.
        confirm: called when all is read; what it raises keeps the file from appearing.

    Raises:
        MediaError: the video cannot be read, or shows no picture at any of the seconds.
        OSError: the target cannot be written.
    """
    read = flat = 0
    with atomic_write(target) as part, TrainingFramesWriter(part) as writer:
        for sample in decode_frames_at(video, seconds, long_side=options.long_side):
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
    """Return the deviation of a picture's gray levels."""
    _, deviation = cv2.meanStdDev(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return float(deviation[0, 0])


def _is_made_with(target: Path, options: FrameOptions, sampling: str) -> bool:
    """Tell whether a file is there, whole, and what these options would make."""
    try:
        with StoredTrainingFrames(target) as stored:
            return stored.metadata.options == options and stored.metadata.sampling == sampling
    except DatasetError:
        return False


def _read_index(status: EpisodeStatus) -> tuple[float, NDArray[np.uint64]]:
    """Return the seconds an episode lasts and the hashes of its distinct pictures.

    Raises:
        EpisodeError: it is not indexed, or its stored frames are damaged.
    """
    path = status.episode.path
    if not status.frames_file.exists():
        reason = status.failure or "not indexed yet; materialise its frames first (whenanime index)"
        raise EpisodeError(path, reason)
    try:
        with FramesFile(status.frames_file) as frames:
            hashes = [batch.column(1).to_numpy() for batch in frames.batches()]
            return frames.report.duration, np.unique(np.concatenate(hashes))
    except FramesError as error:
        raise discard_damaged(status.frames_file, path, error) from error
