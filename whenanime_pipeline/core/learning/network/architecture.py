"""Options of a network as plain values, without torch, so that they load quickly."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

from whenanime_pipeline.core.learning.errors import NetworkError
from whenanime_pipeline.core.learning.training_data import Channels

# Gray-level mean and deviation of pictures, about those of ImageNet and of anime alike. Fixed, so
# that a network does not depend on the library it was first trained on.
MEAN: Channels = (120.0, 115.0, 105.0)
STD: Channels = (68.0, 66.0, 68.0)


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """Options of a network, stored with its weights to build it again.

    Attributes:
        backbone: name of a torchvision classification network.
        stages: blocks of its trunk to keep, the stem counted; None for all.
        dimension: components of an embedding; None for those that the pooling gives, without a
            projection.
        size: pixels of the square input's side.
        grid: the feature map is pooled in grid × grid cells. 1 ignores positions; more
            distinguishes frames of one shot better, and finds crops a little worse.
        pooling: generalised mean, or the plain one of classification networks.
        mean: gray levels, 0 to 255, that become 0, a channel each.
        std: gray levels that become 1.
    """

    backbone: str = "regnet_x_400mf"
    stages: int | None = None
    dimension: int | None = 128
    size: int = 144
    grid: int = 1
    pooling: Literal["gem", "average"] = "gem"
    mean: Channels = MEAN
    std: Channels = STD

    def __post_init__(self) -> None:
        """Validate the options.

        Raises:
            NetworkError: an option is out of its range.
        """
        positive = {"size": self.size, "grid": self.grid, "dimension": self.dimension or 1}
        wrong = [f"{name} is {value}" for name, value in positive.items() if value < 1]
        if self.dimension == 0:
            wrong.append("dimension is 0")
        if self.pooling not in ("gem", "average"):
            wrong.append(f"pooling is {self.pooling!r}, neither gem nor average")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            wrong.append("mean and std are not three numbers each, above 0 in std")
        if wrong:
            raise NetworkError(f"{self.backbone}: {'; '.join(wrong)}")

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        return asdict(self) | {"mean": list(self.mean), "std": list(self.std)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the options that `to_json` gave, of this or an earlier version.

        Raises:
            NetworkError: they are not understood.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise NetworkError(f"network options from a later version: {', '.join(unknown)}")
        channels = {name: tuple(values[name]) for name in ("mean", "std") if name in values}
        try:
            return cls(**{**values, **channels})
        except (TypeError, ValueError) as error:
            raise NetworkError(f"not the options of a network: {error}") from error


# Measured with random weights, ONNX Runtime fp32, two threads: at 144 px 3.5 times as many pictures
# a second as a ResNet-18 without its last stage at 128 px. Without its own last stage it finds more
# (clean screenshots 0.7 against 0.1), and a grid of 3 more than none (0.88 against 0.75).
BASE_NETWORK = NetworkOptions("regnet_x_400mf", stages=4, dimension=128, size=144, grid=3)
"""Options of the base model and of models trained from it."""
