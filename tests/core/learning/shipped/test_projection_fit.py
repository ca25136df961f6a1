import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from painted_frames import SMALL, paint_films, small_network
from torch import Generator, Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.shipped.projection_fit import (
    Augment,
    fit_discriminant,
    fit_projection,
)


def _pairs(seed: int) -> tuple[Tensor, Tensor]:
    """400 points in ten directions; edits are strong in the first five and weak in the others."""
    chance = torch.manual_seed(seed)
    clean = torch.randn(400, 10, generator=chance) + 5
    strength = torch.tensor([3.0] * 5 + [0.1] * 5)
    return clean, clean + torch.randn(400, 10, generator=chance) * strength


def _recall(queries: Tensor, gallery: Tensor) -> float:
    return float(((queries @ gallery.T).argmax(1) == torch.arange(len(gallery))).float().mean())


@given(st.integers(0, 10_000))
def test_directions_that_edits_change_are_left_out(seed: int) -> None:
    clean, edited = _pairs(seed)
    fitted = fit_discriminant(clean, edited, 5)
    assert fitted.weight[:, :5].abs().max() < 0.2 * fitted.weight[:, 5:].abs().max()
    plain = _recall(functional.normalize(edited - 5, dim=1), functional.normalize(clean - 5, dim=1))
    assert _recall(fitted(edited), fitted(clean)) > plain + 0.3


@given(st.integers(0, 10_000))
def test_components_are_centred_uncorrelated_and_ordered(seed: int) -> None:
    clean, edited = _pairs(seed)
    fitted = fit_discriminant(clean, edited, 10)
    values = functional.linear(clean, fitted.weight, fitted.bias)
    torch.testing.assert_close(values.mean(0), torch.zeros(10), atol=1e-4, rtol=0)
    covariance = values.T @ values / len(values)
    torch.testing.assert_close(covariance, torch.diag(covariance.diagonal()), atol=1e-4, rtol=0)
    variances = covariance.diagonal()
    assert (variances[:-1] >= variances[1:] - 1e-5).all()


def test_pictures_without_any_edit_are_no_trouble() -> None:
    clean, _ = _pairs(1)
    assert fit_discriminant(clean, clean, 5).weight.isfinite().all()


def test_too_few_pictures_are_refused() -> None:
    clean, edited = _pairs(1)
    with pytest.raises(TrainingError, match="there are 5 pictures"):
        fit_discriminant(clean[:5], edited[:5], 5)


def test_a_network_gets_a_projection_of_its_own_features() -> None:
    network, frames = small_network().eval(), paint_films()
    trunk = [value.clone() for value in network.trunk.state_dict().values()]
    pictures = torch.from_numpy(np.ascontiguousarray(frames.pictures[:, :64, :64]))
    with torch.inference_mode():
        narrow = network(pictures) @ network(pictures).T
        fit_projection(network, frames.pictures)
        wide = network(pictures) @ network(pictures).T
    assert narrow.mean() > 0.5  # an untrained network finds all pictures alike
    assert wide.mean() < 0.2
    assert SMALL.dimension == network.projection.out_features
    for before, after in zip(trunk, network.trunk.state_dict().values(), strict=True):
        assert torch.equal(before, after)


def test_vectors_are_invariant_to_the_given_augmentation() -> None:
    """Fitted to mirrored pictures, a network tells them from others as it does the whole ones."""
    frames, size = paint_films(), SMALL.size
    planes = torch.from_numpy(frames.pictures).permute(0, 3, 1, 2).float() / 255
    small = functional.interpolate(planes, size=(size, size), mode="area")

    def mirrored(pictures: Tensor, _: Generator) -> Tensor:
        return functional.interpolate(pictures, size=(size, size), mode="area").flip(3)

    def kept(change: Augment | None) -> float:
        network = small_network().eval()
        fit_projection(network, frames.pictures, augment=change)
        with torch.inference_mode():
            whole, other = (
                network(one.permute(0, 2, 3, 1) * 255) for one in (small, small.flip(3))
            )
        return float((whole * other).sum(1).mean())

    assert kept(mirrored) > kept(None) + 0.1
