"""The embeddings of one video's distinct frames by one model: a Parquet file, a row a frame."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.extraction import Progress
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, decode_picture


def extract_embeddings(
    frames: FramesFile, target: Path, embedder: Embedder, *, progress: Progress | None = None
) -> int:
    """Embed every stored frame of a video; the video itself is not opened.

    Args:
        frames: the stored frames.
        target: the Parquet file to write; it appears only when it is whole.
        embedder: the model.
        progress: receives the number of frames done and of all.

    Returns:
        The number of rows.

    Raises:
        FramesError: a stored frame cannot be decoded.
        OSError: the target cannot be written.
    """
    schema = _schema(embedder.dimension)
    done = 0
    with atomic_write(target) as part, pq.ParquetWriter(part, schema) as writer:
        for batch in frames.batches():
            pictures = [
                decode_picture(value.as_py(), frames.path) for value in batch.column("picture")
            ]
            vectors = embedder.embed(pictures)
            writer.write_batch(
                pa.record_batch(
                    [
                        pa.array(range(done, done + len(pictures)), pa.int32()),
                        batch.column("starts"),
                        batch.column("ends"),
                        pa.FixedSizeListArray.from_arrays(
                            pa.array(vectors.astype(np.float16).ravel(), pa.float16()),
                            embedder.dimension,
                        ),
                    ],
                    schema=schema,
                )
            )
            done += len(pictures)
            if progress is not None:
                progress(done, len(frames))
    return done


def read_embeddings(path: Path, dimension: int | None = None) -> Vectors:
    """Return a video's embeddings in the order of its frames.

    Args:
        path: the features file.
        dimension: keep that many leading components; all when None.

    Returns:
        `(frames, dimension)`, each of unit length.

    Raises:
        FramesError: the file is missing or damaged, or has fewer components than asked for.
    """
    stored = _read_stored_vectors(path)
    if dimension is not None and dimension > stored.shape[1]:
        raise FramesError(
            f"{path}: {stored.shape[1]} components; index.dimension asks for {dimension}"
        )
    vectors = stored[:, :dimension].astype(np.float32)
    return normalise_rows(vectors)


def has_valid_embeddings(path: Path, frames: int) -> bool:
    """Tell whether stored features can be used: whole, a row a frame, finite, of unit length.

    Args:
        path: the features file.
        frames: how many rows it should have.
    """
    try:
        stored = _read_stored_vectors(path).astype(np.float32)
    except FramesError:
        return False
    # float16 rounds each component by up to 2^-11 of itself, and so the length by no more.
    lengths = np.linalg.norm(stored, axis=1)
    return len(stored) == frames and bool(np.all(np.abs(lengths - 1) < 1e-3))


def _read_stored_vectors(path: Path) -> NDArray[np.float16]:
    try:
        with pq.ParquetFile(path) as file:
            column = file.read(columns=["embedding"]).column(0).combine_chunks()
    except (OSError, pa.ArrowException) as error:
        raise FramesError(f"{path}: not a whole file of features: {error}") from error
    values: NDArray[np.float16] = column.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(-1, column.type.list_size)


def _schema(dimension: int) -> pa.Schema:
    return pa.schema(
        [
            pa.field("frame", pa.int32(), nullable=False),
            pa.field("starts", pa.list_(pa.float64()), nullable=False),
            pa.field("ends", pa.list_(pa.float64()), nullable=False),
            pa.field("embedding", pa.list_(pa.float16(), dimension), nullable=False),
        ]
    )
