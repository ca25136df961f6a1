"""Retrieval systems: anything that ranks frames for a picture."""

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
        path: path of the file, relative to the library.
        second: second in the file.
        similarity: 0 to 1; None if the system has none.
        match: certain, likely or similar; None if the system has no such grades.
    """

    path: str
    second: float
    similarity: float | None = None
    match: str | None = None


class RetrievalSystem(Protocol):
    """A system that has indexed the gallery.

    Attributes:
        name: name in reports.
        bytes_per_frame: bytes that a search needs per frame of the gallery, without pictures.
    """

    name: str
    bytes_per_frame: float

    def search(self, picture: Picture) -> Sequence[RankedFrame]:
        """Return the frames that a picture may be from, best first."""
        ...


class OurSystem:
    """Our `SearchEngine`, on a snapshot of the real pipeline."""

    name = "ours"

    def __init__(self, engine: SearchEngine, frames: int) -> None:
        """Wrap an engine.

        Args:
            engine: search engine.
            frames: number of frames in the gallery.
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
