"""What answers questions: anything that ranks moments for a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.model_files import META_FILE, ONNX_FILE
from whenanime_pipeline.core.search.query.engine import SearchEngine

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RankedFrame:
    """An answer.

    Attributes:
        path: of the file, relative to the library.
        second: of the moment.
        similarity: 0–1; None where the system has none.
        match: certain, likely or similar; None where the system does not say.
    """

    path: str
    second: float
    similarity: float | None = None
    match: str | None = None


class RetrievalSystem(Protocol):
    """Something that was given the gallery, and answers.

    Attributes:
        name: for the report.
        bytes_per_frame: that a search needs, for each frame of the gallery; without pictures.
    """

    name: str
    bytes_per_frame: float

    def search(self, picture: Picture) -> Sequence[RankedFrame]:
        """Return moments that the picture may be from, best first."""
        ...


class OurSystem:
    """`SearchEngine`, over what the real pipeline published."""

    name = "ours"

    def __init__(self, engine: SearchEngine, frames: int) -> None:
        """Take an opened engine.

        Args:
            engine: to ask.
            frames: of the gallery, eight a second.
        """
        self._engine = engine
        self.bytes_per_frame = _searched_bytes(engine.snapshot.folder) / frames

    def search(self, picture: Picture) -> Sequence[RankedFrame]:
        """Return the engine's scenes."""
        return [
            RankedFrame(
                scene.episode.path, scene.at, scene.similarity, getattr(scene, "match", None)
            )
            for scene in self._engine.search(picture, limit=5)
        ]


def _searched_bytes(snapshot: Path) -> int:
    """Return the bytes of a snapshot that are neither stored frames nor the network."""
    return sum(
        path.stat().st_size
        for path in snapshot.rglob("*")
        if path.is_file()
        and path.relative_to(snapshot).parts[0] != "frames"
        and path.name not in (ONNX_FILE, META_FILE)
    )
