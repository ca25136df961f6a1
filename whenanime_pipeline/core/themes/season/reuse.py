"""Finds recaps and previews: an episode's clips out of the story of its neighbours.

A clip matches one episode at one offset, the next clip at another. Where clips stand close to each
other, and lie apart in the episode that they come from, they are quotations: of an earlier episode
near the beginning a recap, of the next one near the end a preview. Where they come from they are
story.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from whenanime_pipeline.core.themes.season.blocks import Block

_GAP = 3.5
"""Seconds between two clips of one passage."""
_SAME_ORDER = 1.5
"""Seconds by which offsets differ when two clips are quoted apart from each other."""
_LOOSE = 1.5
"""Seconds between a passage and a clip that does not belong to it."""
_LEAST_CLIPS = 3
"""Clips of a passage, from places apart: one or two are a scene that is remembered."""
_DENSE = 0.85
"""Share of a passage that its clips fill, where it consists of nothing else."""
_SPREAD = 1.3
"""How much longer the stretch is that clips come from than the passage that quotes them."""
_LEAST_SECONDS = 6.0
"""Seconds of clips in a passage."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of an episode that another one shows too, in the season's time.

    Attributes:
        start: second of the episode.
        end: second at which it ends.
        partner: ordinal of the other episode.
        offset: seconds to add to find it there.
    """

    start: float
    end: float
    partner: int
    offset: float


@dataclass(frozen=True, slots=True)
class Passage:
    """Clips that stand close to each other.

    Attributes:
        start: second of the first clip.
        end: second at which the last one ends.
        covered: seconds of clips between them.
        clips: in order of time.
    """

    start: float
    end: float
    covered: float
    clips: tuple[Clip, ...]


def list_clips(blocks: Iterable[Block], episode: int) -> list[Clip]:
    """Return what an episode shares with others by its pictures, in order of time."""
    clips = [
        Clip(block.start, block.end, block.second, block.offset)
        if block.first == episode
        else Clip(block.start + block.offset, block.end + block.offset, block.first, -block.offset)
        for block in blocks
        if episode in (block.first, block.second) and block.pictures > 0
    ]
    return sorted(clips, key=lambda clip: (clip.start, clip.end))


def find_passages(clips: Sequence[Clip]) -> list[Passage]:
    """Return the passages of clips from places apart.

    Args:
        clips: of one episode, all of earlier ones or all of later ones, in order of time.
    """
    groups: list[list[Clip]] = []
    for clip in clips:
        if groups and clip.start - max(one.end for one in groups[-1]) <= _GAP:
            groups[-1].append(clip)
        else:
            groups.append([clip])
    passages = [_make_passage(_drop_loose_ends(group)) for group in groups]
    return [
        one
        for one in passages
        if one.covered >= _LEAST_SECONDS and count_offsets(one.clips) >= _LEAST_CLIPS
    ]


def _drop_loose_ends(clips: Sequence[Clip]) -> list[Clip]:
    """Return clips without those at either end that stand off: such a one agrees by chance.

    Within a passage a gap is a clip that was not found.
    """
    kept = list(clips)
    while len(kept) > 1 and kept[-1].start - max(one.end for one in kept[:-1]) > _LOOSE:
        kept.pop()
    while len(kept) > 1 and min(one.start for one in kept[1:]) - kept[0].end > _LOOSE:
        kept.pop(0)
    return kept


def is_quoting(passage: Passage) -> bool:
    """Tell whether a passage quotes what its clips match, and is not what is quoted.

    Its clips lie further apart where they come from, or it consists of nothing else.
    """
    here, there = 0.0, 0.0
    for partner in {clip.partner for clip in passage.clips}:
        own = [clip for clip in passage.clips if clip.partner == partner]
        here += max(one.end for one in own) - min(one.start for one in own)
        there += max(one.end + one.offset for one in own) - min(
            one.start + one.offset for one in own
        )
    return there > _SPREAD * here or passage.covered > _DENSE * (passage.end - passage.start)


def _make_passage(clips: Sequence[Clip]) -> Passage:
    covered, reached = 0.0, clips[0].start
    for clip in clips:
        covered += max(0.0, clip.end - max(reached, clip.start))
        reached = max(reached, clip.end)
    return Passage(clips[0].start, reached, covered, tuple(clips))


def count_offsets(clips: Sequence[Clip]) -> int:
    """Return how many clips are quoted from places that do not follow each other."""
    offsets = sorted((clip.partner, clip.offset) for clip in clips)
    return 1 + sum(
        one[0] != other[0] or other[1] - one[1] > _SAME_ORDER for one, other in pairwise(offsets)
    )
