"""From the tracks of episodes to the themes of their seasons."""

import dagster as dg

from whenanime_pipeline.core.themes.season_update import forget_gone_seasons
from whenanime_pipeline.defs.automation import inputs_changed
from whenanime_pipeline.defs.library import catalogue
from whenanime_pipeline.defs.resources import Library, Reporter
from whenanime_pipeline.defs.search import features
from whenanime_pipeline.defs.themes_checks import THEMES_CHECK_SPECS, check_themes
from whenanime_pipeline.defs.themes_metadata import themes_metadata

GROUP = "themes"


@dg.asset(
    deps=[features, catalogue],
    group_name=GROUP,
    check_specs=THEMES_CHECK_SPECS,
    automation_condition=inputs_changed,
    pool="index",
)
def themes(
    library: dg.ResourceParam[Library], reporter: dg.ResourceParam[Reporter]
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Find the openings, endings, recaps, previews and eyecatches of all seasons that changed.

    What a season's episodes repeat in sound and in pictures needs no label. A season whose
    episodes, model and method are those of last time is not looked at again.
    """
    workspace = library.open()
    pending = workspace.list_pending_seasons()
    updates = list(
        workspace.themes.update(
            pending,
            workspace.embedder,
            lambda season, done, whole: reporter.on_themes_progress(season.series, done, whole),
        )
    )
    gone = forget_gone_seasons(workspace.home, workspace.load_catalogue())
    return dg.MaterializeResult(
        metadata=themes_metadata(workspace, updates, gone),
        check_results=check_themes(workspace),
    )
