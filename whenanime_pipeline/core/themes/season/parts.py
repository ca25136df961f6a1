"""Lists the parts that a season repeats, each where its episodes show it, without overlaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import EpisodeFeatures
from whenanime_pipeline.core.themes.season.blocks import Block
from whenanime_pipeline.core.themes.season.cards import (
    find_ends_shown_again,
    is_static,
    split_cards,
)
from whenanime_pipeline.core.themes.season.consensus import Consensus, find_consensus
from whenanime_pipeline.core.themes.season.division import Part, divide
from whenanime_pipeline.core.themes.season.growth import Group, group_blocks

_KEPT = 0.6
"""Share of a span that others must leave for it to stay."""
_SHORTEST = 2.5
"""Seconds of the shortest span."""
_LONGEST_CLIP = 12.0
"""Seconds of the longest clip that one of two episodes quotes from the other."""
_ELSEWHERE = 60.0
"""Seconds by which its places differ, from the beginning and from the end."""


@dataclass(frozen=True, slots=True)
class PartSpan:
    """Where an episode shows a part, in the season's time.

    Attributes:
        episode: ordinal in the season.
        start: second.
        end: second.
        partners: other appearances that it is like, the most at any moment.
        sound: mean likeness of the sound where it is shared; None where it mostly is not.
        pictures: mean likeness of the pictures, likewise.
        shift: seconds to add to the part's axis to find the episode's second.
    """

    episode: int
    start: float
    end: float
    partners: int
    sound: float | None
    pictures: float | None
    shift: float


@dataclass(frozen=True, slots=True)
class SharedPart:
    """A part that episodes of a season share.

    Attributes:
        start: second of its axis.
        end: second of its axis.
        state: bits `SOUND` and `PICTURES` of what is mostly shared.
        is_static: whether it shows a single picture.
        spans: the episodes that show it, sorted by episode and start; two or more.
    """

    start: float
    end: float
    state: int
    is_static: bool
    spans: tuple[PartSpan, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def find_shared_parts(
    blocks: Sequence[Block], features: Sequence[EpisodeFeatures]
) -> list[SharedPart]:
    """Find what a season's episodes share.

    Args:
        blocks: of all pairs that were matched.
        features: of all episodes, by ordinal.

    Returns:
        The parts, those of the weightiest groups first. What pairs alone share, such as the clips
        of a recap, is no part of the season.
    """
    parts: list[SharedPart] = []
    claimed: dict[int, list[tuple[float, float]]] = {}
    groups = group_blocks(blocks)
    for group in groups:
        if _is_pair(group) and (len(features) > 2 or _is_elsewhere(group, features)):
            continue
        consensus = find_consensus(group, features)
        again = find_ends_shown_again(group, groups)
        for part in split_cards(divide(consensus), group, consensus, features, again):
            shared = _place_part(part, group, consensus, features, claimed)
            if shared is not None:
                parts.append(shared)
    return parts


def _is_pair(group: Group) -> bool:
    return len({one.episode for one in group.appearances}) <= 2


def _is_elsewhere(group: Group, features: Sequence[EpisodeFeatures]) -> bool:
    """Tell whether two episodes show something short at places that do not correspond."""
    first, second = group.appearances[0], group.appearances[-1]
    if first.end - first.start > _LONGEST_CLIP:
        return False
    before = abs(first.shift - second.shift)
    lengths = [features[one.episode].duration for one in (first, second)]
    after = abs(before - abs(lengths[0] - lengths[1]))
    return min(before, after) > _ELSEWHERE


def _place_part(
    part: Part,
    group: Group,
    consensus: Consensus,
    features: Sequence[EpisodeFeatures],
    claimed: dict[int, list[tuple[float, float]]],
) -> SharedPart | None:
    """Return a part in its episodes, without what others hold; None if too few are left."""
    spans = list(_list_spans(part, group, consensus, features))
    free = [_trim(span, claimed.get(span.episode, ())) for span in spans]
    left = [span for span in free if span is not None]
    if len({(span.episode, span.start) for span in left}) < 2:
        return None
    for span in left:
        claimed.setdefault(span.episode, []).append((span.start, span.end))
    return SharedPart(
        part.start,
        part.end,
        part.state,
        is_static(features[left[0].episode], left[0].start, left[0].end),
        tuple(sorted(left, key=lambda span: (span.episode, span.start))),
    )


def _list_spans(
    part: Part, group: Group, consensus: Consensus, features: Sequence[EpisodeFeatures]
) -> Iterable[PartSpan]:
    for span in part.spans:
        episode = group.appearances[span.appearance].episode
        shift = float(consensus.shifts[span.appearance])
        rows = slice(consensus.row_of(span.start), max(1, consensus.row_of(span.end)))
        low, high = max(0.0, span.start + shift), span.end + shift
        high = min(high, features[episode].duration)
        partners = np.maximum(consensus.sound_partners, consensus.picture_partners)
        yield PartSpan(
            episode,
            low,
            high,
            int(partners[span.appearance, rows].max(initial=0)),
            _mean_where(consensus.sound[span.appearance, rows]),
            _mean_where(consensus.pictures[span.appearance, rows]),
            shift,
        )


def _mean_where(likeness: NDArray[np.float32]) -> float | None:
    """Return the mean likeness where there is one; None if it is less than a third of the rows."""
    shared = likeness[likeness > 0]
    return float(shared.mean()) if len(shared) * 3 >= max(1, len(likeness)) else None


def _trim(span: PartSpan, claimed: Iterable[tuple[float, float]]) -> PartSpan | None:
    """Return what others leave of a span; None if that is little."""
    start, end = span.start, span.end
    for low, high in claimed:
        if low < end and high > start:
            if low <= start and high >= end:
                return None
            if high - start < end - low:
                start = max(start, high)
            else:
                end = min(end, low)
    if end - start < max(_SHORTEST, _KEPT * (span.end - span.start)):
        return None
    return replace(span, start=start, end=end)
