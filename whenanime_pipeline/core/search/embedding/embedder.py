"""Pictures to vectors, through ONNX Runtime on the CPU."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.model_files import ModelMeta, read_model
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.frames.sampling import LONG_SIDE

BATCH = 32
"""Pictures a call of the network: more gains nothing on a CPU and costs memory."""


class Embedder:
    """A loaded model. Safe to share between threads."""

    def __init__(self, meta: ModelMeta, session: onnxruntime.InferenceSession) -> None:
        self.meta = meta
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Load a model's folder.

        Args:
            folder: with `model.onnx` and `meta.json`.
            threads: for the network; 0 leaves it to the runtime: one a core.

        Raises:
            ModelError: it is missing, damaged or from another version.
        """
        return cls.from_files(folder, read_model(folder), threads=threads)

    @classmethod
    def from_files(cls, folder: Path, model: tuple[ModelMeta, bytes], *, threads: int = 0) -> Self:
        """Load a model whose files are read already.

        Args:
            folder: of the model, for messages.
            model: what `read_model` returns.
            threads: as of `load`.

        Raises:
            ModelError: the runtime cannot load it.
        """
        meta, onnx = model
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Waiting threads that spin take the cores from the decoder and from other searches.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        onnxruntime.disable_telemetry_events()
        try:
            session = onnxruntime.InferenceSession(
                onnx, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no base class
            raise ModelError(f"{folder}: ONNX Runtime cannot load it: {error}") from error
        return cls(meta, session)

    @property
    def model_id(self) -> str:
        """Names the model."""
        return self.meta.model_id

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self.meta.dimension

    def embed(self, pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the embeddings of pictures.

        Args:
            pictures: RGB, `(height, width, 3)` each, of any size.

        Returns:
            `(pictures, dimension)`, each row of unit length.
        """
        source = iter(pictures)
        parts = [np.empty((0, self.dimension), np.float32)]
        while batch := [self._fit(picture) for picture in islice(source, BATCH)]:
            parts.append(self._run(batch))
        return np.concatenate(parts)

    def _run(self, batch: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        vectors: Vectors = self._session.run(None, {self._input: np.stack(batch)})[0]
        return normalise_rows(vectors)

    def _fit(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture at the network's size, on the way that stored frames have gone.

        Stored frames were scaled to `LONG_SIDE` first; a query that is larger goes the same way,
        so that both are equally sharp.
        """
        longest = max(picture.shape[:2])
        if longest > LONG_SIDE:
            scale = LONG_SIDE / longest
            height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        size = (self.meta.input.width, self.meta.input.height)
        fitted: NDArray[np.uint8] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return fitted
