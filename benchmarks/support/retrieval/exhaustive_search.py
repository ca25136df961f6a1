"""Exhaustive search over descriptors of all frames."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.retrieval.gallery import (
    FPS,
    Gallery,
    GalleryFrame,
    list_films,
    read_frames,
)
from benchmarks.support.retrieval.systems import RankedFrame
from whenanime_pipeline.core.files import atomic_write, hash_json
from whenanime_pipeline.core.search.frames.deduplication import signature

Picture = NDArray[np.uint8]
Numbers = NDArray[Any]

_BEST = 5
"""Frames returned."""


class Descriptor(Protocol):
    """Describes pictures and compares descriptors.

    Attributes:
        id: identifies the descriptor and its parameters.
        name: name of the system in reports.
        bytes_per_frame: size of a descriptor, stored as compactly as its authors do.
    """

    id: str
    name: str
    bytes_per_frame: float

    def describe(self, picture: Picture) -> Numbers:
        """Return the descriptor `(d,)` of an RGB picture of any size."""
        ...

    def distances(self, one: Numbers, many: Numbers) -> NDArray[np.floating]:
        """Return the distances `(n,)` of `(n, d)` descriptors to one."""
        ...


class ExhaustiveSearch:
    """Exhaustive search for the nearest of all frames, 8 per second."""

    def __init__(
        self, descriptor: Descriptor, frames: Sequence[GalleryFrame], described: Numbers
    ) -> None:
        """Set the gallery.

        Args:
            descriptor: describes queries.
            frames: frames of the gallery, n of them.
            described: `(n, d)`, their descriptors.
        """
        self.name = descriptor.name
        self.bytes_per_frame = descriptor.bytes_per_frame
        self._descriptor = descriptor
        self._frames, self._described = frames, described

    def search(self, picture: Picture) -> Sequence[RankedFrame]:
        """Return the nearest frames."""
        own = self._descriptor.describe(picture)
        distances = self._descriptor.distances(own, self._described)
        nearest = np.argsort(distances, kind="stable")[:_BEST]
        return [RankedFrame(self._frames[i].path, self._frames[i].second) for i in nearest]


def describe_library(
    library: Path, descriptors: Sequence[Descriptor], cache: Path, log: Callable[[str], None]
) -> tuple[Gallery, list[ExhaustiveSearch]]:
    """Read every frame of a library once, and compute all descriptors that are not cached.

    Args:
        library: videos folder.
        descriptors: descriptors to compute.
        cache: folder of the cache, made if missing.
        log: takes one line of progress.

    Returns:
        The gallery, and a system for each descriptor.
    """
    stamps = [
        (path.relative_to(library).as_posix(), path.stat().st_size, path.stat().st_mtime_ns)
        for path in list_films(library)
    ]
    films = hash_json({"films": stamps, "fps": FPS})
    cells_file = cache / f"{films}-cells.npz"
    files = [cache / f"{films}-{descriptor.id}.npz" for descriptor in descriptors]
    new = [i for i, file in enumerate(files) if not file.is_file()]
    if new or not cells_file.is_file():
        log("reading 8 frames per second")
        cells: list[tuple[GalleryFrame, Picture]] = []
        described: dict[int, list[Numbers]] = {i: [] for i in new}
        for frame, picture in read_frames(library, list_films(library)):
            cells.append((frame, signature(picture)))
            for i in new:
                described[i].append(descriptors[i].describe(picture))
        _save(cells_file, _to_arrays(Gallery.from_frames(cells)))
        for i in new:
            _save(files[i], {"described": np.stack(described[i])})
    gallery = _from_arrays(np.load(cells_file))
    systems = [
        ExhaustiveSearch(descriptor, gallery.frames, np.load(file)["described"])
        for descriptor, file in zip(descriptors, files, strict=True)
    ]
    return gallery, systems


def _to_arrays(gallery: Gallery) -> dict[str, Numbers]:
    return {
        "paths": np.array([frame.path for frame in gallery.frames]),
        "seconds": np.array([frame.second for frame in gallery.frames]),
        "cells": gallery.cells,
    }


def _from_arrays(arrays: Any) -> Gallery:  # noqa: ANN401 - numpy's lazy file
    frames = [
        GalleryFrame(str(path), float(second))
        for path, second in zip(arrays["paths"], arrays["seconds"], strict=True)
    ]
    return Gallery(frames, arrays["cells"])


def _save(file: Path, arrays: dict[str, Numbers]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(file) as part, part.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
