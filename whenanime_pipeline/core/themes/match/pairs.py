"""Matches two episodes: which parts of one are heard or seen in the other, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from whenanime_pipeline.core.themes.match.correlation import Spectra, find_offsets
from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures
from whenanime_pipeline.core.themes.match.picture_repeats import find_repeated_pictures
from whenanime_pipeline.core.themes.match.runs import (
    Run,
    compare_at,
    find_runs,
    refine_offset,
)

Modality = Literal["sound", "pictures"]
MODALITIES: tuple[Modality, ...] = ("sound", "pictures")

SOUND_ALIKE = 0.5
"""Mean likeness over 1.1 s from which sound is the same; unrelated music reaches it in 1 % of such
moments, the same song under talk in most."""
PICTURES_ALIKE = 0.72
"""Likewise for pictures; unrelated ones of a season hardly ever reach it."""
_BLUR = 0.12
"""Likeness that sound loses at an offset which is off by half a row."""
_MARGIN = 24
"""Rows around a part in which its bounds are looked for again."""
_REACHES = (80, 480)
"""Rows around a repeated picture that are compared, more where it goes on."""
_SHORTEST_SOUND = round(4 / HOP)
_SHORTEST_PICTURES = round(1.8 / HOP)
_BEAT = 8.0
"""Seconds within which a song, or a picture that hardly moves, resembles itself."""
_AS_GOOD = 0.93
"""Share of the best likeness from which another place shows the same."""
_SAME_OFFSET = 3
"""Rows within which two offsets are one."""


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A part that two episodes share.

    Attributes:
        modality: what is alike.
        start: second of the first episode, in the season's time.
        end: second at which it ends.
        offset: seconds to add to find the part in the second episode.
        likeness: mean over the part, from 0 to 1.
    """

    modality: Modality
    start: float
    end: float
    offset: float
    likeness: float


def match_episodes(
    first: EpisodeFeatures,
    second: EpisodeFeatures,
    first_spectra: Spectra,
    second_spectra: Spectra,
    *,
    with_repeats: bool = True,
) -> list[SharedRun]:
    """Return the parts that two episodes share, each offset tried in both modalities.

    Args:
        first: features of an episode.
        second: features of its partner.
        first_spectra: spectra of the first.
        second_spectra: spectra of the second, of the same size.
        with_repeats: whether pictures that come again for seconds are looked for too.
    """
    shared: list[SharedRun] = []
    for offset in _join_offsets(find_offsets(first_spectra, second_spectra)):
        for modality in MODALITIES:
            shared += _follow(first, second, offset, modality, (0, len(first)))
    if with_repeats and first.pictures is not None and second.pictures is not None:
        for row, offset in find_repeated_pictures(first.pictures, second.pictures):
            if not _is_explained(shared, row, offset):
                shared += _follow_locally(first, second, row, offset)
    return _drop_duplicates(shared)


def _follow_locally(
    first: EpisodeFeatures, second: EpisodeFeatures, row: int, offset: int
) -> list[SharedRun]:
    """Return what is alike around a picture that comes again."""
    for reach in _REACHES:
        window = max(0, row - reach), min(len(first), row + reach)
        seen = _follow(first, second, offset, "pictures", window)
        touching = [
            run
            for run in seen
            if run.start <= (window[0] + 2) * HOP < run.end
            or run.start < (window[1] - 2) * HOP <= run.end
        ]
        if not touching:
            break
    if not seen:
        return []
    low = max(0, round(min(run.start for run in seen) / HOP) - _MARGIN)
    high = min(len(first), round(max(run.end for run in seen) / HOP) + _MARGIN)
    return seen + _follow(first, second, offset, "sound", (low, high))


def _follow(
    first: EpisodeFeatures,
    second: EpisodeFeatures,
    offset: int,
    modality: Modality,
    window: tuple[int, int],
) -> list[SharedRun]:
    """Return what is alike in one modality at an offset, which is refined for each part."""
    one, other = getattr(first, modality), getattr(second, modality)
    if one is None or other is None:
        return []
    window = window[0], min(window[1], len(one))
    is_sound = modality == "sound"
    threshold = SOUND_ALIKE if is_sound else PICTURES_ALIKE
    shortest = _SHORTEST_SOUND if is_sound else _SHORTEST_PICTURES

    def list_runs(offset: float, window: tuple[int, int], threshold: float) -> list[Run]:
        likeness, is_evidence = compare_at(one, other, offset, window)
        return find_runs(likeness, is_evidence, threshold=threshold, shortest=shortest)

    shared: list[SharedRun] = []
    # A first look at all rows tells where; the fraction of a row is found there.
    for rough in list_runs(offset, window, threshold - (_BLUR if is_sound else 0)):
        near = (
            max(0, window[0] + rough.start - _MARGIN),
            min(len(one), window[0] + rough.end + _MARGIN),
        )
        exact = refine_offset(one, other, offset, near)
        shared += [
            SharedRun(
                modality,
                (near[0] + run.start) * HOP,
                (near[0] + run.end) * HOP,
                exact * HOP,
                run.likeness,
            )
            for run in list_runs(exact, near, threshold)
        ]
    return shared


def _join_offsets(offsets: Iterable[int]) -> list[int]:
    """Return offsets that differ, the first one of each group."""
    kept: list[int] = []
    for offset in offsets:
        if all(abs(offset - other) >= _SAME_OFFSET for other in kept):
            kept.append(offset)
    return kept


def _is_explained(shared: Iterable[SharedRun], row: int, offset: int) -> bool:
    """Tell whether a run holds a row already, at an offset from which this one is a beat away."""
    second = (row + 0.5) * HOP
    return any(
        run.start <= second < run.end and abs(run.offset - offset * HOP) < _BEAT
        for run in shared
        if run.modality == "pictures"
    )


def _drop_duplicates(shared: list[SharedRun]) -> list[SharedRun]:
    """Drop what lies within a better run of the same modality at nearly the same offset."""
    kept: list[SharedRun] = []
    for run in sorted(shared, key=lambda one: (one.start - one.end) * one.likeness):
        if not any(_is_covered(run, other) for other in kept):
            kept.append(run)
    return sorted(kept, key=lambda run: (run.start, run.end))


def _is_covered(run: SharedRun, other: SharedRun) -> bool:
    """Tell whether a run tells the same as a longer or better one, or that at a beat's distance.

    What is shown twice in the partner agrees as well at either place.
    """
    overlap = min(run.end, other.end) - max(run.start, other.start)
    if run.modality != other.modality or overlap <= 0.5 * (run.end - run.start):
        return False
    is_elsewhere = abs(run.offset - other.offset) > _BEAT
    return not (is_elsewhere and run.likeness > _AS_GOOD * other.likeness)
