"""What a person wants to see beside an asset, as Dagster's metadata."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

import dagster as dg

from whenanime_pipeline.core.models.registry import KnownModel
from whenanime_pipeline.core.search.episode_indexing import FeaturesDone, FramesDone
from whenanime_pipeline.core.search.frames.contact_sheet import contact_sheet
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.snapshot.build import Built
from whenanime_pipeline.core.search.snapshot.local_build import FOLDER as LOCAL
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace

Metadata = dict[str, dg.MetadataValue]


def frames_metadata(status: EpisodeStatus, done: FramesDone) -> Metadata:
    """Describe an episode's stored frames: counts, seconds, speed, and a look at them."""
    report = done.report
    with FramesFile(status.frames_file) as frames:
        sheet = contact_sheet(frames)
    kept = report.frames / report.samples if report.samples else 0.0
    metadata: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "looked at": dg.MetadataValue.int(report.samples),
        "distinct frames": dg.MetadataValue.int(report.frames),
        "share kept": number(kept, 3),
        "seconds of video": number(report.duration, 1),
        "seconds missing": number(report.missing, 1),
        "megabytes": number(done.bytes / 1e6, 2),
        "frames": picture(sheet, "jpeg"),
    }
    if report.warnings:
        metadata["warnings"] = listed(report.warnings)
    return metadata | speed(done.seconds, report.samples)


def features_metadata(status: EpisodeStatus, done: FeaturesDone) -> Metadata:
    """Describe an episode's stored features, those of pictures and the local ones."""
    local = done.local
    described = {
        "key frames": dg.MetadataValue.int(local.keys),
        "local features": dg.MetadataValue.int(local.features),
        "megabytes of local features": number(local.bytes / 1e6, 2),
    }
    if local.seconds is not None:
        described["seconds of work on local features"] = number(local.seconds, 2)
    return {
        "file": dg.MetadataValue.text(status.episode.path),
        "frames": dg.MetadataValue.int(done.rows),
        "megabytes": number(done.bytes / 1e6, 2),
        **described,
        **speed(done.seconds, done.rows),
    }


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
    if manifest.local is not None:
        local = sum(sizes[path] for path in sizes if path.startswith(f"{LOCAL}/"))
        features = sum(segment.features for segment in manifest.local.segments)
        metadata |= {
            "local features": dg.MetadataValue.int(features),
            "local feature files": dg.MetadataValue.int(len(manifest.local.segments)),
            "local megabytes": number(local / 1e6, 2),
        }
    return metadata | {
        "videos": dg.MetadataValue.int(len(manifest.contents)),
        "frames": dg.MetadataValue.int(manifest.count),
        "index megabytes": number(index_bytes / 1e6, 2),
        "snapshot megabytes": number(sum(sizes.values()) / 1e6, 2),
    }


def model_metadata(model: KnownModel, before: str = "", notes: Sequence[str] = ()) -> Metadata:
    """Describe the model in use.

    Args:
        model: that one.
        before: name of the one before it, when it was changed here.
        notes: what the keeper should know.
    """
    metadata: Metadata = {
        "model": dg.MetadataValue.text(model.id),
        "ships with the package": dg.MetadataValue.bool(model.shipped),
    }
    if before:
        metadata["before"] = dg.MetadataValue.text(before)
    if notes:
        metadata["notes"] = listed(notes)
    return metadata


def picture(content: bytes, kind: str = "png") -> dg.MetadataValue:
    """Return a picture that the UI shows; below 100 kB, as it is sent with every page."""
    return dg.MetadataValue.md(f"![](data:image/{kind};base64,{b64encode(content).decode()})")


def listed(lines: Sequence[str]) -> dg.MetadataValue:
    """Return lines as a list."""
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))


def number(value: float, digits: int) -> dg.MetadataValue:
    """Return a number that the UI draws over time."""
    return dg.MetadataValue.float(float(round(value, digits)))


def speed(seconds: float | None, count: int) -> Metadata:
    """Describe how fast frames were worked on, if they were not stored already."""
    if seconds is None:
        return {"work": dg.MetadataValue.text("none: it was stored already")}
    return {
        "seconds of work": number(seconds, 2),
        "frames a second": number(count / seconds if seconds else 0, 1),
    }


def failures_table(failures: Mapping[str, str]) -> dg.MetadataValue:
    """List files that could not be indexed, with the reasons."""
    return table([{"file": path, "reason": why} for path, why in sorted(failures.items())])


def table(rows: Sequence[dict[str, str | int]]) -> dg.MetadataValue:
    """Return rows as a table; each has the columns of the first."""
    kinds = {int: "int", str: "string"}
    columns = [dg.TableColumn(name, kinds[type(value)]) for name, value in rows[0].items()]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows], dg.TableSchema(columns))
