"""Gathers the segments of a season to templates, whose ids stay while the season grows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.themes.segments import (
    SeasonThemes,
    Segment,
    SegmentType,
    Template,
    TemplateMember,
)

_ID_LENGTH = 10
"""Characters of a template's id."""


def collect_templates(
    inputs: str,
    episodes: Mapping[str, Sequence[tuple[int | None, Segment]]],
    known: SeasonThemes | None,
) -> SeasonThemes:
    """Return the themes of a season, with templates and first appearances.

    Args:
        inputs: hash of what they were computed from.
        episodes: fingerprint → segments in order of time, each with the number of the shared part
            that it shows; in order of the season.
        known: themes of the season before; a template with a common member keeps its id.
    """
    members: dict[int, list[TemplateMember]] = defaultdict(list)
    types: dict[int, list[SegmentType]] = defaultdict(list)
    for fingerprint, segments in episodes.items():
        for part, segment in segments:
            if part is not None:
                members[part].append(TemplateMember(fingerprint, segment.start, segment.end))
                types[part].append(segment.type)
    taken: set[str] = set()
    ids: dict[int, str] = {}
    for part in sorted(members, key=lambda one: -len(members[one])):
        ids[part] = _choose_id(members[part], known, taken)
        taken.add(ids[part])
    templates = [
        Template(
            ids[part],
            max(sorted(set(types[part])), key=types[part].count),
            round(median(one.end - one.start for one in members[part]), 3),
            tuple(members[part]),
        )
        for part in members
    ]
    return SeasonThemes(
        inputs,
        tuple(templates),
        {
            fingerprint: tuple(
                _name_template(fingerprint, part, segment, ids, members)
                for part, segment in segments
            )
            for fingerprint, segments in episodes.items()
        },
    )


def _name_template(
    fingerprint: str,
    part: int | None,
    segment: Segment,
    ids: Mapping[int, str],
    members: Mapping[int, Sequence[TemplateMember]],
) -> Segment:
    if part is None:
        return segment
    first = members[part][0]
    is_first = (first.fingerprint, first.start) == (fingerprint, segment.start)
    return replace(segment, template=ids[part], is_first=is_first)


def _choose_id(
    members: Sequence[TemplateMember], known: SeasonThemes | None, taken: set[str]
) -> str:
    """Return the id of the known template with the most members in common, or a new one."""
    best, most = None, 0
    for template in known.templates if known else ():
        common = sum(_is_same(one, other) for one in members for other in template.members)
        if common > most and template.id not in taken:
            best, most = template.id, common
    if best is not None:
        return best
    first = members[0]
    return hash_json([first.fingerprint, round(first.start), round(first.end)])[:_ID_LENGTH]


def _is_same(one: TemplateMember, other: TemplateMember) -> bool:
    overlap = min(one.end, other.end) - max(one.start, other.start)
    return one.fingerprint == other.fingerprint and overlap > 0.5 * (one.end - one.start)
