"""Composes lone episodes: story of one film, talk and music, with themes cut from other films."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.lone.film_tracks import Film, Sound
from whenanime_pipeline.core.learning.themes.tagger_report import JudgedEpisode
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    PICTURE_HOP,
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
)
from whenanime_pipeline.core.themes.tracks.picture_track import CUT_HASH_BITS, CUT_LIKENESS
from whenanime_pipeline.core.themes.tracks.sound_bands import SOUND_RATE, compute_bands

Rng = np.random.Generator
_STORY_END = 480.0
"""Second of the film of the stories from which on there are credits."""
ThemeSource = Literal["own sound", "film and music", "clips and music"]
"""`own sound` is a trailer with its sound; `clips` are short clips, one after the other."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What episodes are composed of.

    Attributes:
        story: film of the stories, shown in its order.
        others: films that themes are cut from.
        trailer: film with its own sound.
        clips: short films.
        talk: samples of talk.
        music: samples of music.
    """

    story: Film
    others: tuple[Film, ...]
    trailer: Film
    clips: tuple[Film, ...]
    talk: tuple[Sound, ...]
    music: tuple[Sound, ...]


@dataclass(slots=True)
class _Theme:
    """A theme in a reel: its segment, its source and its sound; None for music."""

    segment: TrueSegment
    source: ThemeSource
    sound: Sound | None


@dataclass(slots=True)
class _Reel:
    """Stretches of films, one after the other."""

    stretches: list[tuple[Film, NDArray[np.int32]]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, film: Film, start: float, seconds: float) -> Sound:
        """Append a stretch of a film, and return its sound."""
        low = round(start / PICTURE_HOP)
        rows = film.pictures.frames[low : low + round(seconds / PICTURE_HOP)]
        self.stretches.append((film, rows))
        self.seconds += len(rows) * PICTURE_HOP
        begin, count = (round(n * PICTURE_HOP * SOUND_RATE) for n in (low, len(rows)))
        sound = film.sound[begin : begin + count]
        return np.pad(sound, (0, count - len(sound)))

    def fill(
        self, rng: Rng, films: Sequence[Film], seconds: float, piece: tuple[float, float]
    ) -> None:
        """Append random stretches of some films, each of a length between two bounds."""
        end = self.seconds + seconds
        while end - self.seconds > 0.3:
            film = films[int(rng.integers(len(films)))]
            length = min(end - self.seconds, rng.uniform(*piece), film.seconds)
            self.add(film, rng.uniform(0, film.seconds - length), length)

    def to_track(self) -> PictureTrack:
        """Return the track; cuts are found as in a file."""
        firsts: dict[str, int] = {}
        parts: list[Film] = []
        frames = []
        for film, rows in self.stretches:
            if film.name not in firsts:
                firsts[film.name] = sum(len(one.pictures.hashes) for one in parts)
                parts.append(film)
            frames.append(np.where(rows >= 0, rows + firsts[film.name], -1))
        shown = np.concatenate(frames).astype(np.int32)
        vectors = np.concatenate([one.pictures.vectors for one in parts])
        hashes = np.concatenate([one.pictures.hashes for one in parts])
        before, after = shown[:-1], shown[1:]
        likeness = (vectors[before] * vectors[after]).sum(1)
        changed = np.bitwise_count(hashes[before] ^ hashes[after])
        is_cut = (likeness < CUT_LIKENESS) & (changed >= CUT_HASH_BITS)
        is_cut &= (before >= 0) & (after >= 0)
        cuts = (np.flatnonzero(is_cut) + 1) * PICTURE_HOP
        flat = np.concatenate([one.pictures.is_flat for one in parts])
        return PictureTrack(shown, vectors, hashes, flat, cuts.astype(np.float64))


def compose_episode(
    seed: int, number: int, sources: Sources, *, has_themes: bool
) -> tuple[JudgedEpisode, Mapping[TrueSegment, ThemeSource]]:
    """Return an episode, and what each of its themes is cut from.

    Args:
        seed: decides with `number` everything.
        number: of the episode.
        sources: what it is composed of.
        has_themes: whether it has an opening, an ending or both.
    """
    rng = np.random.default_rng([seed, number])
    reel, themes, film = _Reel(), [], sources.story
    duration = rng.uniform(180, _STORY_END)
    has_opening = has_themes and rng.random() < 0.85
    has_ending = has_themes and (rng.random() < 0.85 or not has_opening)
    at = rng.uniform(0, _STORY_END - duration)
    cold = rng.uniform(8, duration * 0.25) if rng.random() < 0.7 else 0.0
    tail = rng.uniform(8, 60) if rng.random() < 0.35 else 0.0
    reel.add(film, at, cold)
    if has_opening:
        themes.append(_add_theme(rng, reel, sources, "opening"))
    reel.add(film, at + cold, duration - cold - tail)
    if has_ending:
        themes.append(_add_theme(rng, reel, sources, "ending"))
    reel.add(film, at + duration - tail, tail)
    tracks = EpisodeTracks(
        fingerprint=f"composed-{seed}-{number}",
        number=number,
        duration=reel.seconds,
        frame_rate=24.0,
        sound=_mix_sound(rng, reel.seconds, themes, sources),
        pictures=reel.to_track(),
        text=None,
    )
    return (
        JudgedEpisode(tracks, tuple(one.segment for one in themes)),
        {one.segment: one.source for one in themes},
    )


def _add_theme(
    rng: Rng,
    reel: _Reel,
    sources: Sources,
    kind: Literal["opening", "ending"],
) -> _Theme:
    """Append the pictures of a theme of 40 to 90 s."""
    start = reel.seconds
    seconds = rng.uniform(40, 60) if rng.random() < 0.5 else rng.uniform(60, 90)
    draw, sound = rng.random(), None
    source: ThemeSource = "film and music"
    if draw < 0.375:
        source, trailer = "own sound", sources.trailer
        seconds = rng.uniform(40, trailer.seconds - 0.2)
        sound = reel.add(trailer, rng.uniform(0, trailer.seconds - seconds), seconds)
    elif draw < 0.625:
        chosen = rng.permutation(len(sources.clips))[: max(5, round(seconds / 8))]
        for one in chosen:
            reel.add(sources.clips[one], 0, sources.clips[one].seconds)
        source = "clips and music"
    else:
        pieces = (1.0, 5.0) if rng.random() < 0.5 else (seconds, seconds)
        reel.fill(rng, sources.others, seconds, pieces)
    return _Theme(TrueSegment(kind, start, reel.seconds), source, sound)


def _mix_sound(rng: Rng, seconds: float, themes: Sequence[_Theme], sources: Sources) -> SoundTrack:
    """Return the sound: noise, talk and music below it, songs in the story, and the themes."""
    count = round(seconds * SOUND_RATE)
    out = rng.normal(0, 10 ** (rng.uniform(-75, -45) / 20), count).astype(np.float32)
    share, at = rng.uniform(0, 0.6), 0.0
    while at < seconds:
        length = rng.uniform(10, 80)
        if rng.random() < 0.75:
            _mix(out, rng, at, length, sources.talk, rng.uniform(-4, 2))
        if rng.random() < share:
            _mix(out, rng, at, length, sources.music, rng.uniform(-22, -3))
        at += length
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 3))):
            length = rng.uniform(15, 45)
            _mix(
                out,
                rng,
                rng.uniform(0, seconds - length),
                length,
                sources.music,
                rng.uniform(-4, 3),
            )
    for theme in themes:
        start, end = theme.segment.start, theme.segment.end
        span = slice(round(start * SOUND_RATE), round(end * SOUND_RATE))
        out[span] = 0
        own = sources.music if theme.sound is None else (theme.sound,)
        _mix(out, rng, start, end - start, own, rng.uniform(-3, 8), whole=theme.sound is not None)
    level = 10 ** (rng.uniform(-12, 6) / 20)
    found = compute_bands([np.clip(out * level, -1, 1).astype(np.float32)])
    return SoundTrack(found.bands, found.fine, found.loudness, found.is_missing, "")


def _mix(
    out: Sound,
    rng: Rng,
    at: float,
    seconds: float,
    sounds: Sequence[Sound],
    gain: float,
    *,
    whole: bool = False,
) -> None:
    """Add a random stretch of one of some sounds, at -20 dB and a gain in decibels."""
    sound = sounds[int(rng.integers(len(sounds)))]
    low = round(at * SOUND_RATE)
    count = min(round(seconds * SOUND_RATE), len(out) - low)
    begin = 0 if whole or rng.random() < 0.5 else int(rng.integers(max(1, len(sound) - count)))
    part = np.resize(sound[begin:], max(0, count))
    level = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    fade = np.clip((len(part) - np.arange(len(part))) / SOUND_RATE, 0, 1)
    out[low : low + len(part)] += (part * fade * (0.1 / level * 10 ** (gain / 20))).astype(
        np.float32
    )
