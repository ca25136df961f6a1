from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.deduplication import (
    DistinctFrame,
    perceptual_hash,
    signature,
)
from whenanime_pipeline.core.search.frames.stored_frames import (
    FramesFile,
    FramesReport,
    FramesWriter,
)
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary

KEYS = 40
"""More than a thread describes in one go."""


def stored(path: Path, *, rubbish: int | None = None) -> FramesFile:
    """Return drawn pictures a second apart, each of which is a key frame."""
    with FramesWriter(path) as writer:
        for number in range(KEYS):
            picture = draw_random_picture(number, (320, 180))
            data = b"rubbish" if number == rubbish else encode_stored_frame(picture)
            own, second = perceptual_hash(signature(picture)), float(number)
            writer.add(DistinctFrame(data, own, [second], [second]))
        writer.finish(FramesReport(float(KEYS), KEYS, KEYS, 0.0, ()))
    return FramesFile(path)


def test_results_do_not_depend_on_threads_and_progress_counts_keyframes(tmp_path: Path) -> None:
    reported: list[tuple[float, float]] = []
    with stored(tmp_path / "a.arrow") as frames:
        one = extract_local_features(frames, Vocabulary.load(), threads=1)
        more = extract_local_features(
            frames, Vocabulary.load(), threads=3, progress=lambda *now: reported.append(now)
        )
    assert one.frames.tolist() == list(range(KEYS))
    assert one.counts.sum() == len(one.words) == len(one.codes) == len(one.geometry) > KEYS * 50
    for name in ("frames", "counts", "words", "codes", "geometry"):
        assert np.array_equal(getattr(one, name), getattr(more, name))
    assert reported == [(16, KEYS), (32, KEYS), (KEYS, KEYS)]


def test_a_picture_that_cannot_be_decoded_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with (
        stored(tmp_path / "a.arrow", rubbish=20) as frames,
        pytest.raises(FramesError, match=r"a\.arrow: a stored frame cannot be decoded"),
    ):
        extract_local_features(frames, Vocabulary.load(), threads=2)
