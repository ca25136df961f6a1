"""Finds the preview that closes an episode: clips of the next one, or a jingle that all share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.season.blocks import Block
from whenanime_pipeline.core.themes.season.reuse import Clip, find_passages, is_quoting

_PREVIEW_SECONDS = (5.0, 50.0)
"""Shortest and longest preview."""
_PREVIEW_COVERED = 0.45
"""Share of a preview that is found in the next episode, or that all previews share."""
_USUAL_COVERED = 0.12
"""Likewise where the rest of the episode after the ending is as long as other previews."""
_MOST = 0.5
"""Share of a season's episodes that close alike, when that is a preview without an ending."""
_SAME_LENGTH = 1.5
"""Seconds by which the lengths of such previews differ."""
_SNAP = 3.0
"""Seconds from a passage to the bound of a theme at which it begins or ends there."""
_LEAST_STRETCH = 1.5
"""Seconds of the rest that are shared at least: those of the ending may last a moment longer."""
_JINGLE_PARTNERS = 2
"""Episodes that share the sound after the ending, when it belongs to a preview."""


@dataclass(frozen=True, slots=True)
class Previews:
    """The previews of a season.

    Attributes:
        rest: by episode, what follows the ending, where a preview can be; None without.
        found: by episode, its preview, if any.
    """

    rest: Mapping[int, tuple[float, float] | None]
    found: Mapping[int, Sequence[Found]]


def find_previews(
    placed: Mapping[int, Sequence[Found]],
    clips: Mapping[int, Sequence[Clip]],
    blocks: Sequence[Block],
    durations: Sequence[float],
) -> Previews:
    """Find the previews of a season.

    Args:
        placed: the segments that show shared parts, by episode.
        clips: what each episode shares of its story with others, in order of time.
        blocks: what pairs of episodes share.
        durations: of the episodes.
    """
    rest = _find_last_passages(clips, durations) | {
        episode: _find_rest(placed.get(episode, ()), durations[episode])
        for episode in range(len(durations))
        if any(one.type == "ending" for one in placed.get(episode, ()))
    }
    covered = {
        episode: _cover_rest(clips[episode], rest[episode], episode, blocks) for episode in rest
    }
    usual = _find_usual_length(rest, covered)
    found = {episode: _make_preview(rest[episode], covered[episode], usual) for episode in rest}
    return Previews(rest, _trim_long_previews(found))


def _trim_long_previews(previews: Mapping[int, list[Found]]) -> dict[int, list[Found]]:
    """Return the previews, none longer than most of the season's: what comes before is story."""
    lengths = [one.seconds for found in previews.values() for one in found]
    if len(lengths) < 3:
        return dict(previews)
    usual = median(lengths)
    if sum(abs(length - usual) < _SAME_LENGTH for length in lengths) * 2 <= len(lengths):
        return dict(previews)
    return {
        episode: [
            replace(one, start=one.end - usual) if one.seconds > usual + _SAME_LENGTH else one
            for one in found
        ]
        for episode, found in previews.items()
    }


def _find_last_passages(
    clips: Mapping[int, Sequence[Clip]], durations: Sequence[float]
) -> dict[int, tuple[float, float] | None]:
    """Return where episodes close with clips of later ones, where most do for as long.

    Without an ending before it, a single such passage may be story that a later episode quotes.
    """
    lengths: dict[int, float] = {}
    for episode, duration in enumerate(durations):
        passages = find_passages([one for one in clips[episode] if one.partner > episode])
        if passages and duration - passages[-1].end <= _SNAP and is_quoting(passages[-1]):
            lengths[episode] = duration - passages[-1].start
    nothing: dict[int, tuple[float, float] | None] = dict.fromkeys(range(len(durations)))
    if len(lengths) < max(3, _MOST * len(durations)):
        return nothing
    usual = median(lengths.values())
    near = [length for length in lengths.values() if abs(length - usual) < _SAME_LENGTH]
    if len(near) < _MOST * len(lengths):
        return nothing
    found = {
        episode: (durations[episode] - median(near), durations[episode]) for episode in lengths
    }
    return nothing | found


def _find_rest(segments: Sequence[Found], duration: float) -> tuple[float, float] | None:
    """Return what is left after the ending, up to a card at the end of the file."""
    endings = [one.end for one in segments if one.type == "ending"]
    if not endings:
        return None
    start = max(endings)
    while True:
        after = [one for one in segments if one.type == "sponsor" and abs(one.start - start) < 1]
        if not after:
            break
        start = after[0].end
    cards = [one.start for one in segments if one.start > start and one.type != "repeated"]
    end = min(cards, default=duration)
    return (start, end) if _PREVIEW_SECONDS[0] <= end - start else None


def _cover_rest(
    clips: Sequence[Clip],
    rest: tuple[float, float] | None,
    episode: int,
    blocks: Iterable[Block],
) -> list[tuple[float, float]]:
    """Return the stretches of the rest that speak for a preview, in order of time.

    These are quotations of later episodes, and sound that it shares with others' rests.
    """
    if rest is None:
        return []
    later = [clip for clip in clips if clip.partner > episode]
    stretches = [
        (clip.start, clip.end)
        for passage in find_passages(later)
        if is_quoting(passage)
        for clip in passage.clips
    ]
    jingles = [
        (block.start, block.end)
        if block.first == episode
        else (block.start + block.offset, block.end + block.offset)
        for block in blocks
        if episode in (block.first, block.second) and block.sound > 0
    ]
    heard = [
        one
        for one in jingles
        if sum(min(one[1], other[1]) > max(one[0], other[0]) for other in jingles)
        > _JINGLE_PARTNERS
    ]
    inside = [
        (max(start, rest[0]), min(end, rest[1]))
        for start, end in sorted(stretches + heard)
        if end > rest[0] and start < rest[1]
    ]
    return [one for one in inside if one[1] - one[0] > _LEAST_STRETCH]


def _count_seconds(stretches: Iterable[tuple[float, float]]) -> float:
    total, reached = 0.0, 0.0
    for start, end in stretches:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _find_usual_length(
    rest: Mapping[int, tuple[float, float] | None],
    covered: Mapping[int, Sequence[tuple[float, float]]],
) -> float | None:
    """Return the length of the rest of most episodes with a preview; None without such."""
    lengths = [
        where[1] - where[0]
        for episode, where in rest.items()
        if where is not None
        and where[1] - where[0] <= _PREVIEW_SECONDS[1]
        and _count_seconds(covered[episode]) >= _PREVIEW_COVERED * (where[1] - where[0])
    ]
    if len(lengths) < 2:
        return None
    usual = median(lengths)
    near = [length for length in lengths if abs(length - usual) < 1]
    return usual if len(near) * 2 > len(lengths) else None


def _make_preview(
    rest: tuple[float, float] | None,
    covered: Sequence[tuple[float, float]],
    usual: float | None,
) -> list[Found]:
    if rest is None or not covered:
        return []
    length = rest[1] - rest[0]
    is_usual = usual is not None and abs(length - usual) < 1
    start, end = covered[0][0], max(stretch[1] for stretch in covered)
    if is_usual and _count_seconds(covered) >= _USUAL_COVERED * length:
        start, end = rest
    elif _count_seconds(covered) >= _PREVIEW_COVERED * (end - start):
        start = rest[0] if start - rest[0] < _SNAP else start
        end = rest[1] if rest[1] - end < _SNAP else end
    else:
        return []
    if not _PREVIEW_SECONDS[0] <= end - start <= _PREVIEW_SECONDS[1]:
        return []
    return [Found("preview", start, end, 0.5, 0.5, None, 1, None, 0.9)]
