"""Arrow files of our own: written batch by batch and atomically, read memory-mapped.

A file is marked in the metadata of its schema. What is known only when all rows are written stands
in the metadata of its last batch.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write


@dataclass(frozen=True, slots=True)
class ArrowFormat:
    """A kind of Arrow file.

    Attributes:
        name: what a file holds, for messages.
        schema: its columns, none of them nullable.
        mark: key in the schema's metadata that tells its files from others.
        batch_rows: rows of every batch except the last.
        error: raised for a file that cannot be read.
        make: what makes a missing file, as an imperative.
        renew: what renews a damaged one, as an imperative.
    """

    name: str
    schema: pa.Schema
    mark: bytes
    batch_rows: int
    error: type[Exception]
    make: str
    renew: str

    @contextmanager
    def explain_errors(self, path: Path) -> Iterator[None]:
        """Raise the format's error, which names the file and what to do, for what parsing raises.

        Args:
            path: file that is opened and parsed in the `with` block.
        """
        try:
            yield
        except FileNotFoundError as error:
            raise self.error(f"{path}: is missing; {self.make}") from error
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            reason = f"not a whole file of {self.name}: {error}"
            raise self.error(f"{path}: damaged; {self.renew} ({reason})") from error


class ArrowWriter:
    """Writes rows one by one, with a batch of them in memory.

    The file appears, complete, at the end of the `with` block; an exception leaves what was there.
    """

    def __init__(self, path: Path, kind: ArrowFormat, mark: bytes) -> None:
        """Prepare a writer; the `with` block opens the file.

        Args:
            path: file to write; its folder is made when missing.
            kind: format of the file.
            mark: value of the format's mark.
        """
        self.count = 0
        self.last_metadata: Mapping[bytes, bytes] = {}
        """Metadata of the last batch, to be set before the end of the `with` block."""
        self._schema = kind.schema.with_metadata({kind.mark: mark})
        self._batch_rows = kind.batch_rows
        self._rows: list[tuple[object, ...]] = []
        self._opened = self._open(path)

    def __enter__(self) -> Self:
        self._opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, trace)

    def add_row(self, *values: object) -> None:
        """Append a row, its values in the order of the columns."""
        if len(self._rows) == self._batch_rows:
            self._file.write_batch(self._take_batch())
        self._rows.append(values)
        self.count += 1

    @contextmanager
    def _open(self, path: Path) -> Iterator[None]:
        with atomic_write(path) as part, pa.ipc.new_file(str(part), self._schema) as self._file:
            yield
            if self._rows or self.last_metadata:
                last = dict(self.last_metadata) or None
                self._file.write_batch(self._take_batch(), custom_metadata=last)

    def _take_batch(self) -> pa.RecordBatch:
        rows, self._rows = self._rows, []
        columns = zip(*rows, strict=True) if rows else [()] * len(self._schema)
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        return pa.record_batch(arrays, schema=self._schema)


class MappedArrowFile:
    """A file, memory-mapped: reading one row costs that row. Safe to share between threads.

    Attributes:
        path: of the file.
        mark: value of the format's mark.
        last_metadata: metadata of the last batch.
    """

    def __init__(self, path: Path, kind: ArrowFormat) -> None:
        """Map the file.

        Raises:
            Exception: the format's error: it is missing, damaged, or of another format.
        """
        self.path = path
        self._format = kind
        with kind.explain_errors(path):
            self._source = pa.memory_map(str(path))
            self._file = pa.ipc.open_file(self._source)
            if not self._file.schema.equals(kind.schema):
                raise ValueError("its columns are others")
            self.mark: bytes = self._file.schema.metadata[kind.mark]
            self._count, self.last_metadata = self._read_last()
        self._cached_batch: tuple[int, pa.RecordBatch] | None = None

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the mapping; values read before stay valid."""
        self._cached_batch = None
        self._source.close()

    def check_batches(self) -> None:
        """Parse every batch, without reading its values.

        Raises:
            Exception: the format's error: one is damaged.
        """
        for _ in self.batches():
            pass

    def value(self, column: str, row: int) -> Any:  # noqa: ANN401  (as the schema says)
        """Return one value as a Python object.

        Raises:
            IndexError: there is no such row.
            ValueError: the file is closed.
            Exception: the format's error: the batch of the row is damaged.
        """
        if not 0 <= row < self._count:
            raise IndexError(f"{self.path}: row {row} of {self._count}")
        number, place = divmod(row, self._format.batch_rows)
        # Neighbours are read one after the other, and finding a batch takes six times as long as
        # reading a picture of it. Threads may replace each other's; each goes on with its own.
        cached = self._cached_batch
        if cached is None or cached[0] != number:
            cached = self._cached_batch = number, self._read_batch(number)
        return cached[1].column(column)[place].as_py()

    def read_numbers(self, column: str) -> NDArray[Any]:
        """Return a column of numbers, `(n,)`, or of bytes of one width, `(n, width)` uint8.

        Only this column is read. The array is a copy, which outlives the mapping.
        """
        empty = pa.array([], self._format.schema.field(column).type)
        columns = [empty, *(batch.column(column) for batch in self.batches())]
        return np.concatenate([_view_as_numpy(one) for one in columns])

    def read_values(self, column: str) -> list[Any]:
        """Return a column as Python objects."""
        return [value for batch in self.batches() for value in batch.column(column).to_pylist()]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order, a batch at a time."""
        for number in range(self._file.num_record_batches):
            yield self._read_batch(number)

    def _read_batch(self, number: int) -> pa.RecordBatch:
        if self._source.closed:
            raise ValueError(f"{self.path}: is closed")
        with self._format.explain_errors(self.path):
            return self._file.get_batch(number)

    def _read_last(self) -> tuple[int, Mapping[bytes, bytes]]:
        """Return the number of rows and the metadata of the last batch."""
        last = self._file.num_record_batches - 1
        if last < 0:
            return 0, {}
        batch, metadata = self._file.get_batch_with_custom_metadata(last)
        return last * self._format.batch_rows + batch.num_rows, dict(metadata or {})


def _view_as_numpy(array: pa.Array) -> NDArray[Any]:
    """Return an array without nulls as a view of its buffer."""
    if not pa.types.is_fixed_size_binary(array.type):
        view: NDArray[Any] = array.to_numpy(zero_copy_only=True)
        return view
    width = array.type.byte_width
    if not len(array):
        return np.empty((0, width), np.uint8)
    values = np.frombuffer(array.buffers()[1], np.uint8).reshape(-1, width)
    return values[array.offset : array.offset + len(array)]
