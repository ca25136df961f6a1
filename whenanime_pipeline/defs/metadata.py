"""What a person wants to see beside an asset, as Dagster's metadata."""

from base64 import b64encode
from collections.abc import Mapping

import dagster as dg

from whenanime_pipeline.core.search.build import Built
from whenanime_pipeline.core.search.contact_sheet import contact_sheet
from whenanime_pipeline.core.search.frames import FramesFile
from whenanime_pipeline.core.search.manifest import read_manifest
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.search.work import FeaturesDone, FramesDone
from whenanime_pipeline.core.workspace import Workspace

Metadata = dict[str, dg.MetadataValue]


def frames_metadata(status: EpisodeStatus, done: FramesDone) -> Metadata:
    """Describe an episode's stored frames: counts, seconds, speed, and a look at them."""
    report = done.report
    with FramesFile(status.frames_file) as frames:
        sheet = b64encode(contact_sheet(frames)).decode()
    kept = report.frames / report.samples if report.samples else 0.0
    metadata: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "looked at": dg.MetadataValue.int(report.samples),
        "distinct frames": dg.MetadataValue.int(report.frames),
        "share kept": _number(kept, 3),
        "seconds of video": _number(report.duration, 1),
        "seconds missing": _number(report.missing, 1),
        "megabytes": _number(done.bytes / 1e6, 2),
        "frames": dg.MetadataValue.md(f"![frames](data:image/jpeg;base64,{sheet})"),
    }
    if report.warnings:
        metadata["warnings"] = dg.MetadataValue.md("\n".join(f"- {w}" for w in report.warnings))
    return metadata | _speed(done.seconds, report.samples)


def features_metadata(status: EpisodeStatus, done: FeaturesDone) -> Metadata:
    """Describe an episode's stored features."""
    return {
        "file": dg.MetadataValue.text(status.episode.path),
        "frames": dg.MetadataValue.int(done.rows),
        "megabytes": _number(done.bytes / 1e6, 2),
    } | _speed(done.seconds, done.rows)


def snapshot_metadata(workspace: Workspace, built: Built) -> Metadata:
    """Describe a built snapshot."""
    metadata: Metadata = {
        "snapshot": dg.MetadataValue.text(built.id or "none yet"),
        "videos added": dg.MetadataValue.int(built.added),
        "videos removed": dg.MetadataValue.int(built.removed),
        "model": dg.MetadataValue.text(workspace.model.model_id),
    }
    if built.waiting:
        metadata["waiting for"] = dg.MetadataValue.int(built.waiting)
    if built.id is None:
        return metadata
    manifest = read_manifest(workspace.home.snapshots / built.id)
    sizes = {file.path: file.bytes for file in manifest.files}
    index_bytes = sum(sizes[segment.path] for segment in manifest.segments)
    return metadata | {
        "videos": dg.MetadataValue.int(len(manifest.contents)),
        "frames": dg.MetadataValue.int(manifest.count),
        "index megabytes": _number(index_bytes / 1e6, 2),
        "snapshot megabytes": _number(sum(sizes.values()) / 1e6, 2),
    }


def failures_table(failures: Mapping[str, str]) -> dg.MetadataValue:
    """List files that could not be indexed, with the reasons."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord({"file": path, "reason": reason})
            for path, reason in sorted(failures.items())
        ],
        dg.TableSchema([dg.TableColumn("file"), dg.TableColumn("reason")]),
    )


def _speed(seconds: float | None, count: int) -> Metadata:
    if seconds is None:
        return {"work": dg.MetadataValue.text("none: it was stored already")}
    return {
        "seconds of work": _number(seconds, 2),
        "frames a second": _number(count / seconds if seconds else 0, 1),
    }


def _number(value: float, digits: int) -> dg.MetadataValue:
    return dg.MetadataValue.float(float(round(value, digits)))
