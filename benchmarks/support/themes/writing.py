"""Writes a composed episode as a video file, and checks how long what was written is."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from benchmarks.support.context import BenchmarkError
from benchmarks.support.themes.instruments import RATE, Sound
from benchmarks.support.themes.pieces import Composition, Release
from benchmarks.support.themes.scenery import HEIGHT, WIDTH, Image
from benchmarks.support.themes.truth import EpisodeTruth

_TOLERANCE = 0.12
"""Seconds by which the sound may be longer or shorter than the truth: packets are of whole size."""


def write_episode(path: Path, episode: Composition, base_rate: Fraction) -> None:
    """Write an episode; another file of that name is replaced.

    Args:
        path: of the file.
        episode: what to write.
        base_rate: rate of frames at which the sound has its own pitch.
    """
    release = episode.release
    partial = path.with_name(f".{path.name}.part{release.suffix}")
    sound = None if release.sound == "none" else render_sound(episode, base_rate)
    with av.open(str(partial), "w") as container:
        video = _add_video(container, release)
        audio = None if sound is None else _add_audio(container, release)
        second = 0
        for number, frame in enumerate(_iterate_frames(episode)):
            frame.pts, frame.time_base = number, 1 / release.rate
            container.mux(video.encode(frame))
            if audio is not None and sound is not None and number >= second * release.rate:
                _write_sound(container, audio, sound, second, release)
                second += 1
        container.mux(video.encode(None))
        if audio is not None and sound is not None:
            while second * RATE < len(sound):
                _write_sound(container, audio, sound, second, release)
                second += 1
            container.mux(audio.encode(None))
    partial.replace(path)


def render_sound(episode: Composition, base_rate: Fraction) -> Sound:
    """Return the samples of an episode as its release plays them."""
    parts, at = [], 0
    for piece in episode.pieces:
        first, last = _sample(at, base_rate), _sample(at + piece.frames, base_rate)
        part: Sound = np.zeros(last - first, np.float32)
        for layer in piece.layers:
            samples = layer.source.read(_sample(layer.start, base_rate), last - first)
            part += np.float32(layer.gain) * samples
        edge = min(len(part) // 2, 120)
        ramp = np.linspace(0, 1, edge, dtype=np.float32)
        part[:edge] *= ramp
        part[len(part) - edge :] *= ramp[::-1]
        parts.append(part)
        at += piece.frames
    sound: Sound = np.concatenate(parts)
    if episode.release.rate != base_rate:
        count = round(len(sound) * base_rate / episode.release.rate)
        at_old = np.linspace(0, len(sound) - 1, count)
        sound = np.interp(at_old, np.arange(len(sound)), sound).astype(np.float32)
    if episode.release.sound == "short":
        sound = sound[: round(len(sound) * 0.6)]
    gain = 10 ** (episode.release.gain / 20)
    played: Sound = np.clip(sound * np.float32(gain), -1, 1)
    return played


def check_lengths(path: Path, truth: EpisodeTruth, release: Release) -> None:
    """Check by decoding that picture and sound are as long as the truth says.

    Raises:
        BenchmarkError: they are not.
    """
    frames, samples = 0, 0
    with av.open(str(path)) as container:
        streams = [container.streams.video[0], *container.streams.audio]
        for packet in container.demux(streams):
            try:
                for frame in packet.decode():
                    if isinstance(frame, av.AudioFrame):
                        samples += frame.samples
                    else:
                        frames += 1
            except av.error.FFmpegError:
                if release.sound != "broken":
                    raise
    if frames != truth.frames:
        raise BenchmarkError(f"{path}: {frames} frames, not {truth.frames}")
    if release.sound == "broken":
        return
    seconds = samples / release.sample_rate if samples else None
    expected = truth.sound_seconds
    if (seconds is None) != (expected is None) or abs(
        (seconds or 0) - (expected or 0)
    ) > _TOLERANCE:
        raise BenchmarkError(f"{path}: {seconds} s of sound, not {expected}")


def _sample(frame: int, rate: Fraction) -> int:
    return round(frame * RATE / rate)


def _iterate_frames(episode: Composition) -> Iterator[av.VideoFrame]:
    """Yield all frames; those that show the same drawing are one object."""
    for piece in episode.pieces:
        drawn, picture = -1, None
        for number in range(piece.frames):
            if picture is None or (piece.start + number) // 3 != drawn:
                drawn = (piece.start + number) // 3
                canvas = _alter(piece.draw(number), episode.release)
                planes = cv2.cvtColor(canvas, cv2.COLOR_BGR2YUV_I420)
                picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            yield picture


def _alter(canvas: Image, release: Release) -> Image:
    if release.is_pillarboxed:
        small = cv2.resize(canvas, (240, HEIGHT), interpolation=cv2.INTER_AREA)
        canvas = cv2.copyMakeBorder(small, 0, 0, 40, 40, cv2.BORDER_CONSTANT)
    if release.brightness:
        canvas = np.clip(canvas.astype(np.int16) + release.brightness, 0, 255).astype(np.uint8)
    if release.has_logo:
        cv2.circle(canvas, (WIDTH - 26, 22), 11, (240, 240, 240), 2, cv2.LINE_AA)
        cv2.putText(canvas, "TV", (WIDTH - 34, 27), 0, 0.4, (240, 240, 240), 1, cv2.LINE_AA)
    return canvas


def _add_video(container: OutputContainer, release: Release) -> VideoStream:
    options = {"crf": str(release.crf), "preset": "veryfast", "threads": "1", "g": "120"}
    options["x264-params"] = "subme=1:me=dia:trellis=0:rc-lookahead=8"
    video = container.add_stream("libx264", rate=release.rate, options=options)
    video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    video.codec_context.time_base = 1 / release.rate
    return video


def _add_audio(container: OutputContainer, release: Release) -> AudioStream:
    audio = container.add_stream("aac", rate=release.sample_rate, layout=release.layout)
    audio.bit_rate = release.bit_rate
    return audio


def _write_sound(
    container: OutputContainer, audio: AudioStream, sound: Sound, second: int, release: Release
) -> None:
    part = sound[second * RATE : (second + 1) * RATE]
    if not len(part):
        return
    frame = av.AudioFrame.from_ndarray(part[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts = RATE, second * RATE
    frame.time_base = Fraction(1, RATE)
    packets = audio.encode(frame)
    if release.sound == "broken" and 0.4 < second * RATE / len(sound) < 0.6:
        container.mux([_break(packet) for packet in packets])
    else:
        container.mux(packets)


def _break(packet: "Packet[AudioStream]") -> "Packet[Any]":
    """Return a packet of the same time and size that no decoder can read."""
    noise = np.random.default_rng([packet.size, 43]).integers(0, 256, packet.size, np.uint8)
    broken: Packet[Any] = Packet(noise.tobytes())
    broken.stream, broken.time_base = packet.stream, packet.time_base
    broken.pts, broken.dts, broken.duration = packet.pts, packet.dts, packet.duration
    return broken
