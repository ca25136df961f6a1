"""Makes films for benchmarks: scaled to 1080p, and very long ones."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import hash_json

_ENCODING = {"preset": "medium", "crf": "20"}
_KEY_INTERVAL = 250
_STRETCH = 60
"""Seconds of a long film that are drawn; the rest repeats them."""
_RATE = 24


def scale_to_1080p(source: Path, seconds: int, cache: Path) -> Path:
    """Return a film's beginning, scaled to 1080p: x264 medium, CRF 20, a keyframe every 250 frames.

    It is cached, as encoding takes longer than the benchmark.

    Args:
        source: film to scale.
        seconds: length in seconds.
        cache: folder of the cache.
    """
    recipe = {"of": source.name, "bytes": source.stat().st_size, "seconds": seconds}
    target = cache / f"1080p-{hash_json(recipe | _ENCODING)}.mp4"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part.mp4")
    with av.open(str(source)) as film, av.open(str(part), "w") as output:
        pictures = film.streams.video[0]
        pictures.thread_type = "AUTO"
        rate = pictures.average_rate or Fraction(_RATE)
        video = output.add_stream("libx264", rate=rate, options=_ENCODING)
        video.width, video.height, video.pix_fmt = 1920, 1080, "yuv420p"
        video.gop_size = _KEY_INTERVAL
        for number, frame in enumerate(film.decode(pictures)):
            if number >= seconds * rate:
                break
            scaled = frame.reformat(1920, 1080, "yuv420p", interpolation="BICUBIC")
            scaled.pts, scaled.time_base = number, 1 / rate
            output.mux(video.encode(scaled))
        output.mux(video.encode(None))
    part.replace(target)
    return target


def write_long_film(target: Path, seconds: int, *, size: tuple[int, int] = (160, 90)) -> Path:
    """Write a long film quickly: a minute is drawn and encoded, and its packets are repeated.

    A minute has more distinct pictures than the deduplication looks back, so repetitions are
    indexed again.

    Args:
        target: file to write.
        seconds: length in seconds, rounded up to whole minutes.
        size: width and height in pixels.
    """
    minute = target.with_suffix(".minute.mp4")
    _draw(minute, size)
    with av.open(str(target), "w") as output:
        video = None
        for turn in range(-(-seconds // _STRETCH)):
            with av.open(str(minute)) as source:
                stream = source.streams.video[0]
                video = video or output.add_stream_from_template(stream)
                assert stream.time_base is not None
                shift = round(turn * _STRETCH / stream.time_base)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = video
                    output.mux(packet)
    minute.unlink()
    return target


def _draw(target: Path, size: tuple[int, int]) -> None:
    """Encode a minute of a moving disc, with a new background every two seconds."""
    rng = np.random.default_rng(0)
    width, height = size
    with av.open(str(target), "w") as output:
        video = output.add_stream("libx264", rate=_RATE, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.gop_size = _RATE * 2
        picture = np.zeros((height, width, 3), np.uint8)
        for number in range(_STRETCH * _RATE):
            if number % (2 * _RATE) == 0:
                scene = _scene(rng, size)
            # On threes, like hand-drawn animation.
            if number % 3 == 0:
                picture = scene.copy()
                place = (number * 5 % width, height // 2 + number * 3 % (height // 3))
                cv2.circle(picture, place, height // 6, (240, 200, 60), -1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            output.mux(video.encode(frame))
        output.mux(video.encode(None))


def _scene(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    small = rng.integers(0, 256, (5, 8, 3), np.uint8)
    scene: NDArray[np.uint8] = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    return scene
