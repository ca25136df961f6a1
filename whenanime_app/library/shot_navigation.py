"""Finds the scene at a second of an episode, and the scenes before and after it."""

from bisect import bisect_right
from typing import NamedTuple

from whenanime_app.library.library_json import locate_frame
from whenanime_app.links.preview_links import FrameRef
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot


class ShotPosition(NamedTuple):
    """A second with its scene, and whether there is another scene before and after."""

    frame_ref: FrameRef
    is_first: bool
    is_last: bool


def find_shot(snapshot: Snapshot, episode: EpisodeRecord, second: float, step: int) -> ShotPosition:
    """Return the scene at a second, or the one `step` scenes from it.

    Args:
        snapshot: snapshot that holds the episode.
        episode: episode to search.
        second: seconds; clamped to the episode.
        step: number of scenes later, or earlier when negative; clamped to the first and last scene.

    Raises:
        LookupError: no frame of the episode is stored.
        FramesError: a stored file is damaged.
    """
    shots = snapshot.shots(episode.content)
    if not shots:
        raise LookupError("no frame is stored of this content")
    here = max(0, bisect_right([shot.start for shot in shots], second) - 1)
    there = min(max(here + step, 0), len(shots) - 1)
    shot = shots[there]
    if step:
        place = FrameRef(episode.content, shot.frame, shot.start, shot.at, shot.end)
    else:
        shown = locate_frame(snapshot, episode, second)
        # Between two samples, the first one is still on screen.
        start, end = min(shot.start, shown.at), max(shot.end, shown.at)
        place = FrameRef(episode.content, shown.frame, start, shown.at, end)
    return ShotPosition(place, is_first=there == 0, is_last=there == len(shots) - 1)
