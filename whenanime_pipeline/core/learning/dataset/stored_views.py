"""Stores the augmented views of the validation frames in one mapped file."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Self

import pyarrow as pa

from whenanime_pipeline.core.files import atomic_write, hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import ViewOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import compute_digest
from whenanime_pipeline.core.learning.errors import DatasetError

CODE_VERSION = 1
"""Increased when the same options would give other views."""
_BATCH = 64  # views in memory while writing
_SCHEMA = pa.schema(
    [
        pa.field("frame", pa.string(), nullable=False),
        pa.field("picture", pa.binary(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)
_KEY = b"whenanime.views"


def views_file(home: Home) -> Path:
    """Return the file of a dataset's validation views."""
    return home.dataset / "views.arrow"


def save_views(
    path: Path, dataset: str, options: ViewOptions, views: Iterable[tuple[str, bytes]]
) -> None:
    """Store views atomically, with a batch of them in memory at a time.

    Args:
        path: file to write.
        dataset: id of the dataset.
        options: options that the views were made with.
        views: digests of the frames and JPEGs of the views, in the order of the validation frames.
            The iterable may read the stored views that are replaced here.

    Raises:
        OSError: the home cannot be written to.
    """
    about = {"version": CODE_VERSION, "dataset": dataset, "options": asdict(options)}
    schema = _SCHEMA.with_metadata({_KEY: json.dumps(about)})
    left = iter(views)
    with atomic_write(path) as part, pa.ipc.new_file(str(part), schema) as writer:
        while some := list(islice(left, _BATCH)):
            rows = [
                {"frame": frame, "picture": one, "digest": compute_digest(one)}
                for frame, one in some
            ]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema))


class StoredViews:
    """A mapped file of views.

    Attributes:
        dataset: id of the dataset.
        options: options that the views were made with.
    """

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            DatasetError: it is missing, damaged or from another version.
        """
        self.path = path
        try:
            self._source = pa.memory_map(str(path))
            self._table = pa.ipc.open_file(self._source).read_all()
            about = json.loads(self._table.schema.metadata[_KEY])
            if about["version"] != CODE_VERSION:
                raise DatasetError(
                    f"{path}: of version {about['version']}; materialise validation_views again"
                )
            self.dataset: str = about["dataset"]
            self.options = ViewOptions(**about["options"])
        except FileNotFoundError as error:
            raise DatasetError(
                f"{path}: there are no validation views yet; materialise validation_views"
            ) from error
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise DatasetError(
                f"{path}: damaged; materialise validation_views again ({error})"
            ) from error

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @cached_property
    def id(self) -> str:
        """Id of the views' pictures and their order."""
        return hash_json([self.frames, self._table.column("digest").to_pylist()])

    @cached_property
    def frames(self) -> list[str]:
        """Digests of the views' frames."""
        values: list[str] = self._table.column("frame").to_pylist()
        return values

    def picture(self, row: int) -> bytes:
        """Return a view's JPEG.

        Raises:
            IndexError: there is no such view.
            DatasetError: it is damaged.
        """
        value: bytes = self._table.column("picture")[row].as_py()
        if compute_digest(value) != self._table.column("digest")[row].as_py():
            raise DatasetError(f"{self.path}: damaged; materialise validation_views again")
        return value
