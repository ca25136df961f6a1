"""Checks of found themes against the truth of composed seasons."""

from collections.abc import Sequence
from itertools import pairwise

from composed_tracks import Composed

from whenanime_pipeline.core.themes.detection import find_season_themes
from whenanime_pipeline.core.themes.segments import SKIPPABLE, SeasonThemes, Segment, SegmentType

BOUND = 0.15
"""Seconds by which a bound may be off."""
_LOOSE: dict[SegmentType, float] = {"recap": 0.6, "preview": 0.6}
"""Likewise for types without a template."""


def find(episodes: Sequence[Composed], known: SeasonThemes | None = None) -> SeasonThemes:
    """Return the themes of composed episodes."""
    return find_season_themes([one.tracks for one in episodes], known)


def segments_of(themes: SeasonThemes, episode: Composed) -> tuple[Segment, ...]:
    """Return what was found in an episode."""
    return themes.episodes[episode.tracks.fingerprint]


def check(
    themes: SeasonThemes,
    episodes: Sequence[Composed],
    *,
    but: Sequence[SegmentType] = (),
) -> None:
    """Check that exactly the true themes were found, with exact bounds, and no story.

    Args:
        themes: that were found.
        episodes: with the truth.
        but: types that need not be found.
    """
    for episode in episodes:
        found = segments_of(themes, episode)
        name = episode.tracks.fingerprint
        wanted = [one for one in episode.truth if one[0] not in but]
        kept = [one for one in found if one.type not in but]
        shown = f"{name}: {[(one.type, one.start, one.end) for one in found]} for {episode.truth}"
        assert [one.type for one in kept] == [kind for kind, _, _ in wanted], shown
        for segment, (kind, start, end) in zip(kept, wanted, strict=True):
            loose = _LOOSE.get(kind, BOUND)
            assert abs(segment.start - start) <= loose, shown
            assert abs(segment.end - end) <= loose, shown
        check_no_story(found, episode)
        assert all(one.start < one.end <= episode.tracks.duration + 0.001 for one in found), shown
        assert all(one.end <= after.start for one, after in pairwise(found)), shown


def check_no_story(found: Sequence[Segment], episode: Composed) -> None:
    """Check that nothing that may be skipped reaches into story, but by the error of a bound."""
    for segment in found:
        if segment.type not in SKIPPABLE:
            continue
        story = sum(
            max(0.0, min(end, segment.end) - max(start, segment.start))
            for piece, start, end in episode.pieces
            if piece.type is None
        )
        shown = f"{episode.tracks.fingerprint}: {segment} for {episode.truth}"
        assert story <= 2 * _LOOSE.get(segment.type, BOUND / 2), shown


def all_certain(themes: SeasonThemes, kinds: Sequence[SegmentType]) -> bool:
    """Tell whether all segments of some types are certain, and there are such."""
    found = [one for many in themes.episodes.values() for one in many if one.type in kinds]
    return bool(found) and all(one.confidence == "certain" for one in found)
