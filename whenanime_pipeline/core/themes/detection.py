"""Finds the themes of a season, without labels: the entry to everything in this package."""

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from threadpoolctl import threadpool_limits

from whenanime_pipeline.core.themes.decision import decide
from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.match.correlation import choose_size
from whenanime_pipeline.core.themes.match.features import Projection, fit_projection
from whenanime_pipeline.core.themes.match.pairs import match_episodes
from whenanime_pipeline.core.themes.placing import place_parts
from whenanime_pipeline.core.themes.quotations import find_quotations
from whenanime_pipeline.core.themes.season.blocks import Block, join_runs
from whenanime_pipeline.core.themes.season.features_cache import SeasonFeatures, count_rows
from whenanime_pipeline.core.themes.season.partners import list_pairs
from whenanime_pipeline.core.themes.season.parts import find_shared_parts
from whenanime_pipeline.core.themes.season.speeds import find_speeds
from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment
from whenanime_pipeline.core.themes.templates import collect_templates
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_NEAR = 3
"""Episodes by which two are apart in which short repeats are looked for: these are chained."""
_FITTED = 8
"""Episodes from which the projection of a season's embeddings is fitted."""


def find_season_themes(
    episodes: Sequence[EpisodeTracks], known: SeasonThemes | None = None, inputs: str = ""
) -> SeasonThemes:
    """Find what the episodes of a season repeat, and what that is.

    The result does not depend on the order of the episodes.

    Args:
        episodes: tracks of all episodes of the season; each may be read when it is asked for.
        known: what was found when the season had fewer episodes; templates keep their ids.
        inputs: hash of what the tracks were made from, kept with the result.
    """
    # The products are small: OpenBLAS's threads spin between them, for three times the work.
    with threadpool_limits(1, user_api="blas"):
        return _find_themes(episodes, known, inputs)


def _find_themes(
    episodes: Sequence[EpisodeTracks], known: SeasonThemes | None, inputs: str
) -> SeasonThemes:
    order = sorted(range(len(episodes)), key=lambda place: _season_order(episodes[place]))
    tracks = _Reordered(episodes, order)
    projection = _fit_projection(tracks)
    speeds = find_speeds(tracks, projection)
    durations = [one.duration / speed for one, speed in zip(tracks, speeds, strict=True)]
    size = choose_size(
        max((count_rows(one, speed) for one, speed in zip(tracks, speeds, strict=True)), default=1)
    )
    features = SeasonFeatures(tracks, projection, speeds, size)
    blocks = _match_all(features)
    parts = find_shared_parts(blocks, features)
    placed = place_parts(parts, durations, features)
    quoted = find_quotations(placed, blocks, durations)
    segments = {
        place: sorted([*placed.get(place, []), *quoted.get(place, [])], key=lambda one: one.start)
        for place in range(len(tracks))
    }
    decided = {
        episode.fingerprint: [
            (one.part, _decide_segment(one, episode, speed))
            for one in _drop_overlaps(segments[place])
        ]
        for place, (episode, speed) in enumerate(zip(tracks, speeds, strict=True))
    }
    return collect_templates(inputs, decided, known)


def _season_order(tracks: EpisodeTracks) -> tuple[bool, int, str]:
    return tracks.number is None, tracks.number or 0, tracks.fingerprint


class _Reordered(Sequence[EpisodeTracks]):
    """A sequence in another order; what it holds is read when asked for."""

    def __init__(self, episodes: Sequence[EpisodeTracks], order: Sequence[int]) -> None:
        self._episodes, self._order = episodes, order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> EpisodeTracks: ...

    @overload
    def __getitem__(self, index: slice) -> list[EpisodeTracks]: ...

    def __getitem__(self, index: int | slice) -> EpisodeTracks | list[EpisodeTracks]:
        if isinstance(index, slice):
            return [self._episodes[place] for place in self._order[index]]
        return self._episodes[self._order[index]]


def _fit_projection(tracks: Sequence[EpisodeTracks]) -> Projection | None:
    step = max(1, -(-len(tracks) // _FITTED))
    chosen = [tracks[place].pictures for place in range(0, len(tracks), step)]
    return fit_projection([one for one in chosen if one is not None])


def _match_all(features: SeasonFeatures) -> list[Block]:
    blocks: list[Block] = []
    for first, second in list_pairs(len(features)):
        runs = match_episodes(
            features[first],
            features[second],
            features.spectra(first),
            features.spectra(second),
            with_repeats=second - first <= _NEAR,
        )
        blocks += join_runs(first, second, runs)
    return blocks


def _drop_overlaps(segments: Sequence[Found]) -> list[Found]:
    """Return segments in order of time; what overlaps a shared part gives way to it."""
    kept: list[Found] = []
    for one in sorted(segments, key=lambda found: (_rank(found), -found.seconds)):
        start, end = one.start, one.end
        for other in kept:
            if other.start < end and other.end > start:
                if other.start - start > end - other.end:
                    end = other.start
                else:
                    start = other.end
        if end - start > 1:
            kept.append(replace(one, start=start, end=end))
    return sorted(kept, key=lambda found: found.start)


def _rank(found: Found) -> int:
    """Return which segments keep what others claim too: themes, then quotations, then the rest."""
    if found.type in ("opening", "ending"):
        return 0
    if found.part is None:
        return 2
    return 1 if found.type != "repeated" and found.partners > _NEAR else 3


def _decide_segment(found: Found, tracks: EpisodeTracks, speed: float) -> Segment:
    """Return a segment in its episode's own time, with its confidence."""
    own = replace(found, start=found.start * speed, end=min(found.end * speed, tracks.duration))
    confidence, evidence = decide(own, tracks.chapters, tracks.text)
    return Segment(
        own.type,
        round(own.start, 3),
        min(round(own.end, 3), tracks.duration),
        own.start_error,
        own.end_error,
        confidence,
        evidence,
    )
