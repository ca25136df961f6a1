"""Draws episodes: tracks of sound, pictures and text, and where their themes are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.themes.drawn.clips import SoundTimeline, Stock
from whenanime_pipeline.core.learning.themes.drawn.pictures import (
    Look,
    PictureTimeline,
    draw_scene_look,
    draw_story_look,
    draw_style,
    draw_theme_look,
)
from whenanime_pipeline.core.learning.themes.drawn.plan import Part, plan_episode
from whenanime_pipeline.core.learning.themes.drawn.songs import Rng
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    TEXT_HOP,
    EpisodeTracks,
    SoundTrack,
    TextTrack,
)

_TEXT_REACH = 360.0
"""Seconds from the start and from the end in which text is looked for."""
_TEXT = {
    "opening": (0.6, 0.03), "ending": (0.9, 0.04), "sponsor": (1.0, 0.1), "preview": (0.3, 0.03),
    "eyecatch": (0.9, 0.06), "recap": (0.05, 0.02), "story": (0.06, 0.02), "insert": (0.06, 0.02),
}  # fmt: skip
"""For each kind of part, how often it shows text, and which share of the picture that is."""


@dataclass(frozen=True, slots=True)
class DrawnEpisode:
    """A drawn episode: its tracks, and its true parts."""

    tracks: EpisodeTracks
    parts: tuple[Part, ...]


def draw_episode(seed: int, number: int, stock: Stock, *, has_themes: bool) -> DrawnEpisode:
    """Return an episode.

    Args:
        seed: decides with `number` everything but the stock.
        number: of the episode.
        stock: of sounds.
        has_themes: whether it has an opening, an ending or both.
    """
    rng = np.random.default_rng([seed, number])
    parts = plan_episode(rng, has_themes=has_themes)
    pictures, parts = _draw_pictures(rng, parts)
    tracks = EpisodeTracks(
        fingerprint=f"drawn-{seed}-{number}",
        number=number,
        duration=parts[-1].end,
        frame_rate=24.0,
        sound=_draw_sound(rng, parts, stock),
        pictures=pictures.to_track(),
        text=_draw_text(rng, parts) if rng.random() < 0.5 else None,
    )
    return DrawnEpisode(tracks, parts)


def _draw_pictures(rng: Rng, parts: tuple[Part, ...]) -> tuple[PictureTimeline, tuple[Part, ...]]:
    style = draw_style(rng)
    story = draw_story_look(rng, style)
    timeline = PictureTimeline(rng, sharpness=rng.uniform(0.45, 1))
    black = rng.uniform(0, 0.8)
    for part in parts:
        if part.kind != "insert" and rng.random() < black:
            timeline.add_flat(part.start + rng.uniform(0.1, 1.5))
        if part.kind in ("story", "insert"):
            _add_scenes_seen(rng, timeline, part, story, style)
            continue
        look = story
        if part.kind in ("opening", "ending"):
            look = draw_theme_look(rng, story, style, part.kind)
        elif part.kind in ("sponsor", "eyecatch"):
            card = draw_theme_look(rng, story, style, part.kind)
            look = Look(card.places, 8.0, 0.2, rng.uniform(0, 0.2), 0.02, 0.0)
        elif part.kind in ("preview", "recap"):
            look = Look(story.places, 1.8, 0.4, story.motion, story.drift, 0.05)
        timeline.add_part(look, part.end)
    return timeline, parts


def _add_scenes_seen(
    rng: Rng, timeline: PictureTimeline, part: Part, story: Look, style: NDArray[np.float64]
) -> None:
    """Add scenes of 10 to 150 s, now and then with black between them."""
    at = part.start
    while at < part.end - 0.2:
        at = min(part.end, at + float(np.exp(rng.uniform(np.log(10), np.log(150)))))
        timeline.add_part(draw_scene_look(rng, story, style), at)
        if rng.random() < 0.06 and at < part.end - 3:
            timeline.add_flat(at + rng.uniform(0.2, 2))


def _draw_sound(rng: Rng, parts: tuple[Part, ...], stock: Stock) -> SoundTrack:
    timeline = SoundTimeline(parts[-1].end)
    air, air_level = stock.choose(rng, "air"), rng.uniform(-45, -14)
    music_share = rng.uniform(0, 0.85)
    theme_level = rng.uniform(-3, 9)
    for part in parts:
        if part.kind in ("opening", "ending"):
            _add_theme(rng, timeline, part, stock, theme_level)
        elif part.kind in ("sponsor", "eyecatch"):
            _add_jingle(rng, timeline, part, stock)
        else:
            timeline.add(air, (part.start, part.end), air_level, rng.uniform(0, 50))
            _add_scenes(rng, timeline, part, stock, music_share)
    return timeline.to_track(rng.uniform(-18, 6))


def _add_theme(rng: Rng, timeline: SoundTimeline, part: Part, stock: Stock, level: float) -> None:
    """Add a song that fits the part, now and then with talk or effects over it, or a medley."""
    if rng.random() < 0.3:
        _add_medley(rng, timeline, part, stock, level)
        return
    song = stock.choose(rng, "songs")
    start = part.start + (rng.uniform(0, 1.5) if rng.random() < 0.4 else 0)
    end = part.end - (rng.uniform(0, 2) if rng.random() < 0.4 else 0)
    # The end of the song is at the end of the part more often than its beginning at the start.
    begin = song.seconds - (end - start) if rng.random() < 0.5 else 0.0
    timeline.add(song, (start, end), level, max(0.0, begin))
    if rng.random() < 0.15:
        timeline.add(stock.choose(rng, "talk"), (start, end), rng.uniform(-8, 4))
    if rng.random() < 0.2:
        timeline.add(stock.choose(rng, "effects"), (start, end), rng.uniform(-12, 3))


def _add_medley(rng: Rng, timeline: SoundTimeline, part: Part, stock: Stock, level: float) -> None:
    """Add pieces of music with talk and effects over them, as trailers and collages have them."""
    at, pace = part.start, rng.uniform(3, 14)
    has_music = rng.random() < 0.75
    talk, song = stock.choose(rng, "talk"), stock.choose(rng, "songs")
    while at < part.end - 0.2:
        end = min(part.end, at + pace * rng.uniform(0.5, 1.5))
        if has_music:
            timeline.add(song, (at, end), level + rng.uniform(-9, 3), rng.uniform(0, 60))
        if rng.random() < 0.5:
            song = stock.choose(rng, "songs")
        air = stock.choose(rng, "air")
        timeline.add(air, (at, end), level + rng.uniform(-30, -8), rng.uniform(0, 50))
        if rng.random() < 0.5:
            timeline.add(talk, (at, end), level + rng.uniform(-6, 4), rng.uniform(0, 50))
        if rng.random() < 0.5:
            effects = stock.choose(rng, "effects")
            timeline.add(effects, (at, end), level + rng.uniform(-9, 6), rng.uniform(0, 50))
        at = end


def _add_jingle(rng: Rng, timeline: SoundTimeline, part: Part, stock: Stock) -> None:
    if rng.random() < 0.8:
        song = stock.choose(rng, "songs")
        timeline.add(song, (part.start, part.end), rng.uniform(-8, 6), rng.uniform(0, 60))
    if rng.random() < 0.4:
        timeline.add(stock.choose(rng, "talk"), (part.start, part.end), rng.uniform(-3, 3))


def _add_scenes(
    rng: Rng, timeline: SoundTimeline, part: Part, stock: Stock, music_share: float
) -> None:
    """Add scenes of 5 to 90 s: talk, effects, music below or instead, or nothing but air."""
    at = part.start
    while at < part.end - 0.2:
        end = min(part.end, at + rng.uniform(5, 90)) if part.kind != "insert" else part.end
        draw, span = rng.random(), (at, end)
        is_talk = draw < 0.75 and part.kind != "insert"
        if is_talk:
            timeline.add(stock.choose(rng, "talk"), span, rng.uniform(-4, 3), rng.uniform(0, 50))
        if rng.random() < (0.25 if is_talk else 0.5):
            effects = stock.choose(rng, "effects")
            timeline.add(effects, span, rng.uniform(-15, 3), rng.uniform(0, 50))
        if part.kind == "insert" or rng.random() < music_share:
            loud = part.kind == "insert"
            gain = rng.uniform(-3, 8) if loud else rng.uniform(-24, 0 if is_talk else 3)
            begin = rng.uniform(0, 60)
            first = at + rng.uniform(0, 0.5) * (end - at) * (not loud)
            timeline.add(stock.choose(rng, "songs"), (first, end), gain, begin)
        at = end


def _draw_text(rng: Rng, parts: tuple[Part, ...]) -> TextTrack:
    duration = parts[-1].end
    seconds = np.arange(TEXT_HOP / 2, duration, TEXT_HOP)
    seconds = seconds[(seconds < _TEXT_REACH) | (seconds > duration - _TEXT_REACH)]
    share = np.zeros(len(seconds), np.float32)
    credits_rate = {kind: rng.uniform(0.2, 1) for kind in _TEXT}
    subtitles = 0.5 if rng.random() < 0.15 else 0.0
    for part in parts:
        often, size = _TEXT[part.kind]
        inside = (seconds >= part.start) & (seconds < part.end)
        shown = rng.random(inside.sum()) < often * credits_rate[part.kind]
        share[inside] = shown * size * rng.uniform(0.3, 2, inside.sum())
        share[inside] += (rng.random(inside.sum()) < subtitles) * 0.015
    return TextTrack(seconds, np.clip(share, 0, 1).astype(np.float32))
