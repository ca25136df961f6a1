import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from dataset_library import CataloguedLibrary, draw_scene

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset import loading as decoded
from whenanime_pipeline.core.learning.dataset import square_frames as squares
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, DatasetFrame, load_dataset
from whenanime_pipeline.core.learning.dataset.frame_reading import map_pictures, read_jpegs
from whenanime_pipeline.core.learning.dataset.loading import load_training_data
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.learning.dataset.stats import load_stats, make_stats, stats_file
from whenanime_pipeline.core.learning.dataset.stored_training_frames import training_frames_file
from whenanime_pipeline.core.learning.dataset.stored_views import views_file
from whenanime_pipeline.core.learning.dataset.validation_views import make_views
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import (
    Picture,
    gray_difference,
    make_thumbnail,
    squeeze_to_square,
)
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame

SIDE = 40
SIZES = ((160, 90), (320, 180), (96, 72), (90, 160))


def _make(shelf: CataloguedLibrary, *, seed: int = 0) -> Dataset:
    statuses = shelf.ensure_training_frames(FrameOptions(count=4))
    dataset = make_dataset(shelf.home, statuses, SplitOptions(seed=seed))
    make_stats(shelf.home)
    make_views(shelf.home, ViewOptions(size=32))
    return dataset


@pytest.fixture
def shelf(tmp_path: Path) -> CataloguedLibrary:
    """Four episodes, each of another resolution."""
    shelf = CataloguedLibrary(tmp_path)
    for number, size in enumerate(SIZES):
        shelf.add(f"{number}", range(10 * number, 10 * number + 4), size=size)
    return shelf


def test_training_data_is_the_dataset_as_squares(shelf: CataloguedLibrary) -> None:
    dataset = _make(shelf)
    material = load_training_data(shelf.home, side=SIDE)
    n, m = len(dataset.training), len(dataset.validation)
    assert (n, m) == (12, 4)
    assert material.dataset == dataset.id
    assert material.pictures.shape == (n, SIDE, SIDE, 3)
    assert material.originals.shape == (m, SIDE, SIDE, 3)
    assert material.views.shape == (m, 32, 32, 3)
    assert material.aspects is not None
    for frames, rows in (
        (dataset.training, material.pictures),
        (dataset.validation, material.originals),
    ):
        for row, encoded in zip(rows, read_jpegs(shelf.home, frames), strict=True):
            assert np.array_equal(row, squeeze_to_square(decode_stored_frame(encoded), SIDE))
    for row, encoded in enumerate(read_jpegs(shelf.home, dataset.training)):
        picture = decode_stored_frame(encoded)
        assert gray_difference(material.thumbnails[row], make_thumbnail(picture)) < 1
        assert material.aspects[row] == pytest.approx(picture.shape[1] / picture.shape[0])
    assert not material.pictures.flags.writeable


def test_statistics_are_means_over_the_training_pictures(shelf: CataloguedLibrary) -> None:
    dataset = _make(shelf)
    stats = make_stats(shelf.home)
    pictures = [decode_stored_frame(one) for one in read_jpegs(shelf.home, dataset.training)]
    means = np.mean([one.reshape(-1, 3).mean(axis=0) for one in pictures], axis=0)
    stds = np.mean([one.reshape(-1, 3).std(axis=0) for one in pictures], axis=0)
    assert stats.mean == pytest.approx(means, abs=1e-3)
    assert stats.std == pytest.approx(stds, abs=1e-3)
    assert (stats.samples, stats.dataset) == (12, dataset.id)
    assert load_stats(shelf.home) == stats
    few = make_stats(shelf.home, max_samples=5)
    assert few.samples == 5
    assert make_stats(shelf.home, max_samples=5) == few
    with pytest.raises(DatasetError, match="max_samples"):
        make_stats(shelf.home, max_samples=0)


def test_dataset_is_decoded_once(shelf: CataloguedLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(shelf)
    first = load_training_data(shelf.home, side=SIDE)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(decoded, "write_square_frames", never)
    monkeypatch.setattr(decoded, "decode_stored_frame", never)
    again = load_training_data(shelf.home, side=SIDE)
    assert again.id == first.id
    assert np.array_equal(again.pictures, first.pictures)
    assert np.array_equal(again.views, first.views)


def test_new_episode_decodes_its_own_frames_only(
    shelf: CataloguedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(shelf)
    old = load_training_data(shelf.home, side=SIDE)
    shelf.add("new", range(70, 74))
    dataset = _make(shelf)
    asked: list[DatasetFrame] = []

    def counting(
        home: Home, frames: list[DatasetFrame], work: Callable[[Picture], object]
    ) -> Iterator[object]:
        asked.extend(frames)
        return map_pictures(home, frames, work)

    monkeypatch.setattr(squares, "map_pictures", counting)
    new = load_training_data(shelf.home, side=SIDE)
    assert len(asked) == 4
    assert new.id != old.id
    fresh = squeeze_to_square(
        decode_stored_frame(next(read_jpegs(shelf.home, dataset.training))), SIDE
    )
    assert np.array_equal(new.pictures[0], fresh)
    assert len(old.pictures) == 12, "what is mapped stays readable"
    assert old.pictures.mean() > 0
    folders = sorted(one.name for one in (shelf.home.dataset / "decoded").glob("frames-*"))
    assert folders == [f"frames-{dataset.id}-{SIDE}"]
    assert len(list((shelf.home.dataset / "decoded").iterdir())) == 2


def test_evaluation_decodes_validation_frames_only(
    shelf: CataloguedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = _make(shelf)
    asked: list[DatasetFrame] = []

    def counting(
        home: Home, frames: list[DatasetFrame], work: Callable[[Picture], object]
    ) -> Iterator[object]:
        asked.extend(frames)
        return map_pictures(home, frames, work)

    monkeypatch.setattr(squares, "map_pictures", counting)
    half = load_training_data(shelf.home, side=SIDE, training=False)
    assert asked == list(dataset.validation)
    again = load_training_data(shelf.home, side=SIDE, training=False)
    assert asked == list(dataset.validation)
    whole = load_training_data(shelf.home, side=SIDE)
    assert asked == [*dataset.validation, *dataset.training], "what there was is copied"
    after = load_training_data(shelf.home, side=SIDE, training=False)
    assert len(asked) == 16
    for one in (half, again, after):
        assert one.pictures.shape == (0, SIDE, SIDE, 3)
        assert one.thumbnails.shape == (0, 36, 64)
        assert one.aspects is not None
        assert one.aspects.shape == (0,)
        assert np.array_equal(one.originals, whole.originals)
        assert np.array_equal(one.views, whole.views)
        assert (one.id, one.dataset, one.mean) == (whole.id, whole.dataset, whole.mean)
    assert whole.pictures.shape == (12, SIDE, SIDE, 3)
    folders = [one.name for one in (shelf.home.dataset / "decoded").glob("*frames-*")]
    assert folders == [f"frames-{dataset.id}-{SIDE}"]
    load_training_data(shelf.home, side=SIDE + 8, training=False)
    shelf.add("new", range(70, 74))
    other = _make(shelf)
    load_training_data(shelf.home, side=SIDE, training=False)
    folders = [one.name for one in (shelf.home.dataset / "decoded").glob("*frames-*")]
    assert folders == [f"frames-{other.id}-{SIDE}-validation"]


def test_parts_of_another_dataset_are_refused(shelf: CataloguedLibrary) -> None:
    _make(shelf)
    other = next(seed for seed in range(1, 9) if _other(shelf, seed))
    with pytest.raises(DatasetError, match="materialise dataset_stats again"):
        load_training_data(shelf.home, side=SIDE)
    make_stats(shelf.home)
    with pytest.raises(DatasetError, match="materialise validation_views again"):
        load_training_data(shelf.home, side=SIDE)
    make_views(shelf.home, ViewOptions(size=32))
    assert load_training_data(shelf.home, side=SIDE).id
    assert other


def _other(shelf: CataloguedLibrary, seed: int) -> bool:
    before = load_dataset(shelf.home)
    after = make_dataset(shelf.home, shelf.statuses, SplitOptions(seed=seed))
    return after.training != before.training


@pytest.mark.parametrize(
    ("which", "asset"), [("stats", "dataset_stats"), ("views", "validation_views")]
)
def test_missing_and_damaged_parts_are_named(
    shelf: CataloguedLibrary, which: str, asset: str
) -> None:
    _make(shelf)
    path = {"stats": stats_file, "views": views_file}[which](shelf.home)
    os.truncate(path, path.stat().st_size - 9)
    with pytest.raises(DatasetError, match=f"{path.name}: damaged; materialise {asset} again"):
        load_training_data(shelf.home, side=SIDE)
    path.unlink()
    with pytest.raises(DatasetError, match=f"{path.name}: .*; materialise {asset}$"):
        load_training_data(shelf.home, side=SIDE)


def test_decoded_files_that_were_cut_are_decoded_again(shelf: CataloguedLibrary) -> None:
    _make(shelf)
    expected = np.array(load_training_data(shelf.home, side=SIDE).pictures)
    for path in sorted((shelf.home.dataset / "decoded").rglob("*.npy")):
        os.truncate(path, path.stat().st_size - 5)
        material = load_training_data(shelf.home, side=SIDE)
        assert np.array_equal(material.pictures, expected)
        assert material.views.shape == (4, 32, 32, 3)


def test_damaged_training_frames_are_named_and_deleted(shelf: CataloguedLibrary) -> None:
    dataset = _make(shelf)
    frame = dataset.training[0]
    path = training_frames_file(shelf.home, frame.fingerprint)
    content = bytearray(path.read_bytes())
    encoded = next(read_jpegs(shelf.home, dataset.training))
    content[content.index(encoded) + len(encoded) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="materialise training_frames again"):
        load_training_data(shelf.home, side=SIDE)
    assert not path.exists()
    with pytest.raises(DatasetError, match="is missing; materialise training_frames; then"):
        load_training_data(shelf.home, side=SIDE)
    shelf.ensure_training_frames(FrameOptions(count=4))
    assert load_training_data(shelf.home, side=SIDE).id


def test_frames_extracted_again_with_other_options_are_reported(shelf: CataloguedLibrary) -> None:
    _make(shelf)
    shelf.ensure_training_frames(FrameOptions(count=4, quality=50))
    with pytest.raises(DatasetError, match="materialise dataset again"):
        load_training_data(shelf.home, side=SIDE)


def test_interrupted_decoding_starts_again(shelf: CataloguedLibrary) -> None:
    _make(shelf)

    def stop(done: float, whole: float) -> None:
        if (done, whole) == (7, 16):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_training_data(shelf.home, side=SIDE, progress=stop)
    assert not any((shelf.home.dataset / "decoded").iterdir())
    (shelf.home.dataset / "decoded" / ".frames-x-40.part").mkdir()  # as a kill leaves it
    assert len(load_training_data(shelf.home, side=SIDE).pictures) == 12
    assert len(list((shelf.home.dataset / "decoded").iterdir())) == 2


def test_small_and_upright_frames_are_squeezed_too(shelf: CataloguedLibrary) -> None:
    _make(shelf)
    material = load_training_data(shelf.home, side=200)
    assert material.pictures.shape[1:] == (200, 200, 3)
    assert squeeze_to_square(draw_scene(0), 200).shape == (200, 200, 3)
