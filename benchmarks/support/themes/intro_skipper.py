"""Themes the way the Jellyfin plugin intro-skipper finds them, written from its description.

Fingerprints of two episodes are compared at the shifts at which equal points, give or take two, lie
on top of each other; points that differ in six bits or less are alike, and the longest run of them
with gaps of at most 3.5 s is the theme. The first episode that matches decides. Openings are looked
for in one half of each episode, endings in the other one, backwards: the plugin's own share for
openings is a quarter, in which the openings of short episodes do not fit.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.themes.chromaprint import POINT, read_fingerprint
from benchmarks.support.themes.season_tracks import SeasonTracks
from whenanime_pipeline.core.themes.metrics.intervals import Interval
from whenanime_pipeline.core.themes.segments import Evidence, Segment, SegmentType
from whenanime_pipeline.core.themes.tracks.episode_tracks import SOUND_HOP, SoundTrack

_NEAR_VALUES = range(-2, 3)
_ALIKE_BITS = 6
_GAP = 3.5
_SHARE = 0.5
_LENGTHS: dict[SegmentType, tuple[float, float]] = {"opening": (15, 120), "ending": (15, 450)}
_EARLY = 5.0
"""An opening that begins within so many seconds begins at 0."""
_SILENT, _SILENCE = -50.0, 0.33
"""Decibels and seconds of a silence that an end is moved to."""
_REACH = (5.0, 2.0)
"""Seconds before and after an end within which a silence is looked for."""

Points = NDArray[np.uint32]


def find_like_intro_skipper(season: SeasonTracks, kept: Path) -> list[tuple[Segment, ...]]:
    """Return what is found in each episode of a season.

    Args:
        season: the season; of its tracks only the loudness is used.
        kept: folder that fingerprints are kept in.

    Raises:
        BenchmarkError: fpcalc is not installed.
    """
    prints = [read_fingerprint(file, kept / f"{file.stem}.npy") for file in season.files]
    halves = [points[: int(len(points) * _SHARE)] for points in prints]
    backward = [points[len(points) - int(len(points) * _SHARE) :][::-1] for points in prints]
    openings, endings = find_shared(halves, "opening"), find_shared(backward, "ending")
    found = []
    for episode, opening, ending, points in zip(
        season.episodes, openings, endings, prints, strict=True
    ):
        segments = []
        if opening is not None:
            start = 0.0 if opening[0] <= _EARLY else opening[0]
            segments.append(_describe("opening", start, opening[1], episode.sound))
        if ending is not None:
            length = len(points) * POINT
            segments.append(
                _describe("ending", length - ending[1], length - ending[0], episode.sound)
            )
        found.append(tuple(s for s in segments if s is not None))
    return found


def find_shared(prints: Sequence[Points], kind: SegmentType) -> list[Interval | None]:
    """Return where each episode has what it shares with the first other one that matches."""
    found: list[Interval | None] = [None] * len(prints)
    for i, left in enumerate(prints):
        for j in range(i + 1, len(prints)):
            pair = compare(left, prints[j], _LENGTHS[kind])
            if pair is None:
                continue
            for number, run in zip((i, j), pair, strict=True):
                held = found[number]
                if held is None or run[1] - run[0] > held[1] - held[0]:
                    found[number] = run
            break
    return found


def compare(
    left: Points, right: Points, lengths: tuple[float, float]
) -> tuple[Interval, Interval] | None:
    """Return the longest part that two fingerprints share, in seconds of each of them."""
    best: tuple[int, int, int] | None = None
    for shift in _find_shifts(left, right):
        first, last = max(0, -shift), min(len(left), len(right) - shift)
        if last - first < lengths[0] / POINT:
            continue
        bits = np.bitwise_count(left[first:last] ^ right[first + shift : last + shift])
        run = _find_longest_run(np.flatnonzero(bits <= _ALIKE_BITS))
        if run is None:
            continue
        length = (run[1] - run[0]) * POINT
        is_longer = best is None or run[1] - run[0] > best[1] - best[0]
        if lengths[0] <= length <= lengths[1] and is_longer:
            best = (first + run[0], first + run[1], shift)
    if best is None:
        return None
    start, end, shift = best
    return (start * POINT, end * POINT), ((start + shift) * POINT, (end + shift) * POINT)


def _find_shifts(left: Points, right: Points) -> list[int]:
    """Return the shifts at which equal points lie on top of each other; one place a value."""
    places = {int(value): place for place, value in enumerate(right)}
    shifts = set()
    for place, value in enumerate(left):
        for near in _NEAR_VALUES:
            other = places.get(int(value) + near)
            if other is not None:
                shifts.add(other - place)
    return sorted(shifts)


def _find_longest_run(places: NDArray[np.intp]) -> tuple[int, int] | None:
    """Return first and last of the longest run of places whose gaps are short."""
    if not len(places):
        return None
    breaks = np.flatnonzero(np.diff(places) > _GAP / POINT)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [len(places) - 1]])]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])


def _describe(
    kind: SegmentType, start: float, end: float, sound: SoundTrack | None
) -> Segment | None:
    end = end if sound is None else _move_to_silence(end, sound)
    if end <= start:
        return None
    return Segment(kind, start, end, 0.0, 0.0, "certain", Evidence(("sound",), 1))


def _move_to_silence(end: float, sound: SoundTrack) -> float:
    """Return the beginning of the silence next to an end; the end itself where there is none."""
    first = max(0, round((end - _REACH[0]) / SOUND_HOP))
    quiet = sound.loudness[first : round((end + _REACH[1]) / SOUND_HOP) + 1] < _SILENT
    rows = int(np.ceil(_SILENCE / SOUND_HOP))
    starts = [i for i in range(len(quiet) - rows + 1) if quiet[i : i + rows].all()]
    if not starts:
        return end
    return min(((first + i) * SOUND_HOP for i in starts), key=lambda second: abs(second - end))
