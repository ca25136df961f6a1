import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.characters.embedding.crops import cut_face


def make_gradient(width: int = 320, height: int = 180) -> np.ndarray:
    """Return a picture whose red is x / 2 and whose green is y."""
    ys, xs = np.mgrid[0:height, 0:width]
    return np.stack([xs / 2, ys, np.zeros_like(xs)], axis=2).astype(np.uint8)


@given(
    left=st.floats(20, 120), top=st.floats(20, 80), side=st.floats(24, 80), out=st.integers(40, 200)
)
def test_crop_shows_the_box_with_its_margin(left: float, top: float, side: float, out: int) -> None:
    crop = cut_face(make_gradient(), (left, top, left + side, top + side), side=out).astype(float)
    assert crop.shape == (out, out, 3)
    tolerance = 1.5 + 1.2 * side / out
    assert crop[out // 2, 0, 0] * 2 == pytest.approx(left - 0.1 * side, abs=2 * tolerance)
    assert crop[out // 2, -1, 0] * 2 == pytest.approx(left + 1.1 * side, abs=2 * tolerance)
    assert crop[0, out // 2, 1] == pytest.approx(top - 0.1 * side, abs=tolerance)
    assert crop[-1, out // 2, 1] == pytest.approx(top + 1.1 * side, abs=tolerance)


def test_flat_box_gives_a_square_without_stretching() -> None:
    crop = cut_face(make_gradient(), (100, 60, 160, 100), side=100, margin=0.0).astype(float)
    across = (crop[50, -1, 0] - crop[50, 0, 0]) * 2
    down = crop[-1, 50, 1] - crop[0, 50, 1]
    assert across == pytest.approx(50, abs=3)
    assert down == pytest.approx(50, abs=3)


def test_box_over_the_edge_repeats_the_edge() -> None:
    crop = cut_face(make_gradient(), (-40, -40, 40, 40), side=96)
    assert crop[0, 0].tolist() == [0, 0, 0]
    assert crop.shape == (96, 96, 3)


def test_large_face_is_averaged_not_sampled() -> None:
    fine = np.indices((900, 900)).sum(axis=0) % 2 * 255
    picture = np.repeat(fine[..., None], 3, axis=2).astype(np.uint8)
    crop = cut_face(picture, (100, 100, 800, 800), side=96)
    assert np.abs(crop.astype(int) - 127).max() < 40


@pytest.mark.parametrize(
    "box", [(10, 10, 10, 20), (10, 20, 30, 10), (0, 0, float("nan"), 5), (0, 0, float("inf"), 5)]
)
def test_empty_box_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="empty or not finite"):
        cut_face(make_gradient(), box)
