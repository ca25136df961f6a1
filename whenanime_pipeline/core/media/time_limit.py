"""A limit of processor time, which a busy machine does not shorten, with a limit by the clock."""

from time import monotonic, thread_time

_CLOCK_FACTOR = 3.0
"""Time by the clock that a second of processor time may take: a worker has thirty seconds."""


class TimeLimit:
    """Counts from when it is made, in the thread that makes it.

    Args:
        seconds: processor time of the thread.
    """

    def __init__(self, seconds: float) -> None:
        self._processor_end = thread_time() + seconds
        self._clock_end = monotonic() + _CLOCK_FACTOR * seconds

    @property
    def is_over(self) -> bool:
        """Whether either limit is exceeded."""
        return thread_time() > self._processor_end or monotonic() > self._clock_end
