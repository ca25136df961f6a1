"""Asset checks of features, index and models, shown with them in the UI."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from whenanime_pipeline.core.search.embedding.stored_embeddings import has_valid_embeddings
from whenanime_pipeline.core.search.snapshot.build import BuildResult
from whenanime_pipeline.core.search.snapshot.local_check import count_keyframes
from whenanime_pipeline.core.search.snapshot.manifest import LOCAL, read_manifest
from whenanime_pipeline.core.search.snapshot.publish import MIN_RECALL
from whenanime_pipeline.core.workspace import Workspace

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.report.model_report import ModelReport

FEATURES_CHECK_SPECS = [
    dg.AssetCheckSpec(
        "finite_and_unit_length",
        asset="features",
        description="Every embedding is finite and of unit length.",
    )
]
INDEX_CHECK_SPECS = [
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
    dg.AssetCheckSpec(
        "local_features_whole",
        asset="index",
        blocking=True,
        description="Every key frame has its local features in the index, and no other has.",
    ),
]

# They block the adoption of a model, not its training, so they do not block what is downstream.
REPORT_CHECK_SPECS = [
    dg.AssetCheckSpec(
        "loss_finite",
        asset="model_report",
        description="The loss was a number in every epoch, and so are the model's embeddings.",
    ),
    dg.AssetCheckSpec(
        "better_than_in_use",
        asset="model_report",
        description="On episodes it has not seen it finds more than the model in use.",
    ),
    dg.AssetCheckSpec(
        "export_equal",
        asset="model_report",
        description="The exported model gives the embeddings of the trained one.",
    ),
]
_WARNING_CHECKS = {"better_than_in_use"}


def check_features(row_counts: Mapping[str, tuple[Path, int]]) -> list[dg.AssetCheckResult]:
    """Look at the features of a run's episodes."""
    bad = [
        path
        for path, (stored, frames) in row_counts.items()
        if not has_valid_embeddings(stored, frames)
    ]
    return [
        dg.AssetCheckResult(
            asset_key="features",
            check_name="finite_and_unit_length",
            passed=not bad,
            metadata={"episodes": len(row_counts), "bad": dg.MetadataValue.json(bad)},
        )
    ]


def check_index(workspace: Workspace, built: BuildResult) -> list[dg.AssetCheckResult]:
    """Look at the index of a built snapshot; with none there is nothing that could be wrong."""
    if built.id is None:
        return [
            dg.AssetCheckResult(asset_key="index", check_name=spec.name, passed=True)
            for spec in INDEX_CHECK_SPECS
        ]
    folder = workspace.home.snapshots / built.id
    found = workspace.inspect_snapshot(built.id)
    report, wrong = found.index, found.problems.get(LOCAL, ())
    return [
        dg.AssetCheckResult(
            asset_key="index",
            check_name="size_equals_rows",
            passed=report.is_complete,
            metadata={
                "rows": report.rows,
                "missing": report.missing,
                "foreign": report.foreign,
            },
        ),
        dg.AssetCheckResult(
            asset_key="index",
            check_name="self_search_recall",
            passed=report.recall >= MIN_RECALL,
            metadata={"recall": report.recall, "sampled": report.sampled, "floor": MIN_RECALL},
        ),
        dg.AssetCheckResult(
            asset_key="index",
            check_name="local_features_whole",
            passed=not wrong,
            metadata={
                **({} if wrong else _local_counts(folder)),
                "wrong": dg.MetadataValue.json(list(wrong)),
            },
        ),
    ]


def _local_counts(folder: Path) -> dict[str, int]:
    manifest = read_manifest(folder)
    segments = manifest.local.segments if manifest.local else ()
    held = {ordinal for segment in segments for ordinal in segment.contents}
    return {
        "videos": len(held & {content.ordinal for content in manifest.contents}),
        "key frames": count_keyframes(folder, manifest),
        "features": sum(segment.feature_count for segment in segments),
    }


def report_check_results(report: "ModelReport") -> list[dg.AssetCheckResult]:
    """Tell what a model's report was held to."""
    return [
        dg.AssetCheckResult(
            asset_key="model_report",
            check_name=check.name,
            passed=check.passed,
            severity=_severity(check.name),
            description=check.says,
            metadata={"model": report.model_id, "compared with": report.baseline_id},
        )
        for check in report.checks
    ]


def _severity(name: str) -> dg.AssetCheckSeverity:
    kinds = dg.AssetCheckSeverity
    return kinds.WARN if name in _WARNING_CHECKS else kinds.ERROR
