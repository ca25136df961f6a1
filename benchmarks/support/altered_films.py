"""A library of any size out of a few films: their shots, altered and in another order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.support.altered_shots import draw_mix, draw_view
from benchmarks.support.questions import flat
from whenanime_pipeline.core.media.decode import FrameSampler
from whenanime_pipeline.core.media.pictures import decode_small, encode_small
from whenanime_pipeline.core.search.frames.deduplication import signature

Picture = NDArray[np.uint8]
Shot = tuple[bytes, ...]
"""Frames of one scene in order of time, eight a second, encoded."""

SIZE = (384, 216)
FRAMES = 1000
"""Of each film: two minutes, at as many a second as an index looks at."""
_RATE = Fraction(8)
_CUT = 20.0  # gray levels of mean difference at 64×36 between two shots
_SHORT, _LONG = 4, 40  # frames of a shot
_ENCODING = {"preset": "superfast", "crf": "23"}
_KEY_INTERVAL = 48


@dataclass(frozen=True, slots=True)
class Shots:
    """The shots of some films, in memory."""

    all: Sequence[Shot]

    @classmethod
    def of(cls, films: Sequence[Path]) -> "Shots":
        """Cut films into shots; what shows next to nothing is left out."""
        return cls([shot for film in films for shot in _cut(film)])

    def film(self, number: int, seed: int) -> Iterator[Picture]:
        """Yield the pictures of a film made of them.

        Args:
            number: of the film; each is another one.
            seed: of all films.
        """
        rng = np.random.default_rng([seed, number, 0xA17])
        made = 0
        while made < FRAMES:
            one, other = (self.all[int(rng.integers(len(self.all)))] for _ in range(2))
            seen, beside = draw_view(rng, SIZE), draw_view(rng, SIZE)
            mix = draw_mix(rng, SIZE)
            forward = rng.random() < 0.5
            length = min(len(one), FRAMES - made)
            for place in range(length):
                first = decode_small(one[place if forward else -1 - place])
                second = decode_small(other[place % len(other)])
                yield mix(seen(first), beside(second))
            made += length


def write_film(pictures: Iterator[Picture], target: Path) -> None:
    """Write pictures as a film, which appears when it is whole.

    Args:
        pictures: RGB, all of `SIZE`.
        target: an MP4.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with av.open(str(part), "w", format="mp4") as output:
        video = output.add_stream("libx264", rate=_RATE, options=_ENCODING)
        assert isinstance(video, VideoStream)
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.gop_size = _KEY_INTERVAL
        video.codec_context.thread_count = 1
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / _RATE
            output.mux(video.encode(frame.reformat(format="yuv420p")))
        output.mux(video.encode(None))
    part.replace(target)


def _cut(film: Path) -> Iterator[Shot]:
    shot: list[bytes] = []
    last: NDArray[np.uint8] | None = None
    with FrameSampler(film, fps=float(_RATE), long_side=SIZE[0], threads=1) as sampler:
        for sample in sampler:
            cells = signature(sample.picture)
            cut = last is not None and float(cv2.absdiff(cells, last).mean()) > _CUT
            last = cells
            if cut or len(shot) == _LONG or flat(sample.picture):
                if len(shot) >= _SHORT:
                    yield tuple(shot)
                shot = []
            if not flat(sample.picture):
                shot.append(encode_small(sample.picture))
    if len(shot) >= _SHORT:
        yield tuple(shot)
