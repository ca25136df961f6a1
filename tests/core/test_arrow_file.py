"""Arrow files come back as they were written, and are refused by name when they are not whole."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from whenanime_pipeline.core.arrow_file import ArrowFormat, ArrowWriter, MappedArrowFile


class ShelfError(Exception):
    """A file of the tests' format cannot be read."""


FORMAT = ArrowFormat(
    name="books",
    schema=pa.schema(
        [
            pa.field("title", pa.string(), nullable=False),
            pa.field("pages", pa.int64(), nullable=False),
            pa.field("cells", pa.binary(3), nullable=False),
        ]
    ),
    mark=b"tests.shelf",
    batch_rows=4,
    error=ShelfError,
    make="write it",
    renew="write it again",
)


def write(path: Path, rows: int, kind: ArrowFormat = FORMAT) -> Path:
    with ArrowWriter(path, kind, b"1") as writer:
        for n in range(rows):
            writer.add_row(f"title {n}", n, bytes([n, n + 1, n + 2]))
        writer.last_metadata = {b"owner": b"me"}
    assert writer.count == rows
    return path


def write_until_an_error(path: Path) -> None:
    with ArrowWriter(path, FORMAT, b"2") as writer:
        for n in range(9):
            writer.add_row("", 1 // (8 - n), b"abc")


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5, 8, 13])
def test_rows_columns_and_metadata_come_back(tmp_path: Path, rows: int) -> None:
    with MappedArrowFile(write(tmp_path / "new/a.arrow", rows), FORMAT) as file:
        assert (len(file), file.mark, file.last_metadata) == (rows, b"1", {b"owner": b"me"})
        assert [file.value("title", n) for n in range(rows)] == [f"title {n}" for n in range(rows)]
        assert file.read_values("title") == [f"title {n}" for n in range(rows)]
        pages, cells = file.read_numbers("pages"), file.read_numbers("cells")
        assert [batch.num_rows for batch in file.batches()][:-1] == [4] * ((rows - 1) // 4)
        for outside in (-1, rows):
            with pytest.raises(IndexError, match=rf"a\.arrow: row {outside} of {rows}"):
                file.value("title", outside)
    # The arrays outlive the mapping.
    assert pages.dtype == np.dtype(np.int64)
    assert cells.dtype == np.dtype(np.uint8)
    assert pages.tolist() == list(range(rows))
    assert cells.shape == (rows, 3)
    assert cells.tolist() == [[n, n + 1, n + 2] for n in range(rows)]


def test_a_file_may_have_neither_rows_nor_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    with ArrowWriter(path, FORMAT, b"1"):
        pass
    with MappedArrowFile(path, FORMAT) as file:
        assert (len(file), file.last_metadata, file.read_values("title")) == (0, {}, [])
        assert file.read_numbers("cells").shape == (0, 3)


def test_a_sliced_batch_is_viewed_from_its_own_first_row(tmp_path: Path) -> None:
    rows = [{"title": f"{n}", "pages": n, "cells": bytes([n] * 3)} for n in range(4)]
    schema = FORMAT.schema.with_metadata({FORMAT.mark: b"1"})
    path = tmp_path / "a.arrow"
    with pa.ipc.new_file(str(path), schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(rows, schema).slice(2))
    with MappedArrowFile(path, FORMAT) as file:
        assert file.read_numbers("pages").tolist() == [2, 3]
        assert file.read_numbers("cells").tolist() == [[2] * 3, [3] * 3]


def test_an_exception_leaves_what_was_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.arrow", 3)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_until_an_error(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_keeps_the_file_that_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.arrow", 9)
    with MappedArrowFile(path, FORMAT) as file:
        write(path, 1)
        assert file.value("title", 8) == "title 8"


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ShelfError, match=r"none\.arrow: is missing; write it$"):
        MappedArrowFile(tmp_path / "none.arrow", FORMAT)


@pytest.mark.parametrize("keep", [0, 1, 8, 300, -1])
def test_a_cut_file_is_named_with_what_to_do(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "cut.arrow", 9)
    os.truncate(path, keep if keep >= 0 else path.stat().st_size + keep)
    with pytest.raises(
        ShelfError, match=r"cut\.arrow: damaged; write it again \(not a whole file of books: "
    ):
        MappedArrowFile(path, FORMAT)


@pytest.mark.parametrize("rows", [0, 9])
def test_a_file_of_another_format_is_refused(tmp_path: Path, rows: int) -> None:
    def kind(schema: pa.Schema, mark: bytes) -> ArrowFormat:
        return replace(FORMAT, schema=schema, mark=mark)

    fields = [FORMAT.schema.field(name) for name in ("title", "pages", "cells")]
    renamed = pa.schema([fields[0].with_name("name"), *fields[1:]])
    for other in (kind(renamed, FORMAT.mark), kind(FORMAT.schema, b"tests.other")):
        path = write(tmp_path / "other.arrow", rows, other)
        with pytest.raises(ShelfError, match=r"other\.arrow: damaged; write it again"):
            MappedArrowFile(path, FORMAT)


def test_a_damaged_batch_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.arrow", 9)
    content = bytearray(path.read_bytes())
    start = content.index(b"title 4")  # in the second of three batches, after its description
    content[start - 300 : start - 100] = b"\xff" * 200
    path.write_bytes(content)
    with MappedArrowFile(path, FORMAT) as stored:
        assert stored.value("title", 8) == "title 8"
        with pytest.raises(ShelfError, match=r"a\.arrow: damaged; write it again"):
            stored.value("title", 4)
        with pytest.raises(ShelfError, match=r"a\.arrow"):
            stored.check_batches()


def test_nothing_is_read_from_a_closed_file(tmp_path: Path) -> None:
    file = MappedArrowFile(write(tmp_path / "a.arrow", 2), FORMAT)
    title = file.value("title", 1)
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.value("title", 1)
    assert title == "title 1"
