"""Themes of seasons, written by hand for tests."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sample_videos import reopen

from whenanime_pipeline.core.themes.season_groups import group_seasons
from whenanime_pipeline.core.themes.season_store import read_season_themes, write_season_themes
from whenanime_pipeline.core.themes.segments import (
    Confidence,
    Evidence,
    SeasonThemes,
    Segment,
    SegmentType,
    Template,
    TemplateMember,
)
from whenanime_pipeline.core.workspace import Workspace

FOUND = Evidence(("pictures", "sound"), partners=3, sound=0.97, pictures=0.95)


def make_segment(
    kind: SegmentType,
    start: float,
    end: float,
    *,
    confidence: Confidence = "certain",
    template: str | None = None,
    is_first: bool = False,
) -> Segment:
    """Return a segment that sound and pictures speak for."""
    return Segment(
        type=kind,
        start=start,
        end=end,
        start_error=0.1,
        end_error=0.2,
        confidence=confidence,
        evidence=FOUND,
        template=template,
        is_first=is_first,
    )


def make_season(
    episodes: Mapping[str, tuple[Segment, ...]], *, inputs: str = "made-by-hand"
) -> SeasonThemes:
    """Return a season with the templates that its segments name."""
    members: dict[str, list[TemplateMember]] = {}
    types: dict[str, SegmentType] = {}
    for fingerprint, segments in episodes.items():
        for one in segments:
            if one.template is not None:
                types.setdefault(one.template, one.type)
                member = TemplateMember(fingerprint, one.start, one.end)
                members.setdefault(one.template, []).append(member)
    templates = tuple(
        Template(name, types[name], shown[0].end - shown[0].start, tuple(shown))
        for name, shown in members.items()
    )
    return SeasonThemes(inputs, templates, dict(episodes))


def store_season(workspace: Workspace, themes: SeasonThemes) -> Path:
    """Store themes as those that were found of the library's only season, and return their file."""
    (season,) = group_seasons(workspace.load_catalogue())
    path = workspace.home.season_themes_file(season.id)
    found = read_season_themes(path)
    if found is None:
        (pending,) = reopen(workspace).list_pending_seasons()
        inputs = pending.inputs
    else:
        inputs = found.inputs
    write_season_themes(path, replace(themes, inputs=inputs))
    return path
