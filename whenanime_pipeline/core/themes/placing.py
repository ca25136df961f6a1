"""Places the shared parts of a season in its episodes, with exact bounds and types."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from whenanime_pipeline.core.themes.bounds import Bound, find_bound
from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.match.features import EpisodeFeatures
from whenanime_pipeline.core.themes.part_types import list_part_types
from whenanime_pipeline.core.themes.season.cards import find_card_bounds
from whenanime_pipeline.core.themes.season.parts import PartSpan, SharedPart
from whenanime_pipeline.core.themes.segments import SegmentType
from whenanime_pipeline.core.themes.types import (
    find_place_type,
    find_type_when_repeated,
)

_NEXT_TO = 8.0
"""Seconds from a theme, or from the episode's edge, to a sponsor card."""
_AT_END = 0.4
"""Seconds before the end of the file from which a segment lasts to its end."""
_MANY = 3
"""Other episodes that share a card which is an eyecatch."""
_TOUCHING = 0.3
"""Seconds between two halves of a theme."""
_PARTIAL_DOUBT = 0.3
"""Seconds that a bound within a part, as where a file begins in it, is moved inside."""
_THEMES = frozenset({"opening", "ending"})
_JOINED = _THEMES | {"sponsor"}
"""Types whose parts are one where they touch; a card that stands still resembles itself."""


def place_parts(
    parts: Sequence[SharedPart],
    durations: Sequence[float],
    features: Sequence[EpisodeFeatures],
) -> dict[int, list[Found]]:
    """Return the segments of each episode that show shared parts, in order of time.

    Args:
        parts: of the season.
        durations: of its episodes, in the season's time.
        features: of its episodes.
    """
    placed: dict[int, list[Found]] = defaultdict(list)
    types = list_part_types(parts, durations)
    for number, (part, template_type) in enumerate(zip(parts, types, strict=True)):
        if template_type is None:
            continue
        start = find_bound(part, "start", features, _list_touching(parts, number, before=True))
        end = find_bound(part, "end", features, _list_touching(parts, number, before=False))
        is_fixed = find_type_when_repeated(part, durations) is not None
        for span in part.spans:
            duration = durations[span.episode]
            kind = template_type
            if kind in _THEMES and not is_fixed:
                kind = find_place_type(span, duration)
                if kind == "repeated" or _has_another(parts, types, number, kind, span.episode):
                    kind = template_type
            found = _place_span(number, part, span, kind, (start, end), duration)
            if kind == "sponsor":
                # A card agrees with itself at any offset: its cuts say where it stands.
                whole = find_card_bounds(features[span.episode], found.start, found.end)
                found = replace(found, start=whole[0], end=whole[1])
            if found.seconds > 1:
                placed[span.episode].append(found)
    for episode, segments in placed.items():
        segments.sort(key=lambda one: one.start)
        placed[episode] = _join_halves(_separate(_place_cards(segments, durations[episode])))
    return placed


def _has_another(
    parts: Sequence[SharedPart],
    types: Sequence[SegmentType | None],
    number: int,
    kind: SegmentType,
    episode: int,
) -> bool:
    """Tell whether an episode shows another template of a type.

    An opening after a long scene stands where endings do, but the ending is still to come.
    """
    return any(
        types[place] == kind and any(span.episode == episode for span in part.spans)
        for place, part in enumerate(parts)
        if place != number
    )


def _list_touching(parts: Sequence[SharedPart], number: int, *, before: bool) -> set[int]:
    """Return the episodes in which another part ends where one begins, or begins where it ends."""
    return {
        span.episode
        for span in parts[number].spans
        for place, other in enumerate(parts)
        if place != number
        for neighbour in other.spans
        if neighbour.episode == span.episode
        and (
            abs(neighbour.end - span.start) <= _TOUCHING
            if before
            else abs(neighbour.start - span.end) <= _TOUCHING
        )
    }


def _place_span(
    number: int,
    part: SharedPart,
    span: PartSpan,
    kind: SegmentType,
    bounds: tuple[Bound, Bound],
    duration: float,
) -> Found:
    """Return the segment of a span, with the bounds of the part where it reaches them."""
    first, last = bounds
    reaches_start = abs(span.start - span.shift - part.start) < 1.6
    reaches_end = abs(span.end - span.shift - part.end) < 1.6
    start = first.second + span.shift if reaches_start else span.start + _PARTIAL_DOUBT
    end = last.second + span.shift if reaches_end else span.end - _PARTIAL_DOUBT
    start_error = first.error if reaches_start else 0.6
    end_error = last.error if reaches_end else 0.6
    if start < _AT_END:
        start, start_error = 0.0, 0.0
    if end > duration - _AT_END:
        end, end_error = duration, 0.0
    return Found(
        kind,
        max(0.0, start),
        min(end, duration),
        start_error,
        end_error,
        number,
        span.partners,
        span.sound,
        span.pictures,
    )


def _place_cards(segments: list[Found], duration: float) -> list[Found]:
    """Return the segments with sponsor cards only next to themes, or at the end of the file.

    Another card that many share is an eyecatch, and is not skipped.
    """
    anchors = [duration]
    for one in segments:
        if one.type in _THEMES:
            anchors += [one.start, one.end]
    placed: list[Found] = []
    for one in segments:
        is_near = any(min(abs(one.start - at), abs(one.end - at)) <= _NEXT_TO for at in anchors)
        if one.type != "sponsor" or is_near:
            placed.append(one)
        elif one.partners >= _MANY:
            placed.append(replace(one, type="eyecatch"))
    return placed


def _join_halves(segments: Sequence[Found]) -> list[Found]:
    """Join the parts of a theme or card that follow each other.

    They were divided where other episodes show a scene between them, or show a part alone.
    """
    joined: list[Found] = []
    for one in segments:
        before = joined[-1] if joined else None
        is_next = before is not None and 0 <= one.start - before.end <= _TOUCHING
        if before and is_next and one.type == before.type and one.type in _JOINED:
            longer = max(before, one, key=lambda half: half.seconds)
            joined[-1] = replace(
                longer,
                start=before.start,
                end=one.end,
                start_error=before.start_error,
                end_error=one.end_error,
            )
        else:
            joined.append(one)
    return joined


def _separate(segments: Sequence[Found]) -> list[Found]:
    """Return segments that do not overlap: the longer keeps what two claim."""
    kept: list[Found] = []
    for one in segments:
        if kept and one.start < kept[-1].end:
            before = kept[-1]
            if before.seconds >= one.seconds:
                one = replace(one, start=before.end)
            else:
                kept[-1] = replace(before, end=one.start)
        if one.seconds > 1:
            kept.append(one)
    return kept
