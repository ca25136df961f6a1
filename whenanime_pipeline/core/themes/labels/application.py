"""Applies the operator's word to the themes that were found; it always wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from whenanime_pipeline.core.themes.labels.theme_labels import (
    EpisodeLabel,
    SegmentLabel,
    TemplateLabel,
    ThemeLabels,
    is_mostly,
)
from whenanime_pipeline.core.themes.segments import (
    Evidence,
    SeasonThemes,
    Segment,
    Template,
    TemplateMember,
)

_NO_WORD = EpisodeLabel()


def apply_labels(season: SeasonThemes, labels: ThemeLabels) -> SeasonThemes:
    """Return a season's themes as the operator's word has them.

    A confirmed or retyped template makes its segments certain; one that is never skipped marks
    them. A segment that the operator set takes the place of what it mostly overlaps, with its
    template, and cuts short what it touches. What is wrong is left out, and the first appearance
    of its template is then the next one.

    Args:
        season: themes as they were found.
        labels: the operator's word; what belongs to other seasons is ignored.
    """
    episodes = {
        fingerprint: apply_to_episode(
            segments, labels.episodes.get(fingerprint, _NO_WORD), labels.templates
        )
        for fingerprint, segments in season.episodes.items()
    }
    if episodes == season.episodes:
        return season
    templates = tuple(
        _update_template(one, episodes, labels.templates.get(one.id)) for one in season.templates
    )
    firsts = {one.id: one.members[0].fingerprint for one in templates if one.members}
    return SeasonThemes(
        inputs=season.inputs,
        templates=templates,
        episodes={
            fingerprint: _mark_first(segments, fingerprint, firsts)
            for fingerprint, segments in episodes.items()
        },
    )


def apply_to_episode(
    segments: Iterable[Segment],
    label: EpisodeLabel,
    templates: Mapping[str, TemplateLabel] | None = None,
) -> tuple[Segment, ...]:
    """Return an episode's segments as the operator's word has them, in order of time.

    Args:
        segments: segments as they were found.
        label: the word on the episode.
        templates: the word on templates, by id.
    """
    known = templates or {}
    found = [_apply_template(one, known.get(one.template or "")) for one in segments]
    for span in label.removed:
        found = [
            one for one in found if not is_mostly((one.start, one.end), (span.start, span.end))
        ]
    for set_by_operator in label.segments:
        found = _put_segment(found, set_by_operator)
    return tuple(sorted(found, key=lambda one: one.start))


def _apply_template(segment: Segment, label: TemplateLabel | None) -> Segment:
    if label is None:
        return segment
    never_skip = segment.never_skip or label.never_skip
    if not label.confirmed and label.type is None:
        return replace(segment, never_skip=never_skip)
    return replace(
        segment,
        type=label.type or segment.type,
        confidence="certain",
        evidence=_add_operator(segment.evidence),
        never_skip=never_skip,
    )


def _put_segment(segments: Sequence[Segment], label: SegmentLabel) -> list[Segment]:
    """Return segments with one more, which takes the place of what it mostly overlaps."""
    own = label.start, label.end
    replaced = [one for one in segments if is_mostly((one.start, one.end), own)]
    kept = [_cut(one, label) for one in segments if one not in replaced]
    model = max(replaced, key=lambda one: _measure_overlap(one, label), default=None)
    return [
        *(one for one in kept if one.end > one.start),
        Segment(
            type=label.type,
            start=label.start,
            end=label.end,
            start_error=0.0,
            end_error=0.0,
            confidence="certain",
            evidence=_add_operator(model.evidence if model else Evidence(())),
            template=model.template if model else None,
            is_first=model.is_first if model else False,
            never_skip=label.never_skip or (model.never_skip if model else False),
        ),
    ]


def _cut(segment: Segment, label: SegmentLabel) -> Segment:
    """Return a segment without what it shares with the operator's, which lies at one end of it."""
    if _measure_overlap(segment, label) <= 0:
        return segment
    if segment.start < label.start:
        return replace(segment, end=label.start, end_error=0.0)
    return replace(segment, start=label.end, start_error=0.0)


def _measure_overlap(segment: Segment, label: SegmentLabel) -> float:
    return min(segment.end, label.end) - max(segment.start, label.start)


def _add_operator(evidence: Evidence) -> Evidence:
    return replace(evidence, witnesses=tuple(sorted({*evidence.witnesses, "operator"})))


def _update_template(
    template: Template, episodes: Mapping[str, Sequence[Segment]], label: TemplateLabel | None
) -> Template:
    """Return a template with the members that are left, in the order of the season."""
    order = dict.fromkeys(member.fingerprint for member in template.members)
    members = tuple(
        TemplateMember(fingerprint, one.start, one.end)
        for fingerprint in order
        for one in episodes.get(fingerprint, ())
        if one.template == template.id
    )
    kind = label.type if label is not None and label.type is not None else template.type
    return replace(template, type=kind, members=members)


def _mark_first(
    segments: Sequence[Segment], fingerprint: str, firsts: Mapping[str, str]
) -> tuple[Segment, ...]:
    """Mark the first segment of each template that appears first in this episode."""
    marked = []
    seen: set[str] = set()
    for one in segments:
        name = one.template
        first = name is not None and name not in seen and firsts.get(name) == fingerprint
        if name is not None:
            seen.add(name)
        marked.append(replace(one, is_first=first))
    return tuple(marked)
