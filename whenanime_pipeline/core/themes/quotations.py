"""Finds recaps and previews next to the themes of an episode."""

from collections.abc import Iterable, Mapping, Sequence

from whenanime_pipeline.core.themes.closing_previews import find_previews
from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.season.blocks import Block
from whenanime_pipeline.core.themes.season.reuse import (
    Clip,
    Passage,
    find_passages,
    is_quoting,
    list_clips,
)

_RECAP_UNTIL = 0.45
"""Share of an episode before which a recap begins."""
_PREVIEW_SECONDS = (5.0, 50.0)
"""Shortest and longest preview."""
_RECAP_COVERED = 0.55
"""Share of a recap that is found again in earlier episodes."""
_NEXT_TO = 5.0
"""Seconds from a recap to the beginning of the file, or to an opening before or after it."""
_SNAP = 3.0
"""Seconds from a passage to the bound of a theme at which it begins or ends there."""
_NO_STORY = frozenset({"opening", "ending", "eyecatch", "sponsor"})
"""Types whose pictures are quoted from nowhere."""


def find_quotations(
    placed: Mapping[int, Sequence[Found]], blocks: Sequence[Block], durations: Sequence[float]
) -> dict[int, list[Found]]:
    """Return the recaps and previews of each episode.

    Args:
        placed: the segments that show shared parts, by episode.
        blocks: what pairs of episodes share.
        durations: of the episodes.
    """
    themes = {
        episode: [one for one in placed.get(episode, ()) if one.type in _NO_STORY]
        for episode in range(len(durations))
    }
    clips = {
        episode: [
            clip
            for clip in list_clips(blocks, episode)
            if not _is_inside(clip.start, clip.end, themes[episode])
            and not _is_inside(
                clip.start + clip.offset, clip.end + clip.offset, themes[clip.partner]
            )
        ]
        for episode in range(len(durations))
    }
    previews = find_previews(placed, clips, blocks, durations)
    return {
        episode: [
            *_find_recaps(
                _drop_previewed(clips[episode], previews.rest), episode, themes[episode], duration
            ),
            *previews.found[episode],
        ]
        for episode, duration in enumerate(durations)
    }


def _drop_previewed(
    clips: Sequence[Clip], rest: Mapping[int, tuple[float, float] | None]
) -> list[Clip]:
    """Return the clips that do not come from what follows another episode's ending.

    A preview shows the story of the next episode, which does not quote it.
    """
    return [
        clip
        for clip in clips
        if (where := rest[clip.partner]) is None
        or where[1] - where[0] > _PREVIEW_SECONDS[1]
        or not where[0] - 1 < (clip.start + clip.end) / 2 + clip.offset < where[1] + 1
    ]


def _is_inside(start: float, end: float, segments: Iterable[Found]) -> bool:
    return any(one.start - 0.5 < (start + end) / 2 < one.end + 0.5 for one in segments)


def _find_recaps(
    clips: Sequence[Clip], episode: int, segments: Sequence[Found], duration: float
) -> list[Found]:
    earlier = [clip for clip in clips if clip.partner < episode]
    return [
        _make_recap(passage, segments)
        for passage in find_passages(earlier)
        if _is_recap(passage, segments, duration)
    ]


def _is_recap(passage: Passage, segments: Sequence[Found], duration: float) -> bool:
    """Tell a recap from scenes that are remembered: it is next to the beginning or an opening."""
    if passage.start > _RECAP_UNTIL * duration:
        return False
    if passage.covered < _RECAP_COVERED * (passage.end - passage.start):
        return False
    ends = [0.0, *(one.end for one in segments if one.type in ("opening", "sponsor"))]
    starts = [one.start for one in segments if one.type == "opening"]
    is_next_to = any(abs(passage.start - at) < _NEXT_TO for at in ends) or any(
        abs(passage.end - at) < _NEXT_TO for at in starts
    )
    return is_next_to and is_quoting(passage)


def _make_recap(passage: Passage, segments: Sequence[Found]) -> Found:
    start, end = max(0.0, passage.start), passage.end
    if start < _SNAP / 2:
        start = 0.0
    for one in segments:
        if abs(one.end - start) < _SNAP:
            start = one.end
        if abs(one.start - end) < _SNAP:
            end = one.start
    return Found("recap", start, end, 1.0, 1.0, None, 1, None, 0.9)
