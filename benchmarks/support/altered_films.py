"""Makes films of altered shots of given films, for a library of any size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.support.altered_shots import draw_blend, draw_transform
from benchmarks.support.queries import is_flat
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_stored_frame
from whenanime_pipeline.core.search.frames.deduplication import signature

Picture = NDArray[np.uint8]
Shot = tuple[bytes, ...]
"""Encoded frames of one shot in order of time, 8 per second."""

SIZE = (384, 216)
FRAMES_PER_FILM = 1000
"""Frames of each film: about two minutes at 8 per second."""
_RATE = Fraction(8)
_CUT = 20.0
"""Mean absolute difference of 64×36 thumbnails, in gray levels, that is a cut."""
_SHORT, _LONG = 4, 40
"""Fewest and most frames of a shot."""
_ENCODING = {"preset": "superfast", "crf": "23"}
_KEY_INTERVAL = 48


@dataclass(frozen=True, slots=True)
class ShotPool:
    """The shots of some films, in memory."""

    shots: Sequence[Shot]

    @classmethod
    def from_films(cls, films: Sequence[Path]) -> "ShotPool":
        """Cut films into shots, without flat frames."""
        return cls([shot for film in films for shot in _split_into_shots(film)])

    def compose_film(self, number: int, seed: int) -> Iterator[Picture]:
        """Yield the RGB pictures of a film, blended from random pairs of shots.

        Args:
            number: number of the film.
            seed: seed of all films.
        """
        rng = np.random.default_rng([seed, number, 0xA17])
        made = 0
        while made < FRAMES_PER_FILM:
            one, other = (self.shots[int(rng.integers(len(self.shots)))] for _ in range(2))
            first_motion, second_motion = draw_transform(rng, SIZE), draw_transform(rng, SIZE)
            mix = draw_blend(rng, SIZE)
            forward = rng.random() < 0.5
            length = min(len(one), FRAMES_PER_FILM - made)
            for place in range(length):
                first = decode_stored_frame(one[place if forward else -1 - place])
                second = decode_stored_frame(other[place % len(other)])
                yield mix(first_motion(first), second_motion(second))
            made += length


def write_film(pictures: Iterator[Picture], target: Path) -> None:
    """Write pictures as a film, atomically.

    Args:
        pictures: RGB pictures of `SIZE`.
        target: MP4 file to write.
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


def _split_into_shots(film: Path) -> Iterator[Shot]:
    shot: list[bytes] = []
    last: NDArray[np.uint8] | None = None
    with FrameSampler(film, fps=float(_RATE), long_side=SIZE[0], threads=1) as sampler:
        for sample in sampler:
            cells = signature(sample.picture)
            cut = last is not None and float(cv2.absdiff(cells, last).mean()) > _CUT
            last = cells
            if cut or len(shot) == _LONG or is_flat(sample.picture):
                if len(shot) >= _SHORT:
                    yield tuple(shot)
                shot = []
            if not is_flat(sample.picture):
                shot.append(encode_stored_frame(sample.picture))
    if len(shot) >= _SHORT:
        yield tuple(shot)
