from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_library import CataloguedLibrary, draw_scene

from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.learning.dataset.stored_views import (
    StoredViews,
    save_views,
    views_file,
)
from whenanime_pipeline.core.learning.dataset.validation_views import (
    ViewsResult,
    augment_frame,
    make_views,
)
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame

SMALL = ViewOptions(size=48)
SPLIT = SplitOptions(share=0.5)


@pytest.fixture
def shelf(tmp_path: Path) -> CataloguedLibrary:
    shelf = CataloguedLibrary(tmp_path)
    for number in range(4):
        shelf.add(f"{number}", range(10 * number, 10 * number + 4))
    return shelf


def _dataset(shelf: CataloguedLibrary) -> Dataset:
    return make_dataset(shelf.home, shelf.ensure_training_frames(FrameOptions(count=4)), SPLIT)


def _views(shelf: CataloguedLibrary) -> Mapping[str, bytes]:
    with StoredViews(views_file(shelf.home)) as views:
        return {frame: views.picture(row) for row, frame in enumerate(views.frames)}


def _rerun(shelf: CataloguedLibrary, options: ViewOptions = SMALL) -> ViewsResult:
    return make_views(shelf.home, options)


def test_every_validation_frame_has_a_view_in_order(shelf: CataloguedLibrary) -> None:
    dataset = _dataset(shelf)
    done = _rerun(shelf)
    assert (done.count, done.reused) == (len(dataset.validation), 0)
    with StoredViews(views_file(shelf.home)) as views:
        assert views.frames == [frame.digest for frame in dataset.validation]
        assert (views.dataset, views.options, views.id) == (dataset.id, SMALL, done.id)
        assert decode_stored_frame(views.picture(0)).shape == (48, 48, 3)


def test_the_same_seed_makes_the_same_views_and_another_seed_others(
    shelf: CataloguedLibrary,
) -> None:
    _dataset(shelf)
    first, one = _rerun(shelf), _views(shelf)
    views_file(shelf.home).unlink()
    torch.manual_seed(1234)
    assert _rerun(shelf).id == first.id
    assert _views(shelf) == one
    assert _rerun(shelf, ViewOptions(size=48, seed=1)).reused == 0
    assert not set(one.values()) & set(_views(shelf).values())


def test_a_new_episode_keeps_the_other_views(shelf: CataloguedLibrary) -> None:
    _dataset(shelf)
    _rerun(shelf)
    before = _views(shelf)
    for number in range(4, 8):
        shelf.add(f"{number}", range(10 * number, 10 * number + 4))
    dataset = _dataset(shelf)
    done, after = _rerun(shelf), _views(shelf)
    both = set(before) & set(after)
    assert len(after) == len(dataset.validation) > len(before)
    assert done.reused == len(both) > 0
    views_file(shelf.home).unlink()
    _rerun(shelf)
    assert _views(shelf) == after
    assert {frame: before[frame] for frame in both} == {frame: after[frame] for frame in both}


def test_augmentation_does_not_use_the_global_generator(shelf: CataloguedLibrary) -> None:
    _dataset(shelf)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    _rerun(shelf)
    assert torch.equal(torch.rand(3), expected)


def test_damaged_file_is_named_and_made_again(shelf: CataloguedLibrary) -> None:
    _dataset(shelf)
    whole = _rerun(shelf)
    path = views_file(shelf.home)
    content = path.read_bytes()
    for damaged in (b"", content[:-9], content[: len(content) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="materialise validation_views again"):
            StoredViews(path)
        assert _rerun(shelf).id == whole.id
    inside = bytearray(content)
    inside[len(content) // 2] ^= 255
    path.write_bytes(inside)
    done = _rerun(shelf)
    assert done.id == whole.id
    assert done.reused < whole.count


def test_views_are_written_in_batches(tmp_path: Path) -> None:
    path, size, count = tmp_path / "views.arrow", 10_000, 200
    part = path.with_name(".views.arrow.part")
    written = []

    def views() -> Iterator[tuple[str, bytes]]:
        for number in range(count):
            written.append(part.stat().st_size if part.exists() else 0)
            yield f"{number}", bytes([number]) * size

    save_views(path, "dataset", SMALL, views())
    assert written[150] > 100 * size
    with StoredViews(path) as stored:
        assert stored.frames == [f"{number}" for number in range(count)]
        assert stored.picture(199) == bytes([199]) * size


def test_views_are_reused_from_the_file_they_replace(shelf: CataloguedLibrary) -> None:
    _dataset(shelf)
    first, before = _rerun(shelf), views_file(shelf.home).read_bytes()
    again = _rerun(shelf)
    assert (again.id, again.reused) == (first.id, first.count)
    assert views_file(shelf.home).read_bytes() == before


def test_no_views_give_an_empty_file(tmp_path: Path) -> None:
    save_views(tmp_path / "views.arrow", "dataset", SMALL, [])
    with StoredViews(tmp_path / "views.arrow") as stored:
        assert (len(stored), stored.frames) == (0, [])


def test_interruption_leaves_the_previous_views(shelf: CataloguedLibrary) -> None:
    _dataset(shelf)
    _rerun(shelf)
    path = views_file(shelf.home)
    before = path.read_bytes()

    def stop(*_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_views(shelf.home, ViewOptions(size=32), progress=stop)
    assert path.read_bytes() == before


def test_view_without_augmentation_is_the_frame_as_a_square() -> None:
    picture = draw_scene(3)[:, :90]
    options = ViewOptions(size=90, scale=1.0, flip=0.0, color=0.0)
    assert np.array_equal(augment_frame(picture, options, "0"), picture)
    mirrored = augment_frame(picture, ViewOptions(90, scale=1.0, flip=1.0, color=0.0), "0")
    assert np.array_equal(mirrored, picture[:, ::-1])


def test_views_require_a_dataset(shelf: CataloguedLibrary) -> None:
    with pytest.raises(DatasetError, match="materialise dataset"):
        _rerun(shelf)
    with pytest.raises(DatasetError, match="materialise dataset"):
        load_dataset(shelf.home)


@pytest.mark.parametrize(
    ("name", "value"), [("size", 4), ("scale", 0.0), ("flip", 1.5), ("color", 0.6)]
)
def test_an_option_of_views_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(DatasetError, match=f"^{name}: "):
        ViewOptions(**{name: value})  # type: ignore[arg-type]
