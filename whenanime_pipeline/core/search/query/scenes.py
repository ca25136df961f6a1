"""Scenes, the results of a search: stretches of episodes in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.search.geometry.transform import transform_points
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import Confidence, MatchLevel
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

SCENE_GAP = 5.0
"""Seconds between appearances of stored frames that still belong to one scene, as on trace.moe."""

Corner = tuple[float, float]
TimeRun = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A stretch of an episode, with the seconds of its first and last frame."""

    episode: EpisodeRecord
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One result of a search.

    Attributes:
        episode: episode of the scene.
        start, at, end: seconds of the stretch that resembles the query, and of its best moment.
        similarity: 0–1, calibrated; at least 0.90 for a match.
        match: `certain` and `likely` for matches; `similar` where the query is probably not in
            this library.
        frame: ordinal of the stored frame at `at`.
        mirrored: whether the query shows the frame's mirror image.
        corners: the query's upper left, upper right, lower right and lower left corner on the
            frame (of a mirrored query: those of its mirror image; of a turned one: those of the
            query turned upright), as shares of the frame's width and height; outside 0–1 where
            the query shows more than the frame.
        also: other appearances of the same frame.
        runs: all appearances, in this scene too: seconds of the first and last frame.
        rotated: degrees by which the query is turned clockwise: 0, 90, 180 or 270.
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
    rotated: int = 0


def build_scenes(
    answer: VerifiedFrame,
    snapshot: Snapshot,
    shape: Sequence[int],
    confidence: Confidence,
    aspect: float,
    *,
    rotated: int = 0,
) -> list[Scene]:
    """Return an answer as one scene for each episode that has its content.

    Args:
        answer: verified frame.
        snapshot: snapshot that was searched.
        shape: height and width of the query, turned upright.
        confidence: calibration of the similarity.
        aspect: height of the content's stored frames, in their widths.
        rotated: degrees by which the query is turned clockwise.

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
            rotated=rotated,
        )
        for episode in snapshot.episodes_by_content[content]
    ]


def find_middle_sample(start: float, end: float, *, step: float) -> float:
    """Return the sampled second nearest to the middle of a run.

    Args:
        start: seconds of the run's first sample.
        end: seconds of its last sample.
        step: seconds between samples.
    """
    return min(end, start + round((end - start) / 2 / step) * step)


def expand_run(run: TimeRun, runs: Sequence[TimeRun]) -> TimeRun:
    """Extend a run by all runs reachable over gaps of at most `SCENE_GAP`.

    Args:
        run: seconds of the first and last frame.
        runs: runs to extend it by, in any order.

    Returns:
        Seconds of the first and last frame.
    """
    start, end = run
    for first, last in sorted(runs):
        if first <= end + SCENE_GAP and last >= start:
            end = max(end, last)
    for first, last in sorted(runs, reverse=True):
        if last >= start - SCENE_GAP and first <= end:
            start = min(start, first)
    return start, end


def _project_corners(
    answer: VerifiedFrame, aspect: float, reference_aspect: float
) -> tuple[Corner, Corner, Corner, Corner]:
    outline = np.array([[0, 0], [1, 0], [1, aspect], [0, aspect]])
    corners = transform_points(answer.hypothesis.transform, outline) / (1, reference_aspect)
    one, two, three, four = ((float(x), float(y)) for x, y in corners)
    return one, two, three, four
