"""Candidate segments built from stored frames whose embeddings are near those of regions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment
from whenanime_pipeline.core.search.geometry.transform import transform_from_box, transform_points
from whenanime_pipeline.core.search.query.frame_channel import build_segments, keep_more_similar
from whenanime_pipeline.core.search.query.regions import (
    QueryRegion,
    find_inset_regions,
    find_whole_regions,
)

FRAMES = {0: 100, 1: 50}


def _picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(30, 256, (height, width, 3), np.uint8)


def _segments(regions: list[QueryRegion], *rows: tuple[int, int, float]) -> list[CandidateSegment]:
    """Return segments of frames that every region retrieves: content, frame and cosine of each."""
    labels = [labels_of(content, FRAMES[content])[frame] for content, frame, _ in rows]
    cosines = [cosine for *_, cosine in rows]
    return build_segments(
        regions,
        np.array([labels] * len(regions), np.uint64),
        np.array([cosines] * len(regions), np.float32),
        FRAMES,
        lambda _: 9 / 16,
    )


def test_segments_of_a_mirrored_region_are_mirrored_and_cover_the_frame() -> None:
    box = transform_from_box((0.25, 0.0, 1.0, 0.4), 1.0)
    region = QueryRegion(_picture(180, 320), box).mirror()
    (segment,) = _segments([region], (0, 20, 0.9), (0, 23, 0.8))
    assert segment.mirrored
    corners = transform_points(segment.hypotheses[0].transform, np.array([[0.0, 0.0], [0.75, 0.4]]))
    np.testing.assert_allclose(corners, np.array([[0, 0], [1, 9 / 16]]), atol=1e-9)


def test_frames_close_in_time_form_one_segment() -> None:
    segments = _segments(
        find_whole_regions(_picture(180, 320)),
        (1, 49, 0.7),
        (0, 20, 0.9),
        (0, 23, 0.8),
        (0, 60, 0.6),
    )
    assert [(one.content, one.first, one.last) for one in segments] == [
        (0, 19, 24),
        (1, 48, 49),
        (0, 59, 61),
    ]
    assert segments[0].cosine == pytest.approx(0.9)


def test_only_segments_more_similar_than_all_others_remain() -> None:
    regions = find_whole_regions(_picture(180, 320))
    upright = _segments(regions, (0, 20, 0.7), (1, 20, 0.5))
    mirrored = _segments(regions, (0, 40, 0.9), (1, 10, 0.6), (1, 30, 0.7))
    assert [segment.first for segment in keep_more_similar(mirrored, upright)] == [39]
    assert keep_more_similar(mirrored, []) == mirrored
    assert keep_more_similar([], upright) == []


def test_an_inset_is_mapped_to_the_whole_frame() -> None:
    screenshot = np.full((360, 640, 3), 90, np.uint8)
    screenshot[60:240, 200:520] = draw_random_picture(4, (320, 180))
    corners = np.array([[200, 60], [520, 60], [520, 240], [200, 240.0]]) / 640
    on_frame = np.array([[0, 0], [1, 0], [1, 9 / 16], [0, 9 / 16]])
    inset = find_inset_regions(screenshot)[0]
    mirrored_corners = (corners * (-1, 1) + (1, 0))[[1, 0, 3, 2]]
    for region, expected in ((inset, corners), (inset.mirror(), mirrored_corners)):
        (segment,) = _segments([region], (0, 20, 0.9))
        mapped = transform_points(segment.hypotheses[0].transform, expected)
        np.testing.assert_allclose(mapped, on_frame, atol=0.01)
        assert segment.mirrored == region.mirrored
