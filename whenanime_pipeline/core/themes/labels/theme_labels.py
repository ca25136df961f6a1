"""Types of the operator's word on themes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from whenanime_pipeline.core.themes.segments import SegmentType


@dataclass(frozen=True, slots=True)
class TemplateLabel:
    """The operator's word on a template, for all episodes that show it.

    Attributes:
        type: what it is; None to leave that to the detector.
        confirmed: whether it is what it seems to be, so that its segments are certain.
        never_skip: whether it is to be played.
    """

    type: SegmentType | None = None
    confirmed: bool = False
    never_skip: bool = False


@dataclass(frozen=True, slots=True)
class SegmentLabel:
    """A segment that the operator set.

    Attributes:
        type: what it is.
        start: second of its beginning on the player's clock.
        end: second of its end, after `start`.
        never_skip: whether it is to be played.
    """

    type: SegmentType
    start: float
    end: float
    never_skip: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds, in which the operator says that there is no theme."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class EpisodeLabel:
    """The operator's word on one episode.

    Attributes:
        segments: segments that were set, in order of time, without overlaps.
        removed: where found segments are wrong.
    """

    segments: tuple[SegmentLabel, ...] = ()
    removed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemeLabels:
    """The operator's word on themes.

    Attributes:
        templates: id of a template → the word on it.
        episodes: fingerprint of a content → the word on it.
    """

    templates: Mapping[str, TemplateLabel] = field(default_factory=dict)
    episodes: Mapping[str, EpisodeLabel] = field(default_factory=dict)


NO_LABELS = ThemeLabels()


def is_mostly(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Return whether two stretches share half of the shorter one: they mean the same segment."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return shared > 0 and shared >= 0.5 * min(first[1] - first[0], second[1] - second[0])
