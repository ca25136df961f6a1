"""Openings and endings of lone episodes, suggested by the tagger that ships.

Composes episodes of films: story of one film, talk and music, themes cut from other films with
their own sound or with music; a third without themes. The tagger was trained on drawn episodes
alone. Talk and music are synthesised; with `--option sounds=DIR` they are recordings in Matroska or
MP4, named `talk*` and `music*`. Also in the terms of the seed project: openings in the first 180 s,
a label a second, leniently; to be compared with what that project publishes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.lone.composer import Sources, ThemeSource, compose_episode
from benchmarks.support.lone.film_tracks import Film, Sound, read_films, read_samples
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.learning.themes.drawn.songs import synthesize_song
from whenanime_pipeline.core.learning.themes.drawn.talk import synthesize_talk
from whenanime_pipeline.core.learning.themes.tagger_report import JudgedEpisode, summarise
from whenanime_pipeline.core.themes.metrics.boundaries import match_themes
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.metrics.seconds_grid import score_grid
from whenanime_pipeline.core.themes.segments import Segment
from whenanime_pipeline.core.themes.tagger.tagger import Tagger

_EVERY = 3
"""One episode of so many has no themes."""
_SOUND_SUFFIXES = frozenset({".m4a", ".mka", ".mkv", ".mp4"})
_FALSE = Target("≤", 0.05)
Composed = tuple[JudgedEpisode, Mapping[TrueSegment, ThemeSource]]


class Options(BaseOptions):
    """Options of the benchmark."""

    episodes: int = Field(default=90, ge=3, description="composed episodes")
    seed: int = Field(default=0, ge=0, description="seed of the episodes")
    sounds: Path | None = Field(default=None, description="folder of talk* and music* recordings")
    tagger: Path | None = Field(default=None, description="folder of a tagger")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    sources = _read_sources(room, options)
    tagger = Tagger.load(options.tagger)
    composed: list[Composed] = []
    found: list[tuple[Segment, ...]] = []
    for number in range(options.episodes):
        episode = compose_episode(options.seed, number, sources, has_themes=number % _EVERY != 0)
        composed.append(episode)
        found.append(tagger.tag(episode[0].tracks))
        if number % 10 == 9:
            room.log(f"{number + 1} of {options.episodes} episodes tagged")
    return Report(
        "tagger",
        extract_description(__doc__),
        [*_list_figures(composed, found), *_list_seed_figures(composed, found)],
        {
            "themes by source": _list_sources(composed, found),
            "episodes": _list_rows(composed, found),
        },
    )


def _read_sources(room: BenchmarkContext, options: Options) -> Sources:
    def read(pattern: str) -> tuple[Film, ...]:
        paths = room.find_films(pattern)
        return tuple(read_films(paths, room.cache / "lone-films", room.log))

    if options.sounds is None:
        talk, music = _synthesize(options.seed)
    else:
        talk, music = (_read_sounds(options.sounds, kind) for kind in ("talk*", "music*"))
    return Sources(
        story=read("library/Big Buck Bunny*/*.mp4")[0],
        others=(*read("library/Popeye/**/*.mp4"), *read("distractors/*.mp4")),
        trailer=read("library/Sintel/*.mp4")[0],
        clips=read("library/*Penny and Chip/*.mp4"),
        talk=talk,
        music=music,
    )


def _synthesize(seed: int) -> tuple[tuple[Sound, ...], tuple[Sound, ...]]:
    """Return talk and music of seeds that no training has."""
    rng = np.random.default_rng([seed, 0x10E])
    return (
        tuple(synthesize_talk(rng, 90) for _ in range(12)),
        tuple(synthesize_song(rng, 100) for _ in range(16)),
    )


def _read_sounds(folder: Path, pattern: str) -> tuple[Sound, ...]:
    paths = sorted(path for path in folder.glob(pattern) if path.suffix in _SOUND_SUFFIXES)
    return tuple(read_samples(path) for path in paths)


def _list_figures(
    composed: Sequence[Composed], found: Sequence[tuple[Segment, ...]]
) -> list[Figure]:
    true = [episode.segments for episode, _ in composed]
    score = summarise(found, true)
    matches = [match_themes(ours, theirs) for ours, theirs in zip(found, true, strict=True)]
    errors = [error for match in matches for error in match.errors]
    costs = [cost for match in matches for cost in match.cut_point_costs]
    certain = sum(one.confidence == "certain" for ours in found for one in ours)
    return [
        Figure("F1 of seconds", score.f1, target=Target("≥", 0.85)),
        Figure("strict IoU", score.iou, target=Target("≥", 0.75)),
        Figure(
            "episodes without themes with a false one", score.false_share, target=Target("≤", 0.05)
        ),
        Figure("story inside a suggestion, mean", score.story_seconds, "s"),
        Figure("bounds: median error", float(np.median(errors)) if errors else 0.0, "s"),
        Figure("bounds: 90 % within", float(np.percentile(errors, 90)) if errors else 0.0, "s"),
        Figure("contest score", float(np.mean(costs)) if costs else 0.0, "s"),
        Figure("certain suggestions", certain, target=Target("=", 0)),
    ]


def _list_seed_figures(
    composed: Sequence[Composed], found: Sequence[tuple[Segment, ...]]
) -> list[Figure]:
    """Return openings in the first 180 s at one label a second."""
    grid = score_grid(
        [
            (
                [(one.start, one.end) for one in ours if one.type == "opening"],
                [(one.start, one.end) for one in episode.segments if one.type == "opening"],
            )
            for ours, (episode, _) in zip(found, composed, strict=True)
        ]
    )
    name = "openings, first 180 s, a label a second: "
    return [
        Figure(f"{name}precision", grid.precision),
        Figure(f"{name}recall", grid.recall),
        Figure(f"{name}F1", grid.f1),
        Figure(f"{name}IoU", grid.lenient_iou),
    ]


def _list_sources(
    composed: Sequence[Composed], found: Sequence[tuple[Segment, ...]]
) -> list[dict[str, object]]:
    """Return for each source of themes how many are found: half of their seconds or more."""
    counts: dict[str, list[bool]] = {}
    for (_, sources), ours in zip(composed, found, strict=True):
        for true, source in sources.items():
            shared = [
                min(one.end, true.end) - max(one.start, true.start)
                for one in ours
                if one.type == true.type
            ]
            is_found = max(shared, default=0.0) >= (true.end - true.start) / 2
            counts.setdefault(source, []).append(is_found)
    return [
        {"source": source, "themes": len(each), "found": sum(each)}
        for source, each in sorted(counts.items())
    ]


def _list_rows(
    composed: Sequence[Composed], found: Sequence[tuple[Segment, ...]]
) -> list[dict[str, object]]:
    return [
        {
            "episode": episode.tracks.fingerprint,
            "seconds": round(episode.tracks.duration),
            "true": "; ".join(_format(one) for one in episode.segments),
            "found": "; ".join(f"{_format(one)} {one.confidence}" for one in ours),
        }
        for (episode, _), ours in zip(composed, found, strict=True)
    ]


def _format(segment: Segment | TrueSegment) -> str:
    return f"{segment.type} {segment.start:.1f}-{segment.end:.1f}"
