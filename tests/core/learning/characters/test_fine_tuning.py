import numpy as np
import pytest
import torch

from whenanime_pipeline.core.learning.characters.face_augmentation import FaceAugmentation
from whenanime_pipeline.core.learning.characters.face_batches import BatchShape, FaceBatches
from whenanime_pipeline.core.learning.characters.fine_tuning import (
    FineTuningOptions,
    FineTuningProgress,
    fine_tune,
)
from whenanime_pipeline.core.learning.characters.labelled_faces import LabelledFaces
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork

SIDE = 48
NETWORK = NetworkOptions("regnet_x_400mf", stages=2, dimension=16, size=SIDE)


def make_faces(names: int = 4, each: int = 4, groups: int = 2) -> LabelledFaces:
    """Return noisy crops of names that differ in colour, every other name in one group."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(names), each)
    colours = rng.integers(0, 255, (names, 1, 1, 3))
    noise = rng.integers(0, 60, (len(labels), 64, 64, 3))
    crops = np.clip(colours[labels] + noise, 0, 255).astype(np.uint8)
    return LabelledFaces(crops, labels, labels % groups, margin=0.3)


def test_batch_has_names_of_a_few_groups_with_several_different_faces_each() -> None:
    faces = make_faces(names=12, each=6, groups=3)
    shape = BatchShape(groups=2, names=3, faces=4)
    drawn = FaceBatches(faces, shape, SIDE).draw(np.random.default_rng(1))
    names, counts = np.unique(drawn.names, return_counts=True)
    assert drawn.pictures.shape == (24, SIDE, SIDE, 3)
    assert counts.tolist() == [4] * 6
    assert len(set((names % 3).tolist())) == 2


def test_names_with_one_face_are_left_out() -> None:
    faces = make_faces(names=3, each=1)
    with pytest.raises(ValueError, match="label more"):
        FaceBatches(faces, BatchShape(), SIDE)


def test_augmentation_keeps_hue_and_the_face_in_view() -> None:
    crop = np.full((160, 160, 3), (200, 100, 50), np.uint8)
    crop[55:105, 55:105] = (40, 160, 240)  # the face of a crop of margin 0.3 is [30, 130)
    change, rng = FaceAugmentation(), np.random.default_rng(0)
    for _ in range(40):
        view = change.change(crop, 0.3, 96, rng).astype(float)
        middle, corner = view[48, 48], view[3, 3]
        assert middle / middle.max() == pytest.approx(np.array([40, 160, 240]) / 240, abs=0.05)
        assert corner / corner.max() == pytest.approx(np.array([200, 100, 50]) / 200, abs=0.05)


def test_training_lowers_the_loss_and_repeats_to_the_bit() -> None:
    torch.manual_seed(0)
    network = EmbeddingNetwork(NETWORK)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    seen: list[FineTuningProgress] = []

    def train() -> EmbeddingNetwork:
        batches = FaceBatches(make_faces(), BatchShape(2, 2, 4), SIDE)
        options = FineTuningOptions(steps=12, learning_rate=3e-3)
        return fine_tune(network, batches, options, seen.append)

    first, second = train(), train()
    assert seen[11].loss < seen[0].loss
    assert [progress.step for progress in seen[:12]] == list(range(1, 13))
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name
        assert torch.equal(before[name], network.state_dict()[name]), name
        if name.startswith("trunk.0.") or "running" in name:
            assert torch.equal(value, before[name]), name
    assert not torch.equal(first.projection.weight, before["projection.weight"])  # type: ignore[arg-type]
