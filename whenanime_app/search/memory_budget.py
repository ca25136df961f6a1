"""Memory for what strangers send: so many bytes together, and who comes then is told to wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from whenanime_app.errors import BusyError


class Share:
    """What one request holds of a budget."""

    def __init__(self, budget: "Budget") -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Take more bytes.

        Raises:
            BusyError: together with all others it would be too many.
        """
        self._budget.take(size)
        self.size += size


class Budget:
    """Bytes that may be held at once. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        """Set the limit.

        Args:
            most: bytes, of all shares together.
        """
        self._left = most
        self._guard = threading.Lock()

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Open a share; what it has grown to is given back when the block is left."""
        share = Share(self)
        try:
            yield share
        finally:
            self.take(-share.size)

    def take(self, size: int) -> None:
        """Take bytes, or give some back when `size` is negative.

        Raises:
            BusyError: there are not so many left.
        """
        with self._guard:
            if size > self._left:
                raise BusyError("the server is busy; try again in a few seconds")
            self._left -= size
