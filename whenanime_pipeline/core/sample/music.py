"""Synthesises sound from seeds: songs for the themes, air and murmured speech elsewhere."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.sample.shots import EpisodePlan, FrameSpan

Sound = NDArray[np.float32]
SAMPLE_RATE = 44_100  # samples per second
SECONDS_PER_FRAME = 1001 / 24000
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_PROGRESSIONS = ((0, 4, 5, 3), (5, 3, 0, 4), (3, 4, 2, 5), (0, 5, 3, 4))


def _synthesize_tone(
    note: float, seconds: float, partials: tuple[float, ...], decay: float
) -> Sound:
    """Synthesise a struck note: MIDI number, length, strengths of partials, decay per second."""
    time = np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    pitch = 440.0 * 2 ** ((note - 69) / 12)
    wave = sum(
        strength * np.sin(2 * np.pi * pitch * (number + 1) * time)
        for number, strength in enumerate(partials)
    )
    envelope = np.minimum(1, time / 0.012) * np.exp(-decay * time)
    release = np.clip((seconds - time) / 0.03, 0, 1)
    return np.asarray(wave * envelope * release, np.float32)


def _mix_into(song: Sound, at: float, part: Sound, level: float) -> None:
    start = round(at * SAMPLE_RATE)
    part = part[: max(0, len(song) - start)]
    song[start : start + len(part)] += part * level


@lru_cache(maxsize=8)
def compose_song(seed: int, samples: int, beat: float) -> Sound:
    """Compose a song: chords, bass, a melody and a beat.

    Args:
        seed: seed of key, progression and melody.
        samples: length at `SAMPLE_RATE`.
        beat: length of a beat in seconds.

    Returns:
        Mono samples in -1 to 1, shared between calls: read only.
    """
    rng = np.random.default_rng([seed, 0x50])
    out = np.zeros(samples, np.float32)
    key = 60 + int(rng.integers(-4, 5))
    chords = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    step = int(rng.integers(0, 7))
    noise = rng.normal(0, 1, round(0.09 * SAMPLE_RATE)).astype(np.float32)
    hat = noise * np.exp(-np.arange(len(noise)) / (0.012 * SAMPLE_RATE)).astype(np.float32)
    time = np.arange(round(0.2 * SAMPLE_RATE)) / SAMPLE_RATE
    drum = np.asarray(
        np.sin(2 * np.pi * (50 * time + 6 * (1 - np.exp(-30 * time)))) * np.exp(-14 * time),
        np.float32,
    )
    for number in range(int(samples / SAMPLE_RATE / beat) + 1):
        at = number * beat
        root = chords[number // 4 % len(chords)]
        if number % 4 == 0:
            for third in (0, 2, 4):
                degree = root + third
                note = key + _MAJOR[degree % 7] + 12 * (degree // 7)
                _mix_into(out, at, _synthesize_tone(note, beat * 4, (1, 0.4, 0.25, 0.1), 0.5), 0.09)
        _mix_into(
            out, at, _synthesize_tone(key - 24 + _MAJOR[root % 7], beat, (1, 0.5, 0.2), 3.0), 0.2
        )
        _mix_into(out, at, drum, 0.45 if number % 2 == 0 else 0.15)
        _mix_into(out, at + beat / 2, hat, 0.07)
        for half in (0.0, 0.5):
            if rng.random() < 0.8:
                step = int(np.clip(step + rng.integers(-2, 3), -2, 9))
                note = key + 12 + _MAJOR[step % 7] + 12 * (step // 7)
                _mix_into(
                    out,
                    at + half * beat,
                    _synthesize_tone(note, beat * 0.5, (1, 0.15, 0.3, 0.05, 0.1), 2.5),
                    0.2,
                )
    fade = np.minimum(1, np.arange(samples) / (0.01 * SAMPLE_RATE)) * np.clip(
        (samples - np.arange(samples)) / (0.4 * SAMPLE_RATE), 0, 1
    )
    result = np.asarray(np.tanh(out * 1.2) * 0.8 * fade, np.float32)
    result.flags.writeable = False
    return result


def _synthesize_speech(rng: np.random.Generator, seconds: float, pitch: float) -> Sound:
    """Synthesise murmured syllables without recognisable words."""
    count = round(seconds * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    wander = np.interp(time, np.linspace(0, seconds, 12), pitch * rng.uniform(0.85, 1.2, 12))
    phase = 2 * np.pi * np.cumsum(wander) / SAMPLE_RATE
    colour = np.interp(time, np.linspace(0, seconds, 16), rng.uniform(0.1, 0.9, 16))
    voice = (
        np.sin(phase) + colour * np.sin(3 * phase) * 0.5 + (1 - colour) * np.sin(5 * phase) * 0.25
    )
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * 5.5 * time)
    edge = np.clip(np.minimum(time, seconds - time) / 0.04, 0, 1)
    return np.asarray(voice * syllables * edge * 0.2, np.float32)


def _sample_index(frame: int) -> int:
    return round(frame * SECONDS_PER_FRAME * SAMPLE_RATE)


def _add_theme(out: Sound, span: FrameSpan, seed: int, beat_frames: int) -> None:
    start, end = _sample_index(span.start), _sample_index(span.end)
    length = round((span.end - span.start) * SECONDS_PER_FRAME * SAMPLE_RATE)
    part = compose_song(seed, length, beat_frames * SECONDS_PER_FRAME)[: end - start]
    out[start : start + len(part)] = part


def compose_soundtrack(plan: EpisodePlan, series_seed: int) -> Sound:
    """Compose an episode's sound, as long as its pictures.

    Args:
        plan: plan of the episode.
        series_seed: seed of the series' songs.

    Returns:
        Mono samples in -1 to 1 at `SAMPLE_RATE`.
    """
    rng = np.random.default_rng([plan.seed, 0x5D])
    out = np.zeros(_sample_index(plan.frames), np.float32)
    start = 0
    for shot in plan.shots:
        first, last = _sample_index(start), _sample_index(start + shot.frames)
        if shot.part in ("cold open", "story"):
            air = rng.normal(0, 1, last - first).cumsum() * 0.0004
            out[first:last] += np.asarray(np.tanh(air - air.mean()) * 0.02, np.float32)
            for actor in shot.actors:
                pitch = 150.0 + 60 * actor.cast
                for talk in actor.talks:
                    seconds = (talk.end - talk.start) * SECONDS_PER_FRAME
                    _mix_into(
                        out,
                        (start + talk.start) * SECONDS_PER_FRAME,
                        _synthesize_speech(rng, seconds, pitch),
                        0.7,
                    )
        elif shot.part == "eyecatch":
            for step, note in enumerate((72, 76, 79, 84)):
                _mix_into(
                    out,
                    start * SECONDS_PER_FRAME + 0.12 * step,
                    _synthesize_tone(note, 1.2, (1, 0.3, 0.2), 2.5),
                    0.2,
                )
        start += shot.frames
    if plan.opening:
        _add_theme(out, plan.opening.span, 2 * series_seed, 12)
    if plan.ending:
        _add_theme(out, plan.ending.span, 2 * series_seed + 1, 18)
    return np.clip(out, -1, 1)
