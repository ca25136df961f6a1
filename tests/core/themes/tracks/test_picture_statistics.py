from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.picture_statistics import (
    measure_spread,
    read_flat,
    write_spread,
)


def _pictures() -> dict[str, NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    black = np.zeros((180, 320, 3), np.uint8)
    grain = np.clip(rng.normal(30, 6, black.shape), 0, 255).astype(np.uint8)
    credit = black.copy()
    credit[80:100, 100:220] = 230
    scene = np.kron(rng.integers(0, 255, (6, 10, 3), np.uint8), np.ones((30, 32, 1), np.uint8))
    return {"black": black, "grain": grain, "credit": credit, "scene": scene.astype(np.uint8)}


def test_black_and_grain_are_flat_and_credits_are_not(tmp_path: Path) -> None:
    pictures = _pictures()
    with FramesWriter(tmp_path / "one.arrow") as writer:
        for at, picture in enumerate(pictures.values()):
            writer.add(DistinctFrame(encode_stored_frame(picture), 0, [at], [at]))
        writer.finish(FramesReport(4, 4, 4, 0, ()))
    path = tmp_path / "new" / "one.npz"
    with FramesFile(tmp_path / "one.arrow") as frames:
        write_spread(path, measure_spread(frames))
    flat = dict(zip(pictures, read_flat(path, 4).tolist(), strict=True))
    assert flat == {"black": True, "grain": True, "credit": False, "scene": False}
    with pytest.raises(TrackError, match=r"one\.npz: .*index again"):
        read_flat(path, 5)


def test_missing_statistics_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrackError, match=r"gone\.npz"):
        read_flat(tmp_path / "gone.npz", 1)
