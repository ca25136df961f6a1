"""Asset checks of the themes, shown with them in the UI."""

import dagster as dg

from whenanime_pipeline.core.themes.errors import ThemesError
from whenanime_pipeline.core.themes.season_store import read_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes
from whenanime_pipeline.core.workspace import Workspace

_FILES, _WITNESSES = "files_whole", "certain_by_two_witnesses"
THEMES_CHECK_SPECS = [
    dg.AssetCheckSpec(
        _FILES,
        asset="themes",
        description="Every season's file can be read, and its segments are in order.",
    ),
    dg.AssetCheckSpec(
        _WITNESSES,
        asset="themes",
        description="What a player may skip unasked rests on two independent witnesses.",
    ),
]


def check_themes(workspace: Workspace) -> list[dg.AssetCheckResult]:
    """Look at the stored themes of all seasons."""
    damaged: dict[str, str] = {}
    weak: list[str] = []
    for path in workspace.home.list_season_themes_files():
        try:
            season = read_season_themes(path)
        except ThemesError as error:
            damaged[path.name] = str(error)
            continue
        if season is not None and _has_weak_certainty(season):
            weak.append(path.name)
    return [
        dg.AssetCheckResult(
            asset_key="themes",
            check_name=_FILES,
            passed=not damaged,
            metadata={"damaged": dg.MetadataValue.json(damaged)},
        ),
        dg.AssetCheckResult(
            asset_key="themes",
            check_name=_WITNESSES,
            passed=not weak,
            metadata={"seasons": dg.MetadataValue.json(weak)},
        ),
    ]


def _has_weak_certainty(season: SeasonThemes) -> bool:
    return any(
        segment.confidence == "certain" and len(segment.evidence.witnesses) < 2
        for segments in season.episodes.values()
        for segment in segments
    )
