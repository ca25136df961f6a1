"""Runs a tagger's network over whole episodes, in chunks that bound the memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime

from whenanime_pipeline.core.themes.tagger.errors import TaggerError
from whenanime_pipeline.core.themes.tagger.features import TaggerFeatures
from whenanime_pipeline.core.themes.tagger.model_files import TOKEN, TaggerMeta, read_tagger
from whenanime_pipeline.core.themes.tagger.second_grid import Values
from whenanime_pipeline.core.themes.tagger.viterbi import Chain

CHUNK = 1920
"""Seconds that the network sees at once."""
OVERLAP = 240
"""Seconds of a chunk next to its neighbour that only serve as surroundings."""


@dataclass(frozen=True, slots=True)
class MemberScores:
    """What one member of the network says of an episode.

    Attributes:
        emissions: `(T, C)`, score of each class in each second.
        bounds: `(T, 2)`, probability that a segment begins in a second, and that one ends.
        offsets: `(T, 2)`, where in the second, from 0 to 1.
        chain: the member's other scores.
    """

    emissions: Values
    bounds: Values
    offsets: Values
    chain: Chain


class TaggerNetwork:
    """A loaded tagger. Safe to share between threads."""

    def __init__(self, meta: TaggerMeta, session: onnxruntime.InferenceSession) -> None:
        self.meta = meta
        self._session = session
        self._chains = [scores.to_chain() for scores in meta.chains]

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> Self:
        """Load a tagger's folder.

        Args:
            folder: with `tagger.onnx` and `meta.json`.
            threads: for the network.

        Raises:
            TaggerError: it is missing, damaged or from another version.
        """
        meta, onnx = read_tagger(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        onnxruntime.disable_telemetry_events()
        try:
            session = onnxruntime.InferenceSession(
                onnx, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no base class
            raise TaggerError(f"{folder}: ONNX Runtime cannot load it: {error}") from error
        return cls(meta, session)

    def score(self, features: TaggerFeatures) -> list[MemberScores]:
        """Return what each member says of an episode of any length.

        Args:
            features: of the episode; the network takes its vectors only if it learnt on such.
        """
        inputs = {"features": features.values}
        if self.meta.dimension:
            inputs["vectors"] = self._fit_vectors(features)
        cells = len(features.values)
        parts: list[tuple[Values, Values]] = []
        for low, high, start, end in plan_chunks(cells):
            pad = (0, -(end - start) % TOKEN)
            chunk = {
                name: np.pad(values[start:end], (pad, (0, 0)))[None]
                for name, values in inputs.items()
            }
            emissions, bounds = self._session.run(None, chunk)
            kept = slice(low - start, high - start)
            parts.append((emissions[:, 0, kept], bounds[:, 0, kept]))
        emissions, bounds = (np.concatenate(each, 1) for each in zip(*parts, strict=True))
        return [
            MemberScores(emissions[member], bounds[member, :, :2], bounds[member, :, 2:], chain)
            for member, chain in enumerate(self._chains)
        ]

    def _fit_vectors(self, features: TaggerFeatures) -> Values:
        """Return the vectors; zeros, as in the dropout of the training, where there are none."""
        found, dimension = features.vectors, self.meta.dimension
        if found is None or found.shape[1] != dimension:
            return np.zeros((len(features.values), dimension), np.float32)
        return found


def plan_chunks(cells: int) -> list[tuple[int, int, int, int]]:
    """Return the chunks of an episode of `cells` seconds.

    Returns:
        For each chunk the seconds `[low, high)` that are taken from it, and `[start, end)` that the
        network sees; the former are disjoint and cover the episode.
    """
    if cells <= CHUNK:
        return [(0, cells, 0, cells)]
    step = CHUNK - 2 * OVERLAP
    chunks = []
    low = 0
    while low < cells:
        high = min(cells, low + step + (OVERLAP if low == 0 else 0))
        if cells - high <= OVERLAP:
            high = cells
        start, end = max(0, low - OVERLAP), min(cells, high + OVERLAP)
        chunks.append((low, high, start, end))
        low = high
    return chunks
