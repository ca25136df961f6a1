"""Reads the sound of a whole video as a track."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.error import FFmpegError

from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.sound_decoding import SoundFormat, SoundPiece, open_sound
from whenanime_pipeline.core.themes.tracks.episode_tracks import SOUND_HOP, SoundTrack
from whenanime_pipeline.core.themes.tracks.sound_bands import SOUND_RATE, Samples, compute_bands

# As integers: FFmpeg mixes channels without clipping only where the samples are no floats.
_FORMAT = SoundFormat("s16p", "mono", SOUND_RATE)
_FULL_SCALE = np.float32(1 / 32_768)
_LONGEST_FILL = 10 * SOUND_RATE
"""Samples of the longest block that fills a gap."""

_WORTH_A_WARNING = 30.0
"""Seconds without sound of which the operator hears: shorter ones are silent cards and logos."""


@dataclass(frozen=True, slots=True)
class SoundReading:
    """What came of reading the sound of a video.

    Attributes:
        track: the track, as long as the video, with rows missing where there is no sound; None for
            a video without any sound that can be decoded.
        warnings: sentences for the operator.
    """

    track: SoundTrack | None
    warnings: tuple[str, ...] = ()


def read_sound_track(video: Path, duration: float, reading: FileReading = PLAIN) -> SoundReading:
    """Read the sound of a video from its beginning to its end; no picture is decoded.

    Args:
        video: video to read.
        duration: second of the player's clock at which the video ends.
        reading: how the video is read where its header tells it wrong.

    Raises:
        MediaError: the file cannot be opened.
    """
    languages: list[str] = []
    try:
        found = compute_bands(_read_samples(video, duration, reading, languages))
    except FFmpegError as error:  # of the conversion: packets that cannot be decoded are missing
        return SoundReading(None, (f"its sound cannot be converted: {error.strerror}",))
    if not languages:
        return SoundReading(None)
    if bool(found.is_missing.all()):
        return SoundReading(None, ("none of its sound can be decoded",))
    track = SoundTrack(
        bands=found.bands,
        fine=found.fine,
        loudness=found.loudness,
        is_missing=found.is_missing,
        language=languages[0],
    )
    return SoundReading(track, _describe_missing(track))


def _describe_missing(track: SoundTrack) -> tuple[str, ...]:
    """Return a sentence for the operator where much of the sound could not be decoded."""
    missing = float(track.is_missing.sum() * SOUND_HOP)
    if missing < _WORTH_A_WARNING:
        return ()
    return (f"{missing:.0f} s of its sound are missing or cannot be decoded",)


def _read_samples(
    video: Path, duration: float, reading: FileReading, languages: list[str]
) -> Iterator[Samples]:
    """Yield the samples from second 0 to the end, NaN where there are none.

    Args:
        video: video to read.
        duration: second at which it ends.
        reading: how it is read.
        languages: receives the language of each piece that has sound.
    """
    position = 0
    for piece in open_sound(video, reading, 0.0, duration):
        languages.append(piece.language)
        for begins, samples in _decode(piece):
            yield from _fill(begins - position)
            yield samples
            position = begins + len(samples)
    yield from _fill(round(duration * SOUND_RATE) - position)


def _decode(piece: SoundPiece) -> Iterator[tuple[int, Samples]]:
    """Yield position and samples of what can be decoded."""
    for position, samples in piece.decode(_FORMAT):
        yield position, samples[0].astype(np.float32) * _FULL_SCALE


def _fill(count: int) -> Iterator[Samples]:
    """Yield `count` missing samples."""
    while count > 0:
        size = min(count, _LONGEST_FILL)
        yield np.full(size, np.nan, np.float32)
        count -= size
