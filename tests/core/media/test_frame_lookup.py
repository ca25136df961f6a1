"""Pictures decoded at given seconds of a video."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numbered_video import FILM, read_number, write_video

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.frame_lookup import decode_frames_at
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

CLIP = 190  # frames, about 8 s


def _numbers(path: Path, seconds: list[float]) -> list[int]:
    return [read_number(sample.picture) for sample in decode_frames_at(path, seconds)]


def _equally_spaced(count: int, duration: float) -> list[float]:
    return [duration * number / (count + 1) for number in range(1, count + 1)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", frames=CLIP)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    return write_video(path, frames=2400, size=(96, 54), options={"g": "120", "bf": "3"})


def test_dense_seconds_of_a_clip_yield_the_frames_shown(clip: Path) -> None:
    seconds = _equally_spaced(100, CLIP / float(FILM))
    assert _numbers(clip, seconds) == [int(Fraction(second) * FILM) for second in seconds]


def test_sparse_seconds_of_a_film_yield_the_frames_shown(film: Path) -> None:
    seconds = _equally_spaced(10, 2400 / float(FILM))
    assert _numbers(film, seconds) == [round(second * float(FILM) // 1) for second in seconds]


def test_near_and_far_seconds_are_combined(film: Path) -> None:
    seconds = [1.0, 1.01, 1.3, 40.0, 40.0, 44.1, 99.0]
    found = list(decode_frames_at(film, seconds))
    assert [sample.time for sample in found] == seconds
    for sample in found:
        assert np.array_equal(sample.picture, decode_frame_at(film, sample.time))


def test_held_picture_is_returned_for_all_its_seconds(tmp_path: Path) -> None:
    """Variable frame rate, with frames at 0, 1, 1.1, 5 and 6 s."""
    at = [Fraction(0), Fraction(1), Fraction(11, 10), Fraction(5), Fraction(6)]
    path = write_video(tmp_path / "vfr.mkv", frames=5, time=lambda number: at[number])
    assert _numbers(path, [0.5, 1.05, 1.2, 2.0, 4.9, 5.1]) == [0, 1, 2, 2, 2, 3]


def test_second_before_the_film_yields_the_first_picture_and_after_it_none(clip: Path) -> None:
    assert _numbers(clip, [0.0, 7.0, 60.0]) == [0, 167]
    assert _numbers(clip, []) == []


def test_pictures_are_never_scaled_up(clip: Path) -> None:
    def shapes(long_side: int | None) -> set[tuple[int, ...]]:
        return {one.picture.shape for one in decode_frames_at(clip, [1.0], long_side=long_side)}

    assert shapes(None) == shapes(4000) == {(90, 160, 3)}
    assert shapes(80) == {(45, 80, 3)}


def test_seconds_must_ascend(clip: Path) -> None:
    with pytest.raises(ValueError, match="ascend"):
        list(decode_frames_at(clip, [2.0, 1.0]))


def test_error_names_a_file_that_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    with pytest.raises(MediaError, match=r"text\.mp4"):
        list(decode_frames_at(path, [1.0]))
