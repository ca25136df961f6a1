from pathlib import Path

import numpy as np
import pytest
from painted_frames import paint_frame, write_painted_film

from whenanime_pipeline.core.learning.pictures import make_thumbnail
from whenanime_pipeline.core.learning.shipped.frame_retrieval import (
    LabelledFrames,
    edit_queries,
    read_gallery,
    read_queries,
    search_exact,
)
from whenanime_pipeline.core.learning.training.frame_set import find_films


def _moments(seeds: list[int], films: list[int], times: list[float]) -> LabelledFrames:
    pictures = [paint_frame(seed) for seed in seeds]
    thumbnails = np.stack([make_thumbnail(picture) for picture in pictures])
    return LabelledFrames(pictures, thumbnails, np.array(films), np.array(times))


@pytest.mark.parametrize(
    ("film", "time", "seed", "right"),
    [
        (0, 3.4, 8, True),  # near enough
        (0, 3.6, 8, False),  # too late
        (1, 3.0, 8, False),  # another film
        (1, 50.0, 7, True),  # another film with the same picture
    ],
)
def test_the_right_film_in_time_or_the_same_picture_is_right(
    film: int, time: float, seed: int, right: bool
) -> None:
    queries = _moments([7], [0], [3.0])
    gallery = _moments([9, seed], [5, film], [0.0, time])
    found = np.array([[0, 1]], np.float32)
    hits = search_exact(queries, gallery, found, np.array([[1, 0], [0.6, 0.8]], np.float32))
    assert hits.right.tolist() == [right]
    assert hits.top1 == right
    assert hits.similarity == pytest.approx([0.8])


def test_queries_are_between_the_gallerys_frames_and_not_flat(tmp_path: Path) -> None:
    black = np.zeros((90, 160, 3), np.uint8)
    write_painted_film(tmp_path / "a.mp4", [paint_frame(1), paint_frame(2), black], each=72)
    films = find_films(tmp_path)
    gallery, queries = read_gallery(films), read_queries(films)
    assert len(gallery.pictures) == 72
    assert 4 <= len(queries.pictures) <= 5
    assert queries.times.max() < 6
    changed = edit_queries(queries, size=48, mild=0.5)
    assert changed.times is queries.times
    assert [picture.shape for picture in changed.pictures] == [(48, 48, 3)] * len(queries.pictures)
