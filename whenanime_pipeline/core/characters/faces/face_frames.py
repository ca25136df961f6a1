"""Selects the stored frames in which faces are looked for."""

from typing import NamedTuple

import numpy as np

from whenanime_pipeline.core.search.frames.shot_boundaries import detect_shots
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile

CODE_VERSION = 1
"""Incremented whenever other frames are selected."""
INTERVAL = 1.0
"""Seconds from one look to the next within a shot."""


class FaceFrame(NamedTuple):
    """A frame to look at; one that is held is looked at once a shot."""

    shot: int
    frame: int
    """Ordinal among the stored frames."""
    second: float
    """When it is on screen."""


def select_face_frames(frames: FramesFile) -> list[FaceFrame]:
    """Return the key frame of every shot and one frame a second, in order of time.

    Args:
        frames: stored frames of a video.
    """
    ordinals, starts, ends = frames.read_time_runs()
    order = np.argsort(starts, kind="stable")
    ordinals, starts, ends = ordinals[order], starts[order], ends[order]
    chosen: list[FaceFrame] = []
    for number, shot in enumerate(detect_shots(ordinals, starts, ends, frames.hashes())):
        looks = {shot.frame: shot.at}
        for second in np.arange(np.ceil(shot.start / INTERVAL) * INTERVAL, shot.end, INTERVAL):
            run = int(np.searchsorted(starts, second, side="right")) - 1
            if run >= 0:
                looks.setdefault(int(ordinals[run]), float(second))
        shown = sorted(looks.items(), key=lambda look: look[1])
        chosen += [FaceFrame(number, frame, second) for frame, second in shown]
    return chosen
