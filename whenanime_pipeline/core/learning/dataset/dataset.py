"""The dataset: which frames of which episodes are for training and which for validation."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from whenanime_pipeline.core.files import atomic_write, hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import SplitOptions
from whenanime_pipeline.core.learning.errors import DatasetError

SplitName = Literal["training", "validation"]

_VERSION = 1
_KEY = b"whenanime.dataset"
_SCHEMA = pa.schema(
    [
        pa.field("validation", pa.bool_(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("second", pa.float64(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class DatasetFrame:
    """One frame of a dataset.

    Attributes:
        fingerprint: fingerprint of its video.
        row: row in the file of that video's training frames.
        second: time in the video, in seconds.
        digest: digest of its JPEG.
    """

    fingerprint: str
    row: int
    second: float
    digest: str


@dataclass(frozen=True, slots=True)
class DatasetEpisode:
    """Counts of one episode's training frames.

    Attributes:
        fingerprint: fingerprint of its video.
        key: key in the catalogue; for a video that is there twice, the first of its keys.
        path: path of that key.
        part: part of the split it is in.
        frames: number of stored frames.
        kept: number of those in the dataset.
        flat: number of flat frames, which are not stored.
        equal: number of frames left out as duplicates of one in the dataset.
        shared: number of frames left out as they also occur in a training episode.
    """

    fingerprint: str
    key: str
    path: str
    part: SplitName
    frames: int
    kept: int
    flat: int
    equal: int
    shared: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Training frames and validation frames, of different episodes.

    Attributes:
        options: options of the split.
        training: training frames, episode by episode, in temporal order.
        validation: validation frames, likewise.
        episodes: episodes with frames, those of training first.
        warnings: warnings to show, a sentence each.
    """

    options: SplitOptions
    training: tuple[DatasetFrame, ...]
    validation: tuple[DatasetFrame, ...]
    episodes: tuple[DatasetEpisode, ...]
    warnings: tuple[str, ...]

    @property
    def id(self) -> str:
        """Id of the frames, their pixels and their split, but not of the episodes' names."""
        halves = [
            [(frame.fingerprint, frame.second, frame.digest) for frame in half]
            for half in (self.training, self.validation)
        ]
        return hash_json({"version": _VERSION, "options": asdict(self.options), "halves": halves})


def dataset_file(home: Home) -> Path:
    """Return where a home's dataset is stored."""
    return home.dataset / "split.parquet"


def save_dataset(dataset: Dataset, path: Path) -> None:
    """Store a dataset atomically.

    Raises:
        OSError: the home cannot be written to.
    """
    marked = [
        *((False, frame) for frame in dataset.training),
        *((True, frame) for frame in dataset.validation),
    ]
    rows = [{"validation": validation, **asdict(frame)} for validation, frame in marked]
    about = {
        "version": _VERSION,
        "id": dataset.id,
        "options": asdict(dataset.options),
        "episodes": [asdict(episode) for episode in dataset.episodes],
        "warnings": dataset.warnings,
    }
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    with atomic_write(path) as part:
        pq.write_table(table.replace_schema_metadata({_KEY: json.dumps(about)}), part)


def load_dataset(home: Home) -> Dataset:
    """Read a home's dataset.

    Raises:
        DatasetError: there is none, or it is damaged or from another version.
    """
    path = dataset_file(home)
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[_KEY])
        if about["version"] != _VERSION:
            raise DatasetError(f"{path}: of version {about['version']}; materialise dataset again")
        dataset = _dataset(table.to_pylist(), about)
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: there is no dataset yet; materialise dataset") from error
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path}: damaged; materialise dataset again ({error})") from error
    if dataset.id != about["id"]:
        raise DatasetError(f"{path}: damaged; materialise dataset again")
    return dataset


def _dataset(rows: list[dict[str, Any]], about: dict[str, Any]) -> Dataset:
    halves: dict[bool, list[DatasetFrame]] = {False: [], True: []}
    for row in rows:
        halves[row.pop("validation")].append(DatasetFrame(**row))
    return Dataset(
        options=SplitOptions(**about["options"]),
        training=tuple(halves[False]),
        validation=tuple(halves[True]),
        episodes=tuple(DatasetEpisode(**episode) for episode in about["episodes"]),
        warnings=tuple(about["warnings"]),
    )
