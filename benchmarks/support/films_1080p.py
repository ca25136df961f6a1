"""Writes an episode in 1080p with a keyframe every five seconds, as releases have."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.frame_sampler import FrameSampler

_SIZE = (1920, 1080)
_RATE = 24
_KEY = 5
"""Seconds between keyframes."""


def write_1080p_film(film: Path, target: Path, seconds: float) -> None:
    """Write the beginning of a film in 1080p at 24 frames per second.

    Args:
        film: film to read, repeatedly if it is shorter.
        target: MP4 file to write, in H.264.
        seconds: length in seconds.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    options = {"preset": "veryfast", "crf": "21", "g": str(_KEY * _RATE), "sc_threshold": "0"}
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=_RATE, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        number, wanted = 0, round(seconds * _RATE)
        while number < wanted:
            with FrameSampler(film, fps=_RATE, long_side=_SIZE[0]) as sampler:
                for sample in sampler:
                    picture = cv2.resize(sample.picture, _SIZE, interpolation=cv2.INTER_CUBIC)
                    frame = VideoFrame.from_ndarray(picture, format="rgb24")
                    frame.pts, frame.time_base = number, Fraction(1, _RATE)
                    output.mux(stream.encode(frame))
                    number += 1
                    if number == wanted:
                        break
        output.mux(stream.encode(None))
