"""Where a training stands, told after every step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands.

    Attributes:
        step: batches learnt from.
        steps: batches there are, if it is not stopped early.
        epoch: that is going on, from 1.
        epochs: at most.
        fraction_done: of the training that is done, 0 to 1.
        loss: of the last batch.
        pictures: views the network has seen.
        seconds: of training and judging, earlier runs counted in.
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
        """Seconds that are still to come, if it goes on like this and is not stopped early."""
        return self.seconds * (1 - self.fraction_done) / self.fraction_done
