from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from dataset_library import CataloguedLibrary, draw_scene, write_film
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.dataset.dataset import (
    Dataset,
    DatasetFrame,
    dataset_file,
    load_dataset,
)
from whenanime_pipeline.core.learning.dataset.episode_frames import CollectedFrames, EpisodeFrames
from whenanime_pipeline.core.learning.dataset.hash_matching import (
    MAX_HASH_DISTANCE,
    find_hash_matches,
)
from whenanime_pipeline.core.learning.dataset.near_duplicates import find_first_occurrences
from whenanime_pipeline.core.learning.dataset.options import FrameOptions, SplitOptions
from whenanime_pipeline.core.learning.dataset.split import (
    count_validation_episodes,
    make_dataset,
    split_episodes,
)
from whenanime_pipeline.core.learning.dataset.stored_training_frames import training_frames_file
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import SAME_PICTURE, gray_difference
from whenanime_pipeline.core.search.frames.deduplication import perceptual_hash

Thumbnails = NDArray[np.uint8]


def _thumbnail(seed: int, shift: int = 0) -> Thumbnails:
    """A picture; small shifts in brightness make it equal to, or just unlike, the others."""
    low = np.random.default_rng(seed).integers(30, 220, (5, 8), np.uint8)
    smooth = cv2.resize(low, (64, 36), interpolation=cv2.INTER_LINEAR)
    thumbnail: Thumbnails = (smooth + shift).astype(np.uint8)
    return thumbnail


def _episode(
    number: int, pictures: Iterable[Thumbnails], others: Iterable[int] = ()
) -> EpisodeFrames:
    thumbnails = list(pictures)
    hashes = np.array([perceptual_hash(one) for one in thumbnails], np.uint64)
    return EpisodeFrames(
        fingerprint=f"{number:032x}",
        key=f"Show/E{number}",
        path=f"Show/{number}.mkv",
        options=FrameOptions(),
        flat=0,
        digests=[f"{number}-{row}" for row in range(len(thumbnails))],
        seconds=np.arange(len(thumbnails), dtype=np.float64),
        thumbnails=np.array(thumbnails, np.uint8).reshape(-1, 36, 64),
        hashes=hashes,
        sketch=np.concatenate([hashes, np.array(list(others), np.uint64)]),
    )


PICTURES = st.builds(_thumbnail, st.integers(0, 12), st.integers(0, 5))
LIBRARIES = st.lists(st.lists(PICTURES, min_size=1, max_size=8), min_size=2, max_size=9)


def _library(pictures: list[list[Thumbnails]]) -> CollectedFrames:
    return CollectedFrames(tuple(_episode(n, some) for n, some in enumerate(pictures)), ())


def _split(collected: CollectedFrames, options: SplitOptions) -> Dataset | None:
    try:
        return split_episodes(collected, options)
    except DatasetError as error:
        if "no validation frames are left" not in str(error):
            raise
        return None


def _shown(collected: CollectedFrames, frames: Iterable[DatasetFrame]) -> list[Thumbnails]:
    episodes = {one.fingerprint: one for one in collected.episodes}
    return [episodes[one.fingerprint].thumbnails[one.row] for one in frames]


@given(LIBRARIES, st.randoms(), st.integers(0, 3))
def test_the_split_does_not_depend_on_order_or_names(
    pictures: list[list[Thumbnails]], random: Random, seed: int
) -> None:
    library, options = _library(pictures), SplitOptions(seed=seed)
    shuffled = [replace(one, key=f"other {one.key}") for one in library.episodes]
    random.shuffle(shuffled)
    first, second = _split(library, options), _split(CollectedFrames(tuple(shuffled), ()), options)
    if first is None or second is None:
        assert first is second
    else:
        assert (first.id, first.training, first.validation) == (
            second.id,
            second.training,
            second.validation,
        )


@given(LIBRARIES, st.floats(0.01, 0.99), st.integers(0, 3))
def test_halves_share_no_episode_and_no_picture(
    pictures: list[list[Thumbnails]], share: float, seed: int
) -> None:
    library = _library(pictures)
    dataset = _split(library, SplitOptions(share=share, seed=seed))
    if dataset is None:
        return
    assert dataset.training
    sides = [{one.fingerprint for one in half} for half in (dataset.training, dataset.validation)]
    assert not sides[0] & sides[1]
    shown = _shown(library, [*dataset.training, *dataset.validation])
    for number, one in enumerate(shown):
        assert all(gray_difference(one, other) >= SAME_PICTURE for other in shown[:number])
    for summary in dataset.episodes:
        assert summary.frames == summary.kept + summary.equal + summary.shared
    assert sum(summary.kept for summary in dataset.episodes) == len(shown)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=40), st.floats(0.001, 0.999))
def test_no_prefix_is_nearer_to_the_share(frames: list[int], share: float) -> None:
    count = count_validation_episodes(frames, share)
    assert 1 <= count < len(frames)
    errors = [abs(sum(frames[:n]) / sum(frames) - share) for n in range(1, len(frames))]
    assert errors[count - 1] == pytest.approx(min(errors), abs=1e-9)


def test_another_seed_chooses_other_episodes() -> None:
    library = _library([[_thumbnail(10 * n + k) for k in range(3)] for n in range(20)])
    chosen = {
        frozenset(
            f.fingerprint for f in split_episodes(library, SplitOptions(seed=seed)).validation
        )
        for seed in range(5)
    }
    assert len(chosen) == 5
    assert all(len(some) == 4 for some in chosen)


@given(st.lists(PICTURES, max_size=30))
def test_the_first_of_equal_pictures_is_kept(pictures: list[Thumbnails]) -> None:
    kept: list[Thumbnails] = []
    expected = []
    for one in pictures:
        expected.append(all(gray_difference(one, other) >= SAME_PICTURE for other in kept))
        if expected[-1]:
            kept.append(one)
    found = find_first_occurrences(np.array(pictures, np.uint8).reshape(-1, 36, 64))
    assert found.tolist() == expected


@given(st.data())
def test_a_hash_is_found_exactly_when_one_is_near(data: st.DataObject) -> None:
    words = st.integers(0, 2**64 - 1)
    sketch = data.draw(st.lists(words, max_size=20))
    bits = st.sets(st.integers(0, 63), max_size=9)
    changed = [one ^ sum(1 << bit for bit in data.draw(bits)) for one in sketch]
    asked = changed + data.draw(st.lists(words, max_size=10))
    expected = [
        any((one ^ other).bit_count() <= MAX_HASH_DISTANCE for other in sketch) for one in asked
    ]
    found = find_hash_matches(np.array(asked, np.uint64), np.array(sketch, np.uint64))
    assert found.tolist() == expected


def test_hashes_too_far_to_share_a_byte_are_refused() -> None:
    nothing = np.empty(0, np.uint64)
    with pytest.raises(ValueError, match="8 bits"):
        find_hash_matches(nothing, nothing, max_distance=8)


def test_a_picture_that_a_training_episode_shows_anywhere_is_left_out() -> None:
    """Not among its training frames: only the sketch knows it."""
    opening = _thumbnail(99)
    hidden = perceptual_hash(opening)
    for seed in range(4):
        library = CollectedFrames(
            tuple(
                _episode(n, [opening, _thumbnail(2 * n), _thumbnail(2 * n + 1)][n % 2 :], [hidden])
                for n in range(6)
            ),
            (),
        )
        dataset = split_episodes(library, SplitOptions(seed=seed, share=0.4))
        shown = _shown(library, dataset.validation)
        assert all(gray_difference(one, opening) > SAME_PICTURE for one in shown)
        validating = [one for one in dataset.episodes if one.part == "validation"]
        for one in validating:
            assert one.shared == (1 if one.frames == 3 else 0)


def test_warnings_name_missing_flat_and_outdated_episodes() -> None:
    a, b = (_episode(n, [_thumbnail(n)]) for n in range(2))
    changed = replace(b, options=FrameOptions(count=3), outdated=True)
    dataset = split_episodes(
        CollectedFrames((a, changed, _episode(7, [])), ("new.mkv",)), SplitOptions()
    )
    text = "\n".join(dataset.warnings)
    assert "only 1 validation frames" in text
    assert "1 without training frames: new.mkv" in text
    assert "1 with flat frames only: Show/7.mkv" in text
    assert "different options" in text
    assert "1 indexed in another way since their training frames were made: Show/1.mkv" in text
    many = [_episode(n, [_thumbnail(20 * n + k) for k in range(20)]) for n in range(3)]
    assert split_episodes(CollectedFrames(tuple(many), ()), SplitOptions()).warnings == ()


def test_one_episode_or_none_cannot_be_split() -> None:
    one = _episode(0, [_thumbnail(0)])
    with pytest.raises(DatasetError, match="only one episode has training frames"):
        split_episodes(CollectedFrames((one,), ()), SplitOptions())
    with pytest.raises(DatasetError, match="no episode has training frames"):
        split_episodes(CollectedFrames((), ("a.mkv",)), SplitOptions())


def test_flat_frames_only_are_refused_by_name() -> None:
    flat = [_episode(n, []) for n in range(7)]
    with pytest.raises(DatasetError, match=r"flat.*Show/0\.mkv.*and 2 more"):
        split_episodes(CollectedFrames(tuple(flat), ()), SplitOptions())


def test_validation_frames_that_all_leak_are_refused() -> None:
    same = [_episode(n, [_thumbnail(1)]) for n in range(3)]
    with pytest.raises(DatasetError, match="no validation frames are left"):
        split_episodes(CollectedFrames(tuple(same), ()), SplitOptions())


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_a_validation_share_of_0_or_1_is_refused(share: float) -> None:
    with pytest.raises(DatasetError, match=r"^share: "):
        SplitOptions(share=share)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> CataloguedLibrary:
    """Three episodes of different sizes with one opening, one of them there twice."""
    shelf = CataloguedLibrary(tmp_path_factory.mktemp("shelf"))
    shelf.add("a", [90, 91, *range(8)])
    shelf.add("b", [90, 91, *range(10, 18)], size=(320, 180))
    shelf.add("c", [90, 91, *range(20, 28)], size=(96, 72))
    (shelf.videos / "copy of c.mp4").write_bytes((shelf.videos / "c.mp4").read_bytes())
    shelf.ensure_training_frames(FrameOptions(count=40))
    return shelf


def test_a_dataset_of_real_videos_round_trips(shelf: CataloguedLibrary) -> None:
    dataset = make_dataset(shelf.home, shelf.statuses, SplitOptions())
    assert load_dataset(shelf.home) == dataset
    assert len(dataset.episodes) == 3
    files = {one.fingerprint: one for one in dataset.episodes}
    assert {files[one.fingerprint].part for one in dataset.validation} == {"validation"}
    for one in dataset.validation:
        assert one.second >= 2.0, "the opening lasts two seconds and is shown in training too"
    (validating,) = (one for one in dataset.episodes if one.part == "validation")
    assert (validating.kept, validating.shared) == (8, 8)
    assert len(dataset.training) == 2 + 2 * 8


def test_renaming_a_video_keeps_the_dataset(shelf: CataloguedLibrary) -> None:
    before = make_dataset(shelf.home, shelf.statuses, SplitOptions())
    (shelf.videos / "a.mp4").rename(shelf.videos / "z.mp4")
    try:
        after = make_dataset(shelf.home, shelf.statuses, SplitOptions())
        assert after.id == before.id
        assert {one.key for one in after.episodes} == {"b", "c", "z"}
    finally:
        (shelf.videos / "z.mp4").rename(shelf.videos / "a.mp4")


def test_a_missing_or_damaged_dataset_says_what_to_make_again(tmp_path: Path) -> None:
    shelf = CataloguedLibrary(tmp_path)
    with pytest.raises(DatasetError, match=r"split\.parquet: .*materialise dataset$"):
        load_dataset(shelf.home)
    for name, seeds in (("a", range(3)), ("b", range(5, 8))):
        shelf.add(name, seeds)
    shelf.ensure_training_frames(FrameOptions(count=3))
    make_dataset(shelf.home, shelf.statuses, SplitOptions())
    path = dataset_file(shelf.home)
    content = path.read_bytes()
    for damaged in (b"", content[:-9], content[: len(content) // 2], b"x" * 2000):
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="materialise dataset again"):
            load_dataset(shelf.home)
    path.write_bytes(content)
    frames = training_frames_file(shelf.home, shelf.statuses[0].episode.fingerprint)
    frames.write_bytes(frames.read_bytes()[:-20])
    with pytest.raises(DatasetError, match="materialise training_frames again"):
        make_dataset(shelf.home, shelf.statuses, SplitOptions())
    assert load_dataset(shelf.home)


def test_all_flat_videos_are_named(tmp_path: Path) -> None:
    shelf = CataloguedLibrary(tmp_path)
    for name, level in (("dark", 0), ("light", 250)):
        write_film(shelf.videos / f"{name}.mp4", [np.full_like(draw_scene(0), level)] * 2)
    shelf.ensure_training_frames(FrameOptions(count=3))
    with pytest.raises(DatasetError, match=r"dark\.mp4, light\.mp4"):
        make_dataset(shelf.home, shelf.statuses, SplitOptions())
