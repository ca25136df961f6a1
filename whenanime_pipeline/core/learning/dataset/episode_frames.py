"""Reads the training frames of all episodes, without their pictures, for the split."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.frame_reading import open_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import training_frames_file
from whenanime_pipeline.core.search.status import EpisodeStatus


@dataclass(frozen=True, slots=True)
class EpisodeFrames:
    """The training frames of one episode, without their pictures.

    Attributes:
        fingerprint: fingerprint of its video.
        key: key in the catalogue.
        path: path of its video.
        options: options that the frames were made with.
        flat: number of flat frames, which are not stored.
        digests: `n` digests of the frames.
        seconds: `(n,)` times in seconds.
        thumbnails: `(n, 36, 64)` gray thumbnails.
        hashes: `(n,)` perceptual hashes.
        sketch: `(k,)` hashes of all distinct pictures of the video.
        outdated: whether the video has been indexed with another sampling since.
    """

    fingerprint: str
    key: str
    path: str
    options: FrameOptions
    flat: int
    digests: Sequence[str]
    seconds: NDArray[np.float64]
    thumbnails: NDArray[np.uint8]
    hashes: NDArray[np.uint64]
    sketch: NDArray[np.uint64]
    outdated: bool = False

    def __len__(self) -> int:
        return len(self.digests)


@dataclass(frozen=True, slots=True)
class CollectedFrames:
    """Frames to split.

    Attributes:
        episodes: episodes with training frames, each content once.
        missing: paths of the episodes without training frames.
    """

    episodes: tuple[EpisodeFrames, ...]
    missing: tuple[str, ...]


def collect_frames(home: Home, statuses: Iterable[EpisodeStatus]) -> CollectedFrames:
    """Read the stored training frames of some episodes.

    Raises:
        DatasetError: a file is damaged; the message says what to do.
    """
    episodes: dict[str, EpisodeFrames] = {}
    missing: list[str] = []
    for status in sorted(statuses, key=lambda status: status.episode.key):
        fingerprint = status.episode.fingerprint
        if fingerprint in episodes:
            continue
        if training_frames_file(home, fingerprint).exists():
            episodes[fingerprint] = _read(home, status)
        else:
            missing.append(status.episode.path)
    return CollectedFrames(tuple(episodes.values()), tuple(missing))


def _read(home: Home, status: EpisodeStatus) -> EpisodeFrames:
    episode = status.episode
    with open_frames(training_frames_file(home, episode.fingerprint)) as stored:
        return EpisodeFrames(
            fingerprint=episode.fingerprint,
            key=episode.key,
            path=episode.path,
            options=stored.metadata.options,
            flat=stored.metadata.flat,
            digests=stored.digests,
            seconds=stored.seconds,
            thumbnails=stored.thumbnails,
            hashes=stored.hashes,
            sketch=stored.sketch,
            outdated=stored.metadata.sampling != status.sampling.id,
        )
