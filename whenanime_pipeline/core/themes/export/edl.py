"""Kodi's edit decision lists: `NAME.edl` next to a video."""

from collections.abc import Iterable

from whenanime_pipeline.core.themes.segments import Segment

COMMERCIAL_BREAK = 3
"""Kodi's action that is skipped once and can be sought back into. Action 0 cuts the time out of the
video, so that what is cut wrongly cannot be seen at all."""
MARGIN = 0.2
"""Seconds at both ends that are played, so that no frame of story is lost to a seek."""


def format_edl(segments: Iterable[Segment]) -> str:
    """Return the lines of a list: start, end and action, separated by tabs.

    Args:
        segments: segments to skip, in order of time; those that the margin uses up are left out.
    """
    return "".join(
        f"{one.start + MARGIN:.3f}\t{one.end - MARGIN:.3f}\t{COMMERCIAL_BREAK}\n"
        for one in segments
        if one.end - one.start > 3 * MARGIN
    )
