"""What has to be true of features and index, shown beside them in the UI."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from whenanime_pipeline.core.search.build import Built
from whenanime_pipeline.core.search.features import features_fit
from whenanime_pipeline.core.search.publish import RECALL_FLOOR, inspect_index
from whenanime_pipeline.core.workspace import Workspace

FEATURES_CHECKS = [
    dg.AssetCheckSpec(
        "finite_and_unit_length",
        asset="features",
        description="Every embedding is finite and of unit length.",
    )
]
INDEX_CHECKS = [
    dg.AssetCheckSpec(
        "size_equals_rows",
        asset="index",
        blocking=True,
        description="The index holds a vector for each frame, and none besides.",
    ),
    dg.AssetCheckSpec(
        "self_search_recall",
        asset="index",
        blocking=True,
        description="A sample of the stored vectors finds itself, or its equal, first.",
    ),
]


def features_checks(done: Mapping[str, tuple[Path, int]]) -> list[dg.AssetCheckResult]:
    """Look at the features of a run's episodes."""
    bad = [path for path, (stored, frames) in done.items() if not features_fit(stored, frames)]
    return [
        dg.AssetCheckResult(
            asset_key="features",
            check_name="finite_and_unit_length",
            passed=not bad,
            metadata={"episodes": len(done), "bad": dg.MetadataValue.json(bad)},
        )
    ]


def index_checks(workspace: Workspace, built: Built) -> list[dg.AssetCheckResult]:
    """Look at the index of a built snapshot; with none there is nothing that could be wrong."""
    if built.id is None:
        return [
            dg.AssetCheckResult(asset_key="index", check_name=spec.name, passed=True)
            for spec in INDEX_CHECKS
        ]
    report = inspect_index(workspace.home.snapshots / built.id)
    return [
        dg.AssetCheckResult(
            asset_key="index",
            check_name="size_equals_rows",
            passed=report.complete,
            metadata={
                "rows": report.rows,
                "missing": report.missing,
                "foreign": report.foreign,
            },
        ),
        dg.AssetCheckResult(
            asset_key="index",
            check_name="self_search_recall",
            passed=report.recall >= RECALL_FLOOR,
            metadata={"recall": report.recall, "sampled": report.sampled, "floor": RECALL_FLOOR},
        ),
    ]
