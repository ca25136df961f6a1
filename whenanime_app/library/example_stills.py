"""Chooses stills of the library that visitors without a screenshot can search for."""

from collections.abc import Sequence
from itertools import groupby

from whenanime_app.links.preview_links import FrameRef
from whenanime_pipeline.core.search.query.scenes import find_middle_sample
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

EXAMPLE_COUNT = 3
_CANDIDATES_PER_STILL = 4
"""Candidate frames for each still; the one that shows most is taken."""


def choose_examples(snapshot: Snapshot) -> list[tuple[EpisodeRecord, FrameRef]]:
    """Return stills from different series where there are several, else from different episodes.

    Args:
        snapshot: snapshot to choose from.

    Returns:
        At most `EXAMPLE_COUNT` stills, none for an empty library; deterministic for a snapshot.

    Raises:
        FramesError: a stored file is damaged.
    """
    episodes = [episode for episode in _interleave_series(snapshot.episodes) if episode.frames]
    if not episodes:
        return []
    chosen = [(episodes[number % len(episodes)], number) for number in range(EXAMPLE_COUNT)]
    return [(episode, _choose_still(snapshot, episode, number)) for episode, number in chosen]


def _interleave_series(episodes: Sequence[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return the first episode of each series, then the second of each, and so on."""
    ordered = sorted(episodes, key=lambda episode: (episode.series, episode.key))
    groups = [list(group) for _, group in groupby(ordered, key=lambda episode: episode.series)]
    longest = max(map(len, groups), default=0)
    return [group[turn] for turn in range(longest) for group in groups if turn < len(group)]


def _choose_still(snapshot: Snapshot, episode: EpisodeRecord, number: int) -> FrameRef:
    # Away from both ends, where titles and credits are; each still from another third, so that a
    # library of one episode shows different ones.
    shares = [
        (number + (look + 0.5) / _CANDIDATES_PER_STILL) / EXAMPLE_COUNT
        for look in range(_CANDIDATES_PER_STILL)
    ]
    frames = {int(episode.frames * (0.15 + 0.7 * share)) for share in shares}
    # The bytes of a picture measure its detail: black frames and titles are small.
    frame = max(sorted(frames), key=lambda one: len(snapshot.picture(episode.content, one)))
    start, end = snapshot.runs(episode.content, frame)[0]
    step = 1 / snapshot.contents[episode.content].fps
    return FrameRef(episode.content, frame, start, find_middle_sample(start, end, step=step), end)
