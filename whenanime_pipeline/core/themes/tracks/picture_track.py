"""Makes the picture track of an episode from its stored frames and their embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.frames.shot_boundaries import count_changed_bits
from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP, PictureTrack
from whenanime_pipeline.core.themes.tracks.shown_frames import find_shown_runs

CUT_LIKENESS = 0.6
"""Cosine of consecutive frames' embeddings below which there may be a cut: of 2,283 changes in five
minutes of film, 77 are below 0.6, of them 74 below 0.5, and 7 lie between 0.6 and 0.7."""
CUT_HASH_BITS = 16
"""Bits of consecutive hashes that must differ as well: fewer than 16 do when a mouth moves."""
_LONGEST_STEP = 1.5
"""Steps of sampling over which a change has no place, as in deduplication."""


@dataclass(frozen=True, slots=True)
class FramePart:
    """Distinct frames of a part of a content, as they are stored.

    Attributes:
        frames: `(runs,)`, ordinal of the frame of each time run.
        starts: `(runs,)`, second of the first sample of each run.
        ends: `(runs,)`, second of the last sample of each run.
        hashes: `(frames,)`, perceptual hashes.
        vectors: `(frames, dimension)`, embeddings of unit length.
        is_flat: `(frames,)`, whether a frame shows next to nothing.
    """

    frames: NDArray[np.int64]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    vectors: Vectors
    is_flat: NDArray[np.bool_]


def make_picture_track(parts: Sequence[FramePart], *, fps: float, duration: float) -> PictureTrack:
    """Return the track of a content.

    Args:
        parts: what is indexed of it and what is not; at least one.
        fps: samples per second that the frames were found among.
        duration: length of the content in seconds.
    """
    firsts = np.cumsum([0, *(len(part.hashes) for part in parts)])
    frames = np.concatenate([part.frames + at for part, at in zip(parts, firsts, strict=False)])
    starts = np.concatenate([part.starts for part in parts])
    ends = np.concatenate([part.ends for part in parts])
    order = np.argsort(starts, kind="stable")
    frames, starts, ends = frames[order], starts[order], ends[order]
    hashes = np.concatenate([part.hashes for part in parts])
    vectors = np.concatenate([part.vectors for part in parts]).astype(np.float32, copy=False)
    return PictureTrack(
        frames=_find_shown(frames, starts, ends, 1 / fps, duration),
        vectors=vectors,
        hashes=hashes,
        is_flat=np.concatenate([part.is_flat for part in parts]),
        cuts=_find_cuts(starts, ends, _LONGEST_STEP / fps, hashes[frames], vectors, frames),
    )


def _find_shown(
    frames: NDArray[np.int64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    step: float,
    duration: float,
) -> NDArray[np.int32]:
    """Return the frame on screen in each row of the grid; -1 for none.

    Args:
        frames: `(runs,)`, frame of each run, in order of time.
        starts: `(runs,)`, second of its first sample.
        ends: `(runs,)`, second of its last sample.
        step: seconds from one sample to the next.
        duration: length of the content in seconds.
    """
    count = ceil(round(duration / PICTURE_HOP, 6))
    seconds = (np.arange(count, dtype=np.float64) + 0.5) * PICTURE_HOP
    runs = find_shown_runs(starts, ends, seconds, step=step)
    return np.append(frames, -1)[runs].astype(np.int32)


def _find_cuts(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    longest: float,
    hashes: NDArray[np.uint64],
    vectors: Vectors,
    frames: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the seconds at which the picture changes as a whole.

    Args:
        starts: `(runs,)`, second of the first sample of each run, in order of time.
        ends: `(runs,)`, second of its last sample.
        longest: seconds between samples over which a change has no place.
        hashes: `(runs,)`, hash of each run's frame.
        vectors: `(frames, dimension)`, embeddings.
        frames: `(runs,)`, row of `vectors` of each run.
    """
    if len(frames) < 2:
        return np.empty(0, np.float64)
    likeness = np.einsum("ij,ij->i", vectors[frames[1:]], vectors[frames[:-1]])
    is_cut = (
        (likeness < CUT_LIKENESS)
        & (count_changed_bits(hashes) >= CUT_HASH_BITS)
        & (starts[1:] - ends[:-1] <= longest)
    )
    found: NDArray[np.float64] = starts[1:][is_cut]
    return found
