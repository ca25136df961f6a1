"""Tags a lone episode: suggests its opening and ending, never for certain."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.segments import Confidence, Evidence, Segment, SegmentType
from whenanime_pipeline.core.themes.tagger.boundaries import refine_boundary, snap_to_cut
from whenanime_pipeline.core.themes.tagger.features import compute_features
from whenanime_pipeline.core.themes.tagger.fusion import Fused, Prediction, fuse
from whenanime_pipeline.core.themes.tagger.model_files import ENDING, OPENING, base_tagger_folder
from whenanime_pipeline.core.themes.tagger.network import MemberScores, TaggerNetwork
from whenanime_pipeline.core.themes.tagger.viterbi import compute_marginals, decode
from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP, EpisodeTracks

SHIFTS = (0.0, -0.5)
"""Seconds at which the grids begin on which an episode is tagged, one after the other."""
MIN_SECONDS = 5.0
"""Shortest opening or ending that is suggested."""
_LEAST_PROBABILITY = 0.5
"""Mean probability below which nothing is suggested; voters without the segment count as 0. With
recorded talk and music, of twenty composed episodes without themes two then have a false one."""
_LIKELY_SUPPORT = 0.8
"""Share of the voters from which on a segment is likely."""
_LIKELY_PROBABILITY = 0.75
"""Mean probability of a segment's seconds from which on it is likely."""
_LEAST_ERROR = 0.5
"""Seconds by which a boundary may be off where all voters agree."""
_TYPES: tuple[tuple[int, SegmentType], ...] = ((OPENING, "opening"), (ENDING, "ending"))


class Tagger:
    """Suggests the themes of episodes. Safe to share between threads."""

    def __init__(self, network: TaggerNetwork) -> None:
        self.network = network

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int = 1) -> Self:
        """Load a tagger, the one that ships for None.

        Raises:
            TaggerError: it is missing, damaged or from another version.
        """
        return cls(TaggerNetwork.load(folder or base_tagger_folder(), threads=threads))

    @property
    def id(self) -> str:
        """Names the tagger."""
        return self.network.meta.tagger_id

    def tag(self, tracks: EpisodeTracks) -> tuple[Segment, ...]:
        """Return the suggested openings and endings of an episode, in order of time.

        The members of the network and the shifts of the grid vote; segments are what most of them
        agree on. Its confidence is `likely` or `possible`.

        Args:
            tracks: of the episode.
        """
        votes: dict[int, list[list[Prediction]]] = {kind: [] for kind, _ in _TYPES}
        for shift in SHIFTS:
            features = compute_features(tracks, shift)
            for scores in self.network.score(features):
                found = list(predict(scores, shift))
                for kind, each in votes.items():
                    each.append([one for of_kind, one in found if of_kind == kind])
        cuts = np.empty(0)
        if tracks.pictures is not None:
            cuts = tracks.pictures.cuts - PICTURE_HOP / 2
        fused = [
            (name, one)
            for kind, name in _TYPES
            for one in fuse(votes[kind])
            if one.probability >= _LEAST_PROBABILITY
        ]
        fused.sort(key=lambda pair: pair[1].start)
        return _drop_overlaps(
            [_to_segment(name, one, cuts, tracks.duration) for name, one in fused]
        )


def predict(scores: MemberScores, shift: float) -> Iterator[tuple[int, Prediction]]:
    """Yield the segments that one member predicts: class and prediction.

    Args:
        scores: of the member.
        shift: second at which its grid begins.
    """
    path = decode(scores.emissions, scores.chain)
    marginals = compute_marginals(scores.emissions, scores.chain)
    second = 0
    for kind, run in groupby(path.tolist()):
        first = second
        second += len(list(run))
        if kind not in (OPENING, ENDING) or second - first < MIN_SECONDS:
            continue
        start = refine_boundary(scores, first, 0)
        end = refine_boundary(scores, second, 1)
        if end - start >= MIN_SECONDS:
            probability = float(marginals[first:second, kind].mean())
            yield kind, Prediction(start + shift, end + shift, probability)


def _to_segment(
    name: SegmentType, fused: Fused, cuts: NDArray[np.float64], duration: float
) -> Segment:
    is_likely = fused.support >= _LIKELY_SUPPORT and fused.probability >= _LIKELY_PROBABILITY
    confidence: Confidence = "likely" if is_likely else "possible"
    return Segment(
        type=name,
        start=max(0.0, snap_to_cut(fused.start, cuts)),
        end=min(duration, snap_to_cut(fused.end, cuts)),
        start_error=fused.start_error + _LEAST_ERROR,
        end_error=fused.end_error + _LEAST_ERROR,
        confidence=confidence,
        evidence=Evidence(witnesses=("tagger",)),
    )


def _drop_overlaps(segments: list[Segment]) -> tuple[Segment, ...]:
    """Return the segments without those that overlap with an earlier one."""
    kept: list[Segment] = []
    for segment in segments:
        if not kept or segment.start >= kept[-1].end:
            kept.append(segment)
    return tuple(kept)
