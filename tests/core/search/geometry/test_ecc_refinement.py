"""ECC refines an approximate transform, invariant to gain and bias."""

import cv2
import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.ecc_refinement import refine_transform
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_points
from whenanime_pipeline.core.search.geometry.warping import Gray

SIZE = (320, 180)
QUERY_SIZE = (160, 90)
OUTLINE = np.array(
    [[0, 0], [1, 0], [1, QUERY_SIZE[1] / QUERY_SIZE[0]], [0, QUERY_SIZE[1] / QUERY_SIZE[0]]]
)
CROPPED = np.array([[0.6, 0, 0.25], [0, 0.6, 0.15], [0, 0, 1.0]])
PERSPECTIVE = np.array([[0.75, 0.05, 0.1], [0.02, 0.7, 0.06], [0.12, 0.06, 1.0]])
PERTURBATIONS = [(0.015, -0.01, 1.02), (-0.02, 0.01, 0.97), (0.01, 0.015, 1.03)]


def frame(seed: int) -> Gray:
    return np.asarray(cv2.cvtColor(draw_random_picture(seed, SIZE), cv2.COLOR_RGB2GRAY))


def warp_query(reference: Gray, transform: Transform) -> Gray:
    """Return the query that shows a reference frame under a transform."""
    query_to_pixels, reference_to_pixels = (
        np.array([[w, 0, -0.5], [0, w, -0.5], [0, 0, 1]]) for w in (QUERY_SIZE[0], SIZE[0])
    )
    warp = reference_to_pixels @ transform @ np.linalg.inv(query_to_pixels)
    return np.asarray(
        cv2.warpPerspective(
            reference, warp, QUERY_SIZE, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
        )
    )


def perturb(transform: Transform, perturbation: tuple[float, float, float]) -> Transform:
    across, down, size = perturbation
    moved: Transform = np.array([[size, 0, across], [0, size, down], [0, 0, 1.0]]) @ transform
    return moved


def off_by(found: Transform, truth: Transform) -> float:
    """Return the largest error of a corner, in pixels of the reference frame."""
    return (
        float(np.abs(transform_points(found, OUTLINE) - transform_points(truth, OUTLINE)).max())
        * SIZE[0]
    )


@pytest.mark.parametrize("truth", [CROPPED, PERSPECTIVE], ids=["crop", "perspective"])
def test_a_transform_is_refined_to_half_a_pixel(truth: Transform) -> None:
    before, after = [], []
    for seed in range(6):
        reference = frame(seed)
        query = warp_query(reference, truth)
        for perturbation in PERTURBATIONS:
            initial = perturb(truth, perturbation)
            found = refine_transform(query, reference, initial)
            assert found is not None
            before.append(off_by(initial, truth))
            after.append(off_by(found, truth))
    assert min(before) > 4
    assert np.median(after) < 0.5


def test_refinement_is_invariant_to_gain_and_bias() -> None:
    off = []
    for seed in range(6):
        reference = frame(seed)
        dark = (40 + 0.4 * warp_query(reference, CROPPED)).astype(np.uint8)
        found = refine_transform(dark, reference, perturb(CROPPED, PERTURBATIONS[0]))
        assert found is not None
        off.append(off_by(found, CROPPED))
    assert np.median(off) < 0.5


def test_affine_inputs_stay_affine() -> None:
    reference = frame(1)
    found = refine_transform(
        warp_query(reference, CROPPED), reference, perturb(CROPPED, PERTURBATIONS[1])
    )
    assert found is not None
    assert found[2] == pytest.approx((0, 0, 1))


def test_flat_pictures_yield_none() -> None:
    flat = np.full(QUERY_SIZE[::-1], 90, np.uint8)
    assert refine_transform(flat, frame(1), CROPPED) is None
    assert refine_transform(frame(1), np.zeros(SIZE[::-1], np.uint8), CROPPED) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 160), (90, 1), (2, 2)])
@pytest.mark.parametrize("initial", [CROPPED, np.diag((-1.0, 1.0, 1.0)), np.diag((9.0, 9.0, 1.0))])
def test_slivers_yield_a_finite_transform_or_none(
    shape: tuple[int, int], initial: Transform
) -> None:
    sliver = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    for query, reference in ((sliver, frame(0)), (frame(0), sliver)):
        found = refine_transform(query, reference, initial)
        assert found is None or np.isfinite(found).all()
