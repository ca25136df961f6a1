"""Writes short videos whose sound has clicks at known seconds, and finds the clicks in tracks."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SoundTrack

RATE = 48_000
FPS = 24


def make_clicks(
    seconds: float, clicks: Sequence[float], *, rate: int = RATE
) -> NDArray[np.float32]:
    """Return soft noise with a loud burst of 4 ms at each second, `(samples,)`."""
    rng = np.random.default_rng(1)
    samples = rng.normal(0, 0.002, round(seconds * rate)).astype(np.float32)
    burst = np.hanning(round(0.004 * rate)).astype(np.float32)
    tone = np.sin(np.arange(len(burst)) * (2 * np.pi * 1000 / rate)).astype(np.float32)
    for second in clicks:
        at = round(second * rate) - len(burst) // 2
        samples[at : at + len(burst)] += 0.9 * burst * tone
    return samples


def write_sounding(
    path: Path,
    sounds: Sequence[NDArray[np.float32]],
    *,
    seconds: float,
    start: float = 0.0,
    codec: str = "aac",
    rate: int = RATE,
    languages: Sequence[str] = (),
) -> Path:
    """Write a video of gray pictures with sounds.

    Args:
        path: File to write; its suffix tells the container.
        sounds: Samples of each stream.
        seconds: Length of the pictures.
        start: Second at which the sounds begin.
        codec: Codec of the sounds.
        rate: Samples per second.
        languages: Languages of the streams.
    """
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.thread_count = 1
        streams = [output.add_stream(codec, rate=rate, layout="mono") for _ in sounds]
        for stream, language in zip(streams, languages, strict=False):
            stream.metadata["language"] = language
        for stream, samples in zip(streams, sounds, strict=True):
            assert isinstance(stream, AudioStream)
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = round(start * rate)
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        for number in range(round(seconds * FPS)):
            gray = np.full((96, 64), 40 + number % 160, np.uint8)
            picture = av.VideoFrame.from_ndarray(gray, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
    return path


def find_clicks(track: SoundTrack) -> list[float]:
    """Return the seconds of the clicks in a track, as centres of its fine rows' amplitudes."""
    amplitude = np.sqrt((10 ** (track.fine / 10)).sum(axis=1))
    is_loud = amplitude > 0.2 * amplitude.max()
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], is_loud, [False]]).astype(int)))
    seconds = np.arange(len(amplitude)) * FINE_HOP
    found = []
    for low, high in bounds.reshape(-1, 2):
        rows = slice(max(0, low - 1), high + 1)
        found.append(float(np.average(seconds[rows], weights=amplitude[rows])))
    return found
