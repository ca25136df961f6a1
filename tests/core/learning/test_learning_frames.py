from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from painted_frames import paint_films, paint_frame, write_painted_film

from whenanime_pipeline.core.learning.pictures import (
    gray_difference,
    make_thumbnail,
    same_picture,
)
from whenanime_pipeline.core.learning.training.frame_set import (
    concatenate_frame_sets,
    draw_groups,
    find_films,
    read_films,
)
from whenanime_pipeline.core.media.errors import MediaError


def test_a_held_drawing_is_kept_once_and_black_not_at_all(tmp_path: Path) -> None:
    black = np.zeros((90, 160, 3), np.uint8)
    write_painted_film(tmp_path / "a.mp4", [paint_frame(1), black, paint_frame(2)])
    write_painted_film(tmp_path / "b.mkv", [paint_frame(3)])
    (tmp_path / "notes.txt").write_text("no film")
    films = find_films(tmp_path)
    assert [film.name for film in films] == ["a.mp4", "b.mkv"]
    frames = read_films(films, side=48)
    assert frames.pictures.shape == (3, 48, 48, 3)
    assert frames.films.tolist() == [0, 0, 1]
    for found, seed in zip(frames.thumbnails, (1, 2, 3), strict=True):
        assert same_picture(found, make_thumbnail(paint_frame(seed)))


def test_a_film_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "fake.mp4").write_text("no film")
    with pytest.raises(MediaError, match=r"fake\.mp4"):
        read_films(find_films(tmp_path), side=48)


@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 6), st.integers(0, 5))
def test_groups_are_distinct_neighbours_of_one_film(
    seed: int, groups: int, members: int, reach: int
) -> None:
    films = np.repeat(np.arange(5), [1, 2, 7, 30, 3])
    generator = torch.Generator().manual_seed(seed)
    for _ in range(groups):
        group = draw_groups(films, generator, groups=1, members=members, window=reach).numpy()
        assert 1 <= len(group) <= members
        assert len(set(group.tolist())) == len(group)
        assert len(set(films[group].tolist())) == 1
        assert np.ptp(group) <= 2 * reach


def test_joined_sets_keep_films_apart_and_in_order() -> None:
    frames = concatenate_frame_sets([paint_films(3), paint_films(2)])
    assert len(frames) == 20
    assert frames.films.tolist() == np.repeat(np.arange(5), 4).tolist()
    assert len(frames.names) == 5


def test_differences_are_not_wrapped_around() -> None:
    dark, light = np.full((36, 64), 5, np.uint8), np.full((36, 64), 250, np.uint8)
    assert gray_difference(dark, light) == gray_difference(light, dark) == 245
    assert not same_picture(dark, light)
