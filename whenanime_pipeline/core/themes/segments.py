"""Types of the results: segments of episodes, the templates that they show, and seasons."""

from dataclasses import dataclass
from typing import Literal

SegmentType = Literal["opening", "ending", "recap", "preview", "eyecatch", "sponsor", "repeated"]
"""What a segment is; `repeated` is shared by episodes and none of the others."""
Confidence = Literal["certain", "likely", "possible"]
"""How sure a segment is: only certain ones may be skipped without being asked about."""
Witness = Literal["sound", "pictures", "partners", "chapter", "text", "tagger", "operator"]
"""What speaks for a segment; `partners` are three other episodes or more."""

SKIPPABLE: frozenset[SegmentType] = frozenset({"opening", "ending", "recap", "preview", "sponsor"})
"""Types that a media player may offer to skip."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a segment rests on.

    Attributes:
        witnesses: independent kinds of evidence, sorted.
        partners: other episodes that share the segment.
        sound: likeness of the sound to that of the partners, from 0 to 1; None where it is not
            shared.
        pictures: likeness of the pictures, likewise.
    """

    witnesses: tuple[Witness, ...]
    partners: int = 0
    sound: float | None = None
    pictures: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an episode that is no story of its own, or repeats.

    Attributes:
        type: what it is.
        start: second of its beginning on the player's clock.
        end: second of its end, after `start`.
        start_error: seconds by which the beginning may be off.
        end_error: seconds by which the end may be off.
        confidence: how sure it is.
        template: id of the template that it shows; None where none is known.
        is_first: whether it is the template's first appearance in the season.
        evidence: what it rests on.
        never_skip: whether the operator wants it played, whatever it is; only
            `labels.application` sets it.
    """

    type: SegmentType
    start: float
    end: float
    start_error: float
    end_error: float
    confidence: Confidence
    evidence: Evidence
    template: str | None = None
    is_first: bool = False
    never_skip: bool = False

    @property
    def is_skippable(self) -> bool:
        """Whether a media player may skip it without asking."""
        return self.confidence == "certain" and self.type in SKIPPABLE and not self.never_skip


@dataclass(frozen=True, slots=True)
class TemplateMember:
    """Where an episode shows a template.

    Attributes:
        fingerprint: of the episode's content.
        start: second of the episode at which the member's segment begins.
        end: second at which it ends.
    """

    fingerprint: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Template:
    """A theme as a season repeats it.

    Attributes:
        id: name of the template, given once and kept while the season grows.
        type: what it mostly is; a segment's own type goes by its place in its episode.
        seconds: length of the whole template.
        members: episodes that show it, in order of the season.
    """

    id: str
    type: SegmentType
    seconds: float
    members: tuple[TemplateMember, ...]


@dataclass(frozen=True, slots=True)
class SeasonThemes:
    """Themes of a season.

    Attributes:
        inputs: hash of everything that they were computed from; equal inputs give equal themes.
        templates: what the season repeats, in order of the first appearance.
        episodes: fingerprint of a content → its segments in order of time. Segments of different
            types may lie next to each other, and never overlap.
    """

    inputs: str
    templates: tuple[Template, ...]
    episodes: dict[str, tuple[Segment, ...]]
