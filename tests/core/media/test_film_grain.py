"""AV1's film grain is a part of the picture that players show."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numbered_video import write_video
from numpy.typing import NDArray

from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.thumbnails import decode_frame_at


def _draw_noise(number: int, width: int, height: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(number).normal(0, 8, (height, width))
    return (128 + noise).round().astype(np.uint8)


def _write(path: Path, strength: int) -> Path:
    """Write noise so coarsely that nothing is left of it but what is described as grain."""
    return write_video(
        path,
        frames=6,
        rate=Fraction(24),
        size=(320, 176),
        codec="libsvtav1",
        options={"preset": "12", "crf": "60", "svtav1-params": f"film-grain={strength}"},
        draw=_draw_noise,
    )


def test_grain_is_shown(tmp_path: Path) -> None:
    deviations = []
    for strength in (0, 50):
        path = _write(tmp_path / f"{strength}.mkv", strength)
        with FrameSampler(path, fps=24) as sampler:
            sampled = next(iter(sampler)).picture
        still = decode_frame_at(path, 0.1)
        assert abs(float(still.mean()) - 128) < 4
        deviations.append((float(still.std()), float(sampled.std())))
    (plain, plain_sampled), (grainy, grainy_sampled) = deviations
    assert grainy > plain + 2
    assert grainy_sampled > plain_sampled + 2
