"""Makes the text track of an episode from its stored frames, near its beginning and end."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, read_picture
from whenanime_pipeline.core.themes.tracks.episode_tracks import TEXT_HOP, TextTrack
from whenanime_pipeline.core.themes.tracks.shown_frames import find_shown_runs

TEXT_REACH = 360.0
"""Seconds at the beginning and at the end that are sampled: credits lie there."""
MeasureShare = Callable[[NDArray[np.uint8]], float]
"""Returns the share of an RGB picture `(height, width, 3)` that is text."""


def make_text_track(
    parts: Sequence[FramesFile], measure: MeasureShare, *, fps: float, duration: float
) -> TextTrack:
    """Return the track of a content; its video is not opened.

    Args:
        parts: its stored frames, what is indexed and what is not.
        measure: the detector. A frame on screen at several samples is measured once.
        fps: samples per second that the frames were found among.
        duration: length of the content in seconds.

    Raises:
        FramesError: a stored frame cannot be decoded.
    """
    shown: dict[float, tuple[int, int]] = {}
    wanted = choose_seconds(duration)
    for number, part in enumerate(parts):
        for second, frame in _find_shown(part, wanted, 1 / fps):
            shown[second] = number, frame
    shares = {
        place: measure(read_picture(parts[place[0]], place[1])) for place in set(shown.values())
    }
    seconds = sorted(shown)
    return TextTrack(
        seconds=np.array(seconds, np.float64),
        share=np.array([shares[shown[second]] for second in seconds], np.float32),
    )


def choose_seconds(duration: float) -> NDArray[np.float64]:
    """Return the seconds to sample: every `TEXT_HOP` near the beginning and the end."""
    seconds = np.arange(TEXT_HOP / 2, duration, TEXT_HOP)
    return seconds[(seconds < TEXT_REACH) | (seconds >= duration - TEXT_REACH)]


def _find_shown(
    frames: FramesFile, seconds: NDArray[np.float64], step: float
) -> list[tuple[float, int]]:
    """Return the frame on screen at each second, without the seconds at which there is none."""
    ordinals, starts, ends = frames.read_time_runs()
    order = np.argsort(starts, kind="stable")
    runs = find_shown_runs(starts[order], ends[order], seconds, step=step)
    is_shown = runs >= 0
    shown = ordinals[order][runs[is_shown]]
    return list(zip(seconds[is_shown].tolist(), shown.tolist(), strict=True))
