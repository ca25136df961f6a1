"""Feeding and training as the seed did: JPEG files, transforms of single PIL pictures, fp32."""

from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision import models, transforms

from benchmarks.support.step_timing import StepPlan, StepTimer, TimedSteps

# The seed's recipe.
_CROP = (0.2, 1.0)
_FLIP = 0.2
_COLOUR = 0.2
_SCALE = 20.0
_RATE = 1e-3
# Any will do, as the time is the same; these are ImageNet's.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_AHEAD = 8
"""Batches more than are learnt from, so that the loader's processes never run out of work."""


class AugmentedPairDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pictures on the disk: each is decoded whenever it is asked for, and transformed twice.

    Args:
        folder: of the JPEG files.
        size: pixels of the side of what comes out, `(3, size, size)` each.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._files = sorted(folder.glob("*.jpg"))
        tail = [transforms.ToTensor(), transforms.Normalize(_MEAN, _STD)]
        self._source = transforms.Compose([transforms.Resize((size, size)), *tail])
        self._augmented = transforms.Compose(
            [
                transforms.RandomResizedCrop(size, scale=_CROP),
                transforms.RandomHorizontalFlip(_FLIP),
                transforms.ColorJitter(_COLOUR, _COLOUR, _COLOUR, _COLOUR),
                *tail,
            ]
        )

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return a picture, and an augmented view."""
        with Image.open(self._files[index]) as file:
            picture = file.convert("RGB")
        return self._source(picture), self._augmented(picture)


def time_seed_training(folder: Path, plan: StepPlan, workers: int) -> TimedSteps:
    """Train from random weights for some steps. To be called in a fresh process.

    Args:
        folder: of the JPEG files.
        plan: the steps.
        workers: processes of the loader; 0 has the training itself load.
    """
    torch.manual_seed(0)
    network = models.get_model(plan.backbone, weights=None)
    _leave_out_classes(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=_RATE)
    targets = torch.arange(plan.batch)
    batches = _batches(AugmentedPairDataset(folder, plan.size), plan, workers)
    watch = StepTimer(plan)
    while watch.result is None:
        with watch.time_loading():
            pair = next(batches)
        # One pass for the pictures and one for their views: measured, not slower than both at once.
        source, augmented = (functional.normalize(network(views), dim=1) for views in pair)
        loss = functional.cross_entropy(source @ augmented.T * _SCALE, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        watch.count_step()
    return watch.result


def _batches(
    files: AugmentedPairDataset, plan: StepPlan, workers: int
) -> Iterator[tuple[Tensor, Tensor]]:
    enough = RandomSampler(files, num_samples=plan.batch * (plan.total_steps + _AHEAD))
    return iter(DataLoader(files, plan.batch, sampler=enough, num_workers=workers, drop_last=True))


def _leave_out_classes(network: nn.Module) -> None:
    """Have a classification network return its pooled features."""
    name, _ = list(network.named_children())[-1]
    setattr(network, name, nn.Identity())
