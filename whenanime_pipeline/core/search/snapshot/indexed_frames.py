"""Which frames of a content are in the index: all but those of the themes that are left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.hnsw import Labels
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.snapshot.manifest import Content, LeftOut, Manifest
from whenanime_pipeline.core.search.snapshot.plan import SnapshotPlan

Spans = tuple[tuple[float, float], ...]
"""Stretches of a video: seconds of start and end."""
TimeRuns = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Of each run a frame's ordinal, and the seconds of its first and last sample, sorted by frame."""


def list_labels(content: Content) -> Labels:
    """Return the labels of a content's frames that are in the index, `(content.indexed,)`."""
    return labels_of(content.ordinal, content.frames)[mask_indexed(content)]


def mask_indexed(content: Content) -> NDArray[np.bool_]:
    """Return which of a content's frames are in the index, `(frames,)`."""
    mask = np.ones(content.frames, np.bool_)
    for first, last in content.left_out.ranges if content.left_out else ():
        mask[first:last] = False
    return mask


def find_frames_within(runs: TimeRuns, count: int, spans: Spans) -> NDArray[np.bool_]:
    """Return which frames are shown within some stretches alone.

    Args:
        runs: time runs of a content's frames.
        count: number of its frames.
        spans: the stretches.

    Returns:
        `(count,)`; a frame that is on screen elsewhere as well is not within.
    """
    frames, starts, ends = runs
    inside = np.zeros(len(frames), np.bool_)
    for start, end in spans:
        inside |= (starts >= start) & (ends <= end)
    within = np.zeros(count, np.bool_)
    within[frames] = True
    within[frames[~inside]] = False
    return within


def leave_out(
    plan: SnapshotPlan,
    spans: Mapping[str, Spans],
    parent: Manifest | None,
    read_runs: Callable[[Content], TimeRuns],
    can_put_back: Callable[[Content], bool],
) -> SnapshotPlan:
    """Return a plan whose contents say which frames the index leaves out.

    Frames are read only of contents whose stretches have changed since the published snapshot.

    Args:
        plan: plan in which nothing is left out.
        spans: fingerprint → stretches to leave out.
        parent: manifest of the published snapshot; None without one.
        read_runs: reads the time runs of a content's frames.
        can_put_back: returns whether a content's embeddings are stored, so that frames which the
            index lacks can be added.
    """
    before = {content.ordinal: content for content in (parent.contents if parent else ())}
    contents: dict[int, Content] = {}
    for content in plan.contents:
        old = before.get(content.ordinal)
        plain = content.model_copy(update={"left_out": None})
        wanted = spans.get(content.fingerprint, ())
        left_out = old.left_out if old else None
        if wanted != (left_out.spans if left_out else ()) and (old is None or can_put_back(plain)):
            left_out = _find_left_out(plain, wanted, read_runs)
        contents[content.ordinal] = plain.model_copy(update={"left_out": left_out})
    return replace(
        plan,
        contents=tuple(contents.values()),
        added=tuple(contents[content.ordinal] for content in plan.added),
        changed=tuple(
            (before[ordinal], content)
            for ordinal, content in contents.items()
            if ordinal in before and before[ordinal].left_out != content.left_out
        ),
    )


def _find_left_out(
    content: Content, spans: Spans, read_runs: Callable[[Content], TimeRuns]
) -> LeftOut | None:
    if not spans:
        return None
    within = find_frames_within(read_runs(content), content.frames, spans)
    return LeftOut(spans=spans, ranges=_list_ranges(within))


def _list_ranges(mask: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Return first index and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    pairs: Sequence[list[int]] = edges.reshape(-1, 2).tolist()
    return tuple((first, last) for first, last in pairs)
