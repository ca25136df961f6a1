"""Stills of the library that a visitor without a screenshot can search for."""

from collections.abc import Sequence
from itertools import groupby

from whenanime_app.links.preview_links import Place
from whenanime_pipeline.core.search.query.scenes import middle
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

COUNT = 3
_LOOKS = 4
"""Frames that are looked at for each still: of those the one with the most to see is taken."""


def examples_of(snapshot: Snapshot) -> list[tuple[EpisodeRecord, Place]]:
    """Return stills from different series where there are several, else from different episodes.

    Args:
        snapshot: where to look.

    Returns:
        At most `COUNT`; none of an empty library. The same ones for the same snapshot.

    Raises:
        FramesError: a file is damaged.
    """
    episodes = [episode for episode in _by_turns(snapshot.episodes) if episode.frames]
    if not episodes:
        return []
    chosen = [(episodes[number % len(episodes)], number) for number in range(COUNT)]
    return [(episode, _still(snapshot, episode, number)) for episode, number in chosen]


def _by_turns(episodes: Sequence[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return the first episode of each series, then the second of each, and so on."""
    ordered = sorted(episodes, key=lambda episode: (episode.series, episode.key))
    groups = [list(group) for _, group in groupby(ordered, key=lambda episode: episode.series)]
    longest = max(map(len, groups), default=0)
    return [group[turn] for turn in range(longest) for group in groups if turn < len(group)]


def _still(snapshot: Snapshot, episode: EpisodeRecord, number: int) -> Place:
    # Away from both ends, where titles and credits are; each still from another third, so that a
    # library of one episode shows different ones.
    shares = [(number + (look + 0.5) / _LOOKS) / COUNT for look in range(_LOOKS)]
    frames = {int(episode.frames * (0.15 + 0.7 * share)) for share in shares}
    # A picture's bytes tell how much there is to see: black and titles are small.
    frame = max(sorted(frames), key=lambda one: len(snapshot.picture(episode.content, one)))
    start, end = snapshot.runs(episode.content, frame)[0]
    step = 1 / snapshot.contents[episode.content].fps
    return Place(episode.content, frame, start, middle(start, end, step=step), end)
