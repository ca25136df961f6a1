"""Progress of a training, reported after every step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a training.

    Attributes:
        step: number of batches done.
        steps: total number of batches, unless it stops early.
        epoch: current epoch, from 1.
        epochs: maximum number of epochs.
        fraction_done: fraction of the training that is done, 0 to 1.
        loss: loss of the last batch.
        pictures: number of views the network has seen.
        seconds: time of training and evaluation, earlier runs included.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    fraction_done: float
    loss: float
    pictures: int
    seconds: float

    @property
    def seconds_left(self) -> float:
        """Seconds left at this speed, unless it stops early."""
        return self.seconds * (1 - self.fraction_done) / self.fraction_done
