"""Reads files that hold one stream, cut anywhere, as one."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import accumulate
from os import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path


class JoinedFiles(io.RawIOBase):
    """The bytes of several files, one after the other; read-only and seekable.

    Args:
        paths: Files in order, at least one.

    Raises:
        OSError: One of them cannot be opened.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._position = 0
        with ExitStack() as stack:
            self._files = [stack.enter_context(path.open("rb")) for path in paths]
            sizes = [file.seek(0, SEEK_END) for file in self._files]
            self._open = stack.pop_all()
        self._starts = [0, *accumulate(sizes)]

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def seekable(self) -> bool:
        """Whether it can seek: yes."""
        return True

    def tell(self) -> int:
        """Return the position in the whole."""
        return self._position

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go to a byte of the whole and return its position."""
        base = {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, up to the end of one of the files; none after the last."""
        if not 0 <= self._position < self._starts[-1]:
            return b""
        number = bisect_right(self._starts, self._position) - 1
        left = self._starts[number + 1] - self._position
        self._files[number].seek(self._position - self._starts[number])
        data = self._files[number].read(left if size < 0 else min(size, left))
        self._position += len(data)
        return data

    def close(self) -> None:
        """Close all files."""
        if hasattr(self, "_open"):  # the finalizer closes what could not be opened, too
            self._open.close()
        super().close()
