"""Types the shared parts of a season, each with regard to its neighbours."""

from collections.abc import Sequence

from whenanime_pipeline.core.themes.season.parts import SharedPart
from whenanime_pipeline.core.themes.segments import SegmentType
from whenanime_pipeline.core.themes.types import find_shortest_theme, find_template_type

_TOUCHING = 0.3
"""Seconds between two halves of a theme."""
_VERSE = (8.0, 60.0)
"""Seconds of what a theme grows by."""
_ALWAYS = 0.8
"""Share of the episodes with a part in which it follows the theme at once."""
_THEMES = frozenset({"opening", "ending"})


def list_part_types(
    parts: Sequence[SharedPart], durations: Sequence[float]
) -> list[SegmentType | None]:
    """Return the type of each part; None for what is shared by chance.

    Args:
        parts: of the season.
        durations: of its episodes, in the season's time.
    """
    halves = _find_halves(parts, durations)
    types = [
        find_template_type(part, durations, is_half=number in halves)
        for number, part in enumerate(parts)
    ]
    return _continue_themes(parts, types)


def _continue_themes(
    parts: Sequence[SharedPart], types: Sequence[SegmentType | None]
) -> list[SegmentType | None]:
    """Return the types with what always follows a theme, and moves, as a part of that theme.

    Some openings grow by a verse while the season goes on.
    """
    continued = list(types)
    for number, part in enumerate(parts):
        is_other = types[number] in ("eyecatch", "repeated")
        if part.is_static or not is_other or not _VERSE[0] <= part.seconds <= _VERSE[1]:
            continue
        for place, before in enumerate(parts):
            if types[place] in _THEMES and _always_follows(before, part):
                continued[number] = types[place]
    return continued


def _always_follows(before: SharedPart, after: SharedPart) -> bool:
    following = [
        span
        for span in after.spans
        if any(
            other.episode == span.episode and abs(span.start - other.end) <= _TOUCHING
            for other in before.spans
        )
    ]
    return len(following) >= _ALWAYS * len(after.spans)


def _find_halves(parts: Sequence[SharedPart], durations: Sequence[float]) -> set[int]:
    """Return the parts too short for a theme that follow each other, and together are not.

    Some episodes show a scene between the halves of their ending; the others show it whole.
    """
    shortest = find_shortest_theme(durations) if parts else 0.0
    short = [
        number
        for number, part in enumerate(parts)
        if part.seconds < shortest and not part.is_static
    ]
    halves: set[int] = set()
    for one in short:
        for other in short:
            together = parts[one].seconds + parts[other].seconds
            if one != other and together >= shortest and _follows(parts[one], parts[other]):
                halves |= {one, other}
    return halves


def _follows(before: SharedPart, after: SharedPart) -> bool:
    """Tell whether a part follows another one in half of the episodes, or more."""
    following = [
        span
        for span in before.spans
        if any(
            other.episode == span.episode and abs(other.start - span.end) <= _TOUCHING
            for other in after.spans
        )
    ]
    return len(following) * 2 >= max(len(before.spans), len(after.spans))
