import os
from pathlib import Path

import numpy as np
import pytest
from dataset_library import CataloguedLibrary, draw_scene, write_film

from whenanime_pipeline.core.learning.dataset.extraction import (
    compute_frame_times,
    ensure_training_frames,
)
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import (
    StoredTrainingFrames,
    compute_digest,
    training_frames_file,
)
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import gray_difference, make_thumbnail, same_picture
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.episode_indexing import EpisodeError
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.settings import SamplingOptions

WHOLE = Sampling(fps=8.0, skip_start=0.0, skip_end=0.0, similarity_threshold=6.0)


@pytest.fixture
def shelf(tmp_path: Path) -> CataloguedLibrary:
    return CataloguedLibrary(tmp_path)


def _stored(shelf: CataloguedLibrary, status: EpisodeStatus) -> StoredTrainingFrames:
    return StoredTrainingFrames(training_frames_file(shelf.home, status.episode.fingerprint))


def test_moments_are_evenly_spread_and_none_is_at_an_edge() -> None:
    assert compute_frame_times(110.0, FrameOptions(), WHOLE) == pytest.approx(
        [10.0 * n for n in range(1, 11)]
    )


def test_head_and_tail_are_percent_and_the_index_is_never_left() -> None:
    skipping = Sampling(fps=8.0, skip_start=30.0, skip_end=0.0, similarity_threshold=6.0)
    options = FrameOptions(count=1, head=10.0, tail=50.0)
    assert compute_frame_times(100.0, options, WHOLE) == [30.0]
    assert compute_frame_times(100.0, options, skipping) == [40.0]
    with pytest.raises(DatasetError, match="nothing is left"):
        compute_frame_times(60.0, options, skipping)


@pytest.mark.parametrize("count", [1, 10, 100])
def test_frames_are_those_shown_at_their_seconds(shelf: CataloguedLibrary, count: int) -> None:
    shelf.add("a", range(8))
    (status,) = shelf.ensure_training_frames(FrameOptions(count=count, quality=95))
    with _stored(shelf, status) as stored:
        assert len(stored) == count
        assert stored.seconds == pytest.approx(8 * np.arange(1, count + 1) / (count + 1))
        for row, second in enumerate(stored.seconds):
            picture = decode_stored_frame(stored.picture(row))
            assert picture.shape == (90, 160, 3)
            assert (
                gray_difference(make_thumbnail(picture), make_thumbnail(draw_scene(int(second))))
                < 3
            )
            assert same_picture(stored.thumbnails[row], make_thumbnail(picture))
            assert stored.digests[row] == compute_digest(stored.picture(row))


def test_the_sketch_covers_every_frame(shelf: CataloguedLibrary) -> None:
    shelf.add("a", range(6))
    (status,) = shelf.ensure_training_frames(FrameOptions(count=20))
    with _stored(shelf, status) as stored:
        distances = np.bitwise_count(stored.hashes[:, None] ^ stored.sketch)
        assert len(stored.sketch) == 6
        assert (distances.min(axis=1) <= 2).all()


def test_the_same_options_are_not_done_twice_and_others_replace(shelf: CataloguedLibrary) -> None:
    shelf.add("a", range(5))
    (status,) = shelf.ensure_frames()

    def extract(options: FrameOptions) -> tuple[bool, int]:
        done = ensure_training_frames(shelf.home, shelf.videos, status, options)
        return done.seconds is not None, done.frames

    assert extract(FrameOptions(count=5)) == (True, 5)
    assert extract(FrameOptions(count=5)) == (False, 5)
    assert extract(FrameOptions(count=3)) == (True, 3)
    assert extract(FrameOptions(count=3, long_side=80)) == (True, 3)
    with _stored(shelf, status) as stored:
        assert decode_stored_frame(stored.picture(0)).shape == (45, 80, 3)
        assert stored.metadata.options == FrameOptions(count=3, long_side=80)


def test_another_way_of_indexing_makes_another_sketch(shelf: CataloguedLibrary) -> None:
    shelf.add("a", range(3))
    shelf.ensure_training_frames(FrameOptions(count=2))
    coarser = CataloguedLibrary(shelf.videos.parent, sampling=SamplingOptions(fps=1.0))
    (status,) = coarser.ensure_frames()
    done = ensure_training_frames(coarser.home, coarser.videos, status, FrameOptions(count=2))
    assert done.seconds is not None


def test_flat_frames_are_counted_and_left_out(shelf: CataloguedLibrary) -> None:
    black = np.zeros_like(draw_scene(0))
    write_film(shelf.videos / "a.mp4", [draw_scene(1), black, draw_scene(2), black])
    (status,) = shelf.ensure_frames()
    done = ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions(count=3))
    assert (done.frames, done.flat, done.warnings) == (1, 2, ())


def test_an_episode_that_is_not_indexed_is_refused_by_name(shelf: CataloguedLibrary) -> None:
    shelf.add("new", range(2))
    (status,) = shelf.statuses
    with pytest.raises(EpisodeError, match=r"new\.mp4: not indexed yet"):
        ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions())
    assert not training_frames_file(shelf.home, status.episode.fingerprint).exists()


def test_a_replaced_video_is_extracted_again(shelf: CataloguedLibrary) -> None:
    path = shelf.add("a", range(3))
    (status,) = shelf.ensure_frames()
    path.unlink()
    shelf.add("a", range(7, 10))
    with pytest.raises(EpisodeError, match="changed while"):
        ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions())
    assert not training_frames_file(shelf.home, status.episode.fingerprint).exists()


def test_missing_video_is_named(shelf: CataloguedLibrary) -> None:
    path = shelf.add("gone", range(3))
    (status,) = shelf.ensure_frames()
    path.unlink()
    with pytest.raises(EpisodeError, match=r"gone\.mp4"):
        ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions())


def test_a_truncated_video_yields_its_frames_and_a_warning(shelf: CataloguedLibrary) -> None:
    whole = write_film(shelf.videos.parent / "whole.mkv", [draw_scene(seed) for seed in range(40)])
    (shelf.videos / "cut.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (status,) = shelf.ensure_frames()
    done = ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions(count=10))
    assert 2 <= done.frames <= 7
    assert done.warnings == (f"{10 - done.frames} of 10 frames could not be decoded",)


@pytest.mark.parametrize("keep", [0, 8, 3000, -1])
def test_damaged_file_is_extracted_again(shelf: CataloguedLibrary, keep: int) -> None:
    shelf.add("a", range(4))
    (status,) = shelf.ensure_training_frames(FrameOptions(count=4))
    path = training_frames_file(shelf.home, status.episode.fingerprint)
    os.truncate(path, keep if keep >= 0 else path.stat().st_size + keep)
    with pytest.raises(DatasetError, match=path.name):
        StoredTrainingFrames(path)
    done = ensure_training_frames(shelf.home, shelf.videos, status, FrameOptions(count=4))
    assert done.seconds is not None
    assert done.frames == 4


def test_interruption_leaves_the_previous_file(shelf: CataloguedLibrary) -> None:
    shelf.add("a", range(4))
    (status,) = shelf.ensure_training_frames(FrameOptions(count=4))
    path = training_frames_file(shelf.home, status.episode.fingerprint)
    before = path.read_bytes()

    def stop(done: float, _: float) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_training_frames(
            shelf.home, shelf.videos, status, FrameOptions(count=3), progress=stop
        )
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 0),
        ("head", -1.0),
        ("tail", 101.0),
        ("flat", float("nan")),
        ("quality", 0),
        ("long_side", 2),
    ],
)
def test_an_option_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(DatasetError, match=f"^{name}: "):
        FrameOptions(**{name: value})  # type: ignore[arg-type]


def test_head_and_tail_together_leave_something() -> None:
    with pytest.raises(DatasetError, match="head and tail"):
        FrameOptions(head=60.0, tail=40.0)
