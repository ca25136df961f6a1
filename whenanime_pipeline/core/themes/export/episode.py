"""What the formats are written from."""

from collections.abc import Iterable
from dataclasses import dataclass

from whenanime_pipeline.core.themes.segments import Segment, SegmentType


@dataclass(frozen=True, slots=True)
class ExportedEpisode:
    """An episode with its themes.

    Attributes:
        key: key of the episode.
        path: path of the video relative to the videos folder, with `/`.
        duration: seconds of the video.
        segments: its segments in order of time.
        is_in_parts: whether it is a film of several files or a title of a disc: its times are not
            those of the one file that it stands under.
    """

    key: str
    path: str
    duration: float
    segments: tuple[Segment, ...]
    is_in_parts: bool = False


def select_skippable(
    segments: Iterable[Segment], types: Iterable[SegmentType], *, keep_first: bool = False
) -> list[Segment]:
    """Return the segments that a player may skip without asking.

    Args:
        segments: segments of an episode.
        types: types to skip.
        keep_first: whether the first appearance of a template in its season is played.
    """
    chosen = frozenset(types)
    return [
        one
        for one in segments
        if one.is_skippable and one.type in chosen and not (keep_first and one.is_first)
    ]
