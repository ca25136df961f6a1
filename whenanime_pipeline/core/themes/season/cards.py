"""Splits a card that stands still from the theme that it follows in every episode.

Where some episodes lack a sponsor card, who takes part divides it from the opening. Where none
does, it is a card when other places of the season show it too, or when nothing is heard and it
stands for longer than the last picture of an opening does.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures
from whenanime_pipeline.core.themes.season.consensus import SOUND, Consensus
from whenanime_pipeline.core.themes.season.division import Part, Span
from whenanime_pipeline.core.themes.season.growth import Group

_STATIC = 0.97
"""Mean likeness of a part's pictures to their mean from which it is one picture that stands."""
_CARD_SECONDS = (2.5, 15.0)
"""Shortest and longest card."""
_SILENT_CARD_SECONDS = 4.5
"""Shortest card of episodes without sound."""
_SAME_CUT = 0.2
"""Seconds by which a bound may lie outside of the cut that it is."""
_SAME_BOUND = 1.2
"""Seconds within which two bounds are one."""


def is_static(features: EpisodeFeatures, start: float, end: float) -> bool:
    """Tell whether an episode shows a single picture between two seconds.

    Args:
        features: of the episode.
        start: second in the season's time.
        end: second in the season's time.
    """
    if features.pictures is None:
        return False
    rows = features.pictures.values[int(start / HOP) + 2 : max(0, int(end / HOP) - 2)]
    if len(rows) < 8 or not rows.any():
        return False
    middle = np.median(rows, 0)
    length = max(1e-6, float(np.linalg.norm(middle)))
    return float(np.mean(rows @ middle)) / length > _STATIC


def find_card_bounds(features: EpisodeFeatures, start: float, end: float) -> tuple[float, float]:
    """Return from when to when an episode shows the picture that it shows between two seconds.

    Args:
        features: of the episode.
        start: second in the season's time.
        end: second in the season's time.

    Returns:
        The bounds, widened to the cuts around them or to the edges of the file, by as much as a
        card may last; as they are where the picture does not stand still.
    """
    longest = _CARD_SECONDS[1]
    cuts = features.cuts - HOP / 2
    before = cuts[(cuts <= start + _SAME_CUT) & (cuts > end - longest)]
    after = cuts[(cuts >= end - _SAME_CUT) & (cuts < start + longest)]
    first = float(before[-1]) if len(before) else start
    last = float(after[0]) if len(after) else end
    if last - first > longest or not is_static(features, first, last):
        return start, end
    return first, last


def find_ends_shown_again(group: Group, groups: Sequence[Group]) -> list[float]:
    """Return where on a group's axis something begins that lasts to its end and is shown again.

    Args:
        group: of a season.
        groups: all groups of the season.
    """
    found = []
    last = max(own.end for own in group.appearances)
    whole = [own for own in group.appearances if own.end > last - _SAME_BOUND]
    for other in groups:
        if other is group:
            continue
        inside = [
            appearance.start + appearance.shift - own.shift
            for appearance in other.appearances
            for own in whole
            if own.episode == appearance.episode
            and abs(appearance.end + appearance.shift - own.end - own.shift) < _SAME_BOUND
            and appearance.start + appearance.shift > own.start + own.shift + _SAME_BOUND
        ]
        if len(inside) >= 2 and len(inside) < len(other.appearances):
            found.append(float(np.median(inside)))
    return found


def split_cards(
    parts: Sequence[Part],
    group: Group,
    consensus: Consensus,
    features: Sequence[EpisodeFeatures],
    again: Sequence[float],
) -> list[Part]:
    """Return a group's parts with the card at the end of the last one as a part of its own.

    Args:
        parts: of the group.
        group: the group.
        consensus: of the group.
        features: of the season's episodes, by ordinal.
        again: seconds of the axis, from `find_ends_shown_again`.
    """
    if not parts:
        return []
    part = parts[-1]
    span = part.spans[0]
    episode = features[group.appearances[span.appearance].episode]
    shift = float(consensus.shifts[span.appearance])
    start = _find_card(episode, span.start + shift, span.end + shift)
    if start is None or not _is_card(part, start - shift, again):
        return list(parts)
    middle = start - shift
    return [*parts[:-1], _cut(part, part.start, middle), _cut(part, middle, part.end)]


def _find_card(features: EpisodeFeatures, start: float, end: float) -> float | None:
    """Return the last cut from which on the picture stands still, if it is long enough."""
    shortest, longest = _CARD_SECONDS
    cuts = features.cuts[(features.cuts > start + longest) & (features.cuts < end - shortest)]
    if not len(cuts) or end - cuts[-1] > longest or not is_static(features, cuts[-1], end):
        return None
    return float(cuts[-1]) - HOP / 2


def _is_card(part: Part, start: float, again: Sequence[float]) -> bool:
    if any(abs(start - other) < _SAME_BOUND for other in again):
        return True
    return not part.state & SOUND and part.end - start > _SILENT_CARD_SECONDS


def _cut(part: Part, start: float, end: float) -> Part:
    spans = [
        Span(span.appearance, max(span.start, start), min(span.end, end)) for span in part.spans
    ]
    kept = tuple(span for span in spans if span.end - span.start > _CARD_SECONDS[0] / 2)
    return replace(part, start=start, end=end, spans=kept)
