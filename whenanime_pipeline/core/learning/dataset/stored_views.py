"""Stores the augmented views of the validation frames in one mapped file."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from whenanime_pipeline.core.arrow_file import ArrowFormat, ArrowWriter, MappedArrowFile
from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import ViewOptions
from whenanime_pipeline.core.learning.dataset.stored_training_frames import compute_digest
from whenanime_pipeline.core.learning.errors import DatasetError

CODE_VERSION = 1
"""Increased when the same options would give other views."""
_FORMAT = ArrowFormat(
    name="validation views",
    schema=pa.schema(
        [
            pa.field("frame", pa.string(), nullable=False),
            pa.field("picture", pa.binary(), nullable=False),
            pa.field("digest", pa.string(), nullable=False),
        ]
    ),
    mark=b"whenanime.views",
    batch_rows=64,
    error=DatasetError,
    make="materialise validation_views",
    renew="materialise validation_views again",
)


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
    with ArrowWriter(path, _FORMAT, json.dumps(about).encode()) as writer:
        for frame, picture in views:
            writer.add_row(frame, picture, compute_digest(picture))


class StoredViews(MappedArrowFile):
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
        super().__init__(path, _FORMAT)
        with _FORMAT.explain_errors(path):
            about = json.loads(self.mark)
            if about["version"] != CODE_VERSION:
                raise ValueError(f"its version is {about['version']}")
            self.dataset: str = about["dataset"]
            self.options = ViewOptions(**about["options"])
        self.check_batches()

    @cached_property
    def id(self) -> str:
        """Id of the views' pictures and their order."""
        return hash_json([self.frames, self.read_values("digest")])

    @cached_property
    def frames(self) -> list[str]:
        """Digests of the views' frames."""
        values: list[str] = self.read_values("frame")
        return values

    def picture(self, row: int) -> bytes:
        """Return a view's JPEG.

        Raises:
            IndexError: there is no such view.
            DatasetError: it is damaged.
        """
        value: bytes = self.value("picture", row)
        if compute_digest(value) != self.value("digest", row):
            raise DatasetError(f"{self.path}: damaged; materialise validation_views again")
        return value
