"""Checks a snapshot's local features against its manifest, before publication."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.snapshot.manifest import LocalSegment, Manifest


def count_keyframes(folder: Path, manifest: Manifest) -> int:
    """Return the number of keyframes in a snapshot's inverted files.

    Raises:
        SnapshotError: a file is damaged.
    """
    segments = manifest.local.segments if manifest.local else ()
    return sum(len(Postings.open(folder / segment.path).frames) for segment in segments)


@dataclass(frozen=True, slots=True)
class LocalReport:
    """Result of checking a snapshot's local features.

    Attributes:
        contents: number of contents with local features.
        keyframes, features: totals of all files, with those of removed contents.
        wrong_files: paths of the segments that differ from the manifest.
    """

    contents: int
    keyframes: int
    features: int
    wrong_files: tuple[str, ...]

    @property
    def is_publishable(self) -> bool:
        """Whether the local features may be published."""
        return not self.wrong_files


def inspect_local(folder: Path, manifest: Manifest) -> LocalReport:
    """Check the inverted files for consistency and against the manifest.

    Args:
        folder: folder of the snapshot.
        manifest: its manifest.
    """
    frames = {content.ordinal: content.frames for content in manifest.contents}
    segments = manifest.local.segments if manifest.local else ()
    seen: set[int] = set()
    keys = features = 0
    wrong = []
    for segment in segments:
        try:
            postings = Postings.open(folder / segment.path)
        except SnapshotError:
            wrong.append(segment.path)
            continue
        keys += len(postings.frames)
        features += len(postings)
        if not _is_consistent(postings, segment, frames) or seen & segment.contents.keys():
            wrong.append(segment.path)
        seen |= segment.contents.keys()
    return LocalReport(len(seen & frames.keys()), keys, features, tuple(wrong))


def _is_consistent(postings: Postings, segment: LocalSegment, frames: dict[int, int]) -> bool:
    """Return whether a segment has the features of its contents, of existing frames only."""
    owners = postings.contents
    sizes = np.zeros(max([*segment.contents, -1]) + 1, np.int64)
    if owners.size and not 0 <= int(owners.min()) <= int(owners.max()) < len(sizes):
        return False
    np.add.at(sizes, owners, postings.counts)
    per_key = np.bincount(postings.keys, minlength=len(owners))
    return (
        bool((np.diff(postings.starts) >= 0).all())
        and np.array_equal(per_key, postings.counts)
        and {n: int(sizes[n]) for n in segment.contents} == segment.contents
        and int(sizes.sum()) == segment.feature_count
        and all(
            int(postings.frames[owners == content].max(initial=-1)) < frames[content]
            for content in segment.contents.keys() & frames.keys()
        )
    )
