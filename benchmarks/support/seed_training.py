"""Times steps of a training as the seed does it: JPEG files, PIL transforms, fp32."""

from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision import models, transforms

from benchmarks.support.step_timing import StepPlan, StepTimer, TimedSteps

# The options of the seed's recipe.
_CROP = (0.2, 1.0)
_FLIP = 0.2
_COLOUR = 0.2
_SCALE = 20.0
_RATE = 1e-3
# ImageNet's; the values do not change the time.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_AHEAD = 8
"""Additional batches, so that the loader's processes do not run out of work."""


class AugmentedPairDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pairs of a picture and its augmented view, decoded from JPEG at each access.

    Args:
        folder: folder of the JPEG files.
        size: side of the results in pixels; both are `(3, size, size)`.
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
        """Return a picture and its augmented view."""
        with Image.open(self._files[index]) as file:
            picture = file.convert("RGB")
        return self._source(picture), self._augmented(picture)


def time_seed_training(folder: Path, plan: StepPlan, workers: int) -> TimedSteps:
    """Train from random weights for some steps; call it in a fresh process.

    Args:
        folder: folder of the JPEG files.
        plan: steps to time.
        workers: processes of the loader; with 0 the training process loads.
    """
    torch.manual_seed(0)
    network = models.get_model(plan.backbone, weights=None)
    _leave_out_classes(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=_RATE)
    targets = torch.arange(plan.batch)
    batches = _batches(AugmentedPairDataset(folder, plan.size), plan, workers)
    timer = StepTimer(plan)
    while timer.result is None:
        with timer.time_loading():
            pair = next(batches)
        # Separate passes for pictures and views, measured to be as fast as one for both.
        source, augmented = (functional.normalize(network(views), dim=1) for views in pair)
        loss = functional.cross_entropy(source @ augmented.T * _SCALE, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        timer.count_step()
    return timer.result


def _batches(
    files: AugmentedPairDataset, plan: StepPlan, workers: int
) -> Iterator[tuple[Tensor, Tensor]]:
    enough = RandomSampler(files, num_samples=plan.batch * (plan.total_steps + _AHEAD))
    return iter(DataLoader(files, plan.batch, sampler=enough, num_workers=workers, drop_last=True))


def _leave_out_classes(network: nn.Module) -> None:
    """Replace the last layer, so that the network returns pooled features."""
    name, _ = list(network.named_children())[-1]
    setattr(network, name, nn.Identity())
