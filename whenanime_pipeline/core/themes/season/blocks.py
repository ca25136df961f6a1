"""Joins what two episodes share in sound and in pictures to blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.themes.match.pairs import SharedRun

_SAME_OFFSET = 0.4
"""Seconds within which the offsets of sound and pictures are one."""
_BRIDGED = 1.2
"""Seconds between two runs of one block."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part that two episodes share at one offset.

    Attributes:
        first: ordinal of an episode in the season.
        second: ordinal of its partner.
        start: second of the first episode.
        end: second at which it ends.
        offset: seconds to add to find the part in the second episode.
        sound: seconds of it that sound alike.
        pictures: seconds of it that look alike.
    """

    first: int
    second: int
    start: float
    end: float
    offset: float
    sound: float
    pictures: float

    @property
    def weight(self) -> float:
        """How much it says: seconds of both modalities."""
        return self.sound + self.pictures


def join_runs(first: int, second: int, runs: Sequence[SharedRun]) -> list[Block]:
    """Join the runs that two episodes share to blocks, in order of time.

    Args:
        first: ordinal of an episode in the season.
        second: ordinal of its partner.
        runs: from `match_episodes`.
    """
    groups: list[list[SharedRun]] = []
    for run in sorted(runs, key=lambda one: one.start):
        for group in groups:
            if any(_belong_together(run, other) for other in group):
                group.append(run)
                break
        else:
            groups.append([run])
    return [_make_block(first, second, group) for group in groups]


def _belong_together(run: SharedRun, other: SharedRun) -> bool:
    gap = max(run.start, other.start) - min(run.end, other.end)
    return gap <= _BRIDGED and abs(run.offset - other.offset) <= _SAME_OFFSET


def _make_block(first: int, second: int, group: Sequence[SharedRun]) -> Block:
    seconds = {"sound": 0.0, "pictures": 0.0}
    for run in group:
        seconds[run.modality] += run.end - run.start
    # Sound tells an offset more exactly: pictures stand still.
    best = max(group, key=lambda run: (run.modality == "sound", run.end - run.start))
    return Block(
        first,
        second,
        min(run.start for run in group),
        max(run.end for run in group),
        best.offset,
        seconds["sound"],
        seconds["pictures"],
    )
