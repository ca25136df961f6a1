"""From single hits to scenes: which stretch of which episode, and which second of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

SCENE_GAP = 5.0
"""Seconds between hits of one file that still belong to one scene, as trace.moe has it."""

NEAR = 0.05
"""Cosine below the best hit's up to which a hit still widens a scene: what resembles the query
less is in the same place, but is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored frame that resembles the query.

    Attributes:
        content: the content's ordinal.
        frame: the frame's ordinal.
        start, end: seconds of one of its time runs.
        step: seconds between samples.
        score: how much it resembles the query; larger is better.
        cosine: of the two embeddings.
        similarity: 0–1, for people.
    """

    content: int
    frame: int
    start: float
    end: float
    step: float
    score: float
    cosine: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hits of one content that lie close together in time.

    Attributes:
        content: the content's ordinal.
        start, end: seconds; the merged hits, less those that resemble the query much less.
        at: the second that resembles the query most.
        best: the best hit.
    """

    content: int
    start: float
    end: float
    at: float
    best: Hit


def stretches(hits: Iterable[Hit]) -> list[Stretch]:
    """Merge hits of one content that lie less than `SCENE_GAP` apart.

    Args:
        hits: in any order.

    Returns:
        The stretches, best first.
    """
    found: list[Stretch] = []
    ordered = sorted(hits, key=lambda hit: (hit.content, hit.start, hit.end))
    for content, group in groupby(ordered, key=lambda hit: hit.content):
        scene: list[Hit] = []
        end = float("-inf")
        for hit in group:
            if scene and hit.start - end >= SCENE_GAP:
                found.append(_stretch(content, scene))
                scene, end = [], float("-inf")
            scene.append(hit)
            end = max(end, hit.end)
        found.append(_stretch(content, scene))
    return sorted(found, key=lambda stretch: -stretch.best.score)


def moment(start: float, end: float, evidence: float | None, *, step: float) -> float:
    """Return the sampled second of a run that is nearest to the best evidence, else its middle.

    Args:
        start: seconds of the run's first sample.
        end: seconds of its last sample.
        evidence: the second something else speaks for.
        step: seconds between samples.
    """
    wished = (start + end) / 2 if evidence is None else min(max(evidence, start), end)
    return min(end, start + round((wished - start) / step) * step)


def _stretch(content: int, scene: Sequence[Hit]) -> Stretch:
    best = max(scene, key=lambda hit: (hit.score, hit.end - hit.start, -hit.start))
    rest = [hit for hit in scene if hit.frame != best.frame]
    # Neighbours in time that also resemble the query tell at which end of a held picture it lies.
    witness = max(rest, key=lambda hit: hit.score, default=None)
    evidence = (witness.start + witness.end) / 2 if witness else None
    near = [hit for hit in scene if hit.cosine >= best.cosine - NEAR]
    return Stretch(
        content=content,
        start=min(hit.start for hit in near),
        end=max(hit.end for hit in near),
        at=moment(best.start, best.end, evidence, step=best.step),
        best=best,
    )
