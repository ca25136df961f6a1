"""The benchmark `retrieval`: what the other systems describe pictures by."""

from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.support.retrieval.descriptors import ColorLayout, PerceptualHash, Picture
from benchmarks.support.retrieval.exhaustive_search import ExhaustiveSearch
from benchmarks.support.retrieval.gallery import GalleryFrame
from benchmarks.support.retrieval.network_descriptor import NetworkDescriptor


def shapes(seed: int, size: tuple[int, int] = (90, 160)) -> Picture:
    fields = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return np.asarray(Image.fromarray(fields).resize(size[::-1], Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("colour", "first"),
    # By hand: Y = 16 + 219·luma, Cb and Cr around 128, through MPEG-7's tables of levels.
    [((0, 0, 0), (2, 32, 32)), ((255, 255, 255), (61, 32, 32)), ((255, 0, 0), (12, 6, 63))],
)
def test_one_colour_is_all_mean_and_no_waves(
    colour: tuple[int, int, int], first: tuple[int, int, int]
) -> None:
    found = ColorLayout().describe(np.full((90, 160, 3), colour, np.uint8))
    assert found.shape == (33,)
    assert tuple(found[[0, 21, 27]]) == first
    waves = np.delete(found, [0, 21, 27])
    assert (waves == 16).all()  # zero, in the middle of 32 levels


def test_coefficients_are_in_zigzag_order() -> None:
    across = np.repeat(np.linspace(0, 255, 160)[None], 90, axis=0)
    for plane, place in ((across, 1), (across[:, :90].T, 2)):
        found = ColorLayout().describe(np.repeat(plane[..., None], 3, axis=2).astype(np.uint8))
        strongest = np.abs(found[1:21] - 16).argmax() + 1
        assert strongest == place


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_distances_are_symmetric_and_none_to_itself(first: int, second: int) -> None:
    layout = ColorLayout()
    one, other = (layout.describe(shapes(seed)) for seed in (first, second))
    assert layout.distances(one, one[None])[0] == 0
    assert layout.distances(one, other[None])[0] == layout.distances(other, one[None])[0] >= 0


def test_the_layout_hardly_depends_on_the_size() -> None:
    layout = ColorLayout()
    described = layout.describe(shapes(1))
    many = np.stack([layout.describe(shapes(n, (240, 427))) for n in range(8)])
    assert layout.distances(described, many).argmin() == 1


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_hash_distances_match_imagehash(first: int, second: int) -> None:
    system = PerceptualHash()
    one, other = shapes(first), shapes(second)
    expected = imagehash.phash(Image.fromarray(one)) - imagehash.phash(Image.fromarray(other))
    found = system.distances(system.describe(one), system.describe(other)[None])
    assert found[0] == expected


def test_exhaustive_search_returns_the_nearest_frame_first() -> None:
    layout = ColorLayout()
    described = np.stack([layout.describe(shapes(n)) for n in range(20)])
    system = ExhaustiveSearch(layout, [GalleryFrame("a.mp4", n / 8) for n in range(20)], described)
    found = system.search(shapes(13))
    assert (found[0].path, found[0].second) == ("a.mp4", 13 / 8)
    assert found[0].similarity is None
    assert len(found) == 5


def test_a_network_compares_by_cosine(small_model: Path) -> None:
    network = NetworkDescriptor("the seed's recipe", small_model, threads=1)
    many = np.stack([network.describe(shapes(n)) for n in range(5)])
    distances = network.distances(network.describe(shapes(3)), many)
    assert distances.argmin() == 3
    assert distances[3] == pytest.approx(0, abs=1e-6)
    assert network.bytes_per_frame == 4 * many.shape[1]
