"""Options of a dataset, with the seed's defaults."""

from dataclasses import dataclass

from whenanime_pipeline.core.learning.errors import DatasetError


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """Options of training frames.

    Attributes:
        count: frames a video, evenly spread between head and tail.
        head: percent of the video skipped at its beginning.
        tail: percent of the video skipped at its end.
        flat: standard deviation of gray levels below which a frame is flat and left out.
        quality: quality of the JPEGs, 1 to 100.
        long_side: pixels of the longer side that larger frames are scaled down to; None keeps
            the video's own size.

    Raises:
        DatasetError: an option is out of its range.
    """

    count: int = 10
    head: float = 0.0
    tail: float = 0.0
    flat: float = 1.0
    quality: int = 90
    long_side: int | None = None

    def __post_init__(self) -> None:
        _check("count", self.count, 1, 100_000)
        _check("head", self.head, 0, 100)
        _check("tail", self.tail, 0, 100)
        if self.head + self.tail >= 100:
            raise DatasetError(
                f"head and tail: {self.head:g} and {self.tail:g} percent leave nothing of a video;"
                " together they must be below 100"
            )
        _check("flat", self.flat, 0, 255)
        _check("quality", self.quality, 1, 100)
        if self.long_side is not None:
            _check("long_side", self.long_side, 16, 1 << 16)


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """Options of the split into training and validation episodes.

    Attributes:
        share: approximate share of all frames in the validation episodes.
        seed: seed of the choice of episodes.

    Raises:
        DatasetError: an option is out of its range.
    """

    share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise DatasetError(f"share: must be above 0 and below 1, not {self.share:g}")


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Options of the augmented views of the validation frames.

    Attributes:
        size: side of a view in pixels.
        scale: smallest share of the frame's area in a crop.
        flip: probability of a horizontal flip.
        color: strength of the jitter of brightness, contrast, saturation and hue; 0 for none.
        seed: seed of the augmentation.

    Raises:
        DatasetError: an option is out of its range.
    """

    size: int = 224
    scale: float = 0.25
    flip: float = 0.2
    color: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        _check("size", self.size, 16, 4096)
        if not 0 < self.scale <= 1:
            raise DatasetError(f"scale: must be above 0 and at most 1, not {self.scale:g}")
        _check("flip", self.flip, 0, 1)
        _check("color", self.color, 0, 0.5)  # hue rotates by half a circle at most


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise DatasetError(f"{name}: must be from {least:g} to {most:g}, not {value:g}")
