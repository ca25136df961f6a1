"""A found segment before it is decided how sure it is, in the season's time."""

from dataclasses import dataclass

from whenanime_pipeline.core.themes.segments import SegmentType


@dataclass(frozen=True, slots=True)
class Found:
    """A segment of an episode.

    Attributes:
        type: what it is.
        start: second in the season's time.
        end: second at which it ends.
        start_error: seconds by which the beginning may be off.
        end_error: seconds by which the end may be off.
        part: ordinal of the shared part that it shows; None for recaps and previews.
        partners: other episodes that share it.
        sound: likeness of its sound to theirs; None where it is not shared.
        pictures: likeness of its pictures, likewise.
    """

    type: SegmentType
    start: float
    end: float
    start_error: float
    end_error: float
    part: int | None
    partners: int
    sound: float | None
    pictures: float | None

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start
