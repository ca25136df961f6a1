"""What a search answers: scenes of episodes, with their seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.search.geometry.transform import transform_points
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import Confidence, MatchLevel
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

SCENE_GAP = 5.0
"""Seconds between appearances of stored frames that still belong to one scene, as trace.moe has
it."""

Corner = tuple[float, float]
TimeRun = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A stretch of an episode: seconds of its first and last frame."""

    episode: EpisodeRecord
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One answer.

    Attributes:
        episode: where it is.
        start, at, end: seconds; the stretch that resembles the query, and the best moment in it.
        similarity: 0–1, calibrated: at least 0.90 for what is a match.
        match: `certain` and `likely` for matches; `similar` for what only looks alike: the query
            is probably not in this library.
        frame: the ordinal of the stored frame at `at`, for its picture.
        mirrored: whether the query shows the frame's mirror image.
        corners: where the query's upper left, upper right, lower right and lower left corners lie
            on the frame (of a mirrored query: those of its mirror image), as shares of the frame's
            width and height; outside 0–1 where the query shows more than the frame.
        also: where else the very picture is on screen.
        runs: all the times it is, in this scene too: seconds of the first and last frame.
    """

    episode: EpisodeRecord
    start: float
    at: float
    end: float
    similarity: float
    match: MatchLevel
    frame: int
    mirrored: bool
    corners: tuple[Corner, Corner, Corner, Corner]
    also: tuple[Appearance, ...]
    runs: tuple[TimeRun, ...] = ()


def build_scenes(
    answer: VerifiedFrame,
    snapshot: Snapshot,
    shape: Sequence[int],
    confidence: Confidence,
    aspect: float,
) -> list[Scene]:
    """Return an answer as a scene of each episode that shows its content.

    Args:
        answer: what was found.
        snapshot: in which.
        shape: height and width of the query.
        confidence: says how sure it is.
        aspect: height of the stored pictures, in their widths.

    Raises:
        LookupError: the content is in no snapshot any more.
    """
    content = answer.segment.content
    step = 1 / snapshot.contents[content].fps
    runs = snapshot.runs(content, answer.frame)
    stretch = [
        run
        for frame in range(answer.first, answer.last + 1)
        for run in snapshot.runs(content, frame)
    ]
    shown = runs[0]
    start, end = expand_run(shown, stretch)
    similarity = confidence.similarity(answer)
    corners = _project_corners(answer, shape[0] / shape[1], aspect)
    return [
        Scene(
            episode=episode,
            start=start,
            at=find_middle_sample(*shown, step=step),
            end=end,
            similarity=similarity,
            match=confidence.classify(answer),
            frame=answer.frame,
            mirrored=answer.segment.mirrored,
            corners=corners,
            also=tuple(
                Appearance(episode, first, last)
                for first, last in runs
                if first > end or last < start
            ),
            runs=tuple(runs),
        )
        for episode in snapshot.episodes_by_content[content]
    ]


def find_middle_sample(start: float, end: float, *, step: float) -> float:
    """Return the sampled second of a run that is nearest to its middle.

    Args:
        start: seconds of the run's first sample.
        end: seconds of its last sample.
        step: seconds between samples.
    """
    return min(end, start + round((end - start) / 2 / step) * step)


def expand_run(run: TimeRun, runs: Sequence[TimeRun]) -> TimeRun:
    """Return the stretch of runs, none `SCENE_GAP` from the next, that holds one of them."""
    start, end = run
    for first, last in sorted(runs):
        if first <= end + SCENE_GAP and last >= start:
            end = max(end, last)
    for first, last in sorted(runs, reverse=True):
        if last >= start - SCENE_GAP and first <= end:
            start = min(start, first)
    return start, end


def _project_corners(
    answer: VerifiedFrame, aspect: float, stored_aspect: float
) -> tuple[Corner, Corner, Corner, Corner]:
    outline = np.array([[0, 0], [1, 0], [1, aspect], [0, aspect]])
    found = transform_points(answer.hypothesis.transform, outline) / (1, stored_aspect)
    one, two, three, four = ((float(x), float(y)) for x, y in found)
    return one, two, three, four
