"""Materialises learning assets like the UI, and reads their recorded events."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.resources import (
    LibraryResource,
    LogReporter,
    LogTrainingReporter,
)
from whenanime_pipeline.orchestration.dagster_instance import open_instance


def read_materializations(workspace: Workspace, asset: str) -> Sequence[dg.AssetMaterialization]:
    """Return the materialisations of an asset, latest first."""
    with open_instance(workspace.home) as instance:
        records = instance.fetch_materializations(dg.AssetKey(asset), limit=1000).records
        return [event for event in (r.asset_materialization for r in records) if event]


def materialize(
    workspace: Workspace,
    assets: Sequence[dg.AssetsDefinition],
    config: Mapping[str, dg.Config],
    **more: Any,
) -> dg.ExecuteInProcessResult:
    """Materialise assets like the UI."""
    library = LibraryResource(
        home_folder=str(workspace.home.root), videos_folder=str(workspace.videos_folder)
    )
    with open_instance(workspace.home) as instance:
        return dg.materialize(
            assets,
            instance=instance,
            resources={
                "library": library,
                "reporter": LogReporter(),
                "training_reporter": LogTrainingReporter(),
            },
            run_config=dg.RunConfig(ops=dict(config)),
            raise_on_error=False,
            **more,
        )


def failure_description(result: dg.ExecuteInProcessResult) -> str:
    """Return the description of the failure in the only failed step of a run."""
    (step,) = (event.step_failure_data for event in result.all_node_events if event.is_step_failure)
    assert step.user_failure_data
    return str(step.user_failure_data.description)
