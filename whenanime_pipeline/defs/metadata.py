"""Metadata of assets for the Dagster UI."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

import dagster as dg

from whenanime_pipeline.core.models.registry import RegisteredModel
from whenanime_pipeline.core.search.episode_indexing import FeaturesResult, FramesResult
from whenanime_pipeline.core.search.frames.contact_sheet import render_contact_sheet
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.snapshot.build import BuildResult
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.search.snapshot.sections import count_sections
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.ensure import SoundResult
from whenanime_pipeline.core.workspace import Workspace

Metadata = dict[str, dg.MetadataValue]


def frames_metadata(status: EpisodeStatus, done: FramesResult, sound: SoundResult) -> Metadata:
    """Describe an episode's stored frames and sound: counts, seconds, speed, and a look at them."""
    report = done.report
    with FramesFile(status.frames_file) as frames:
        sheet = render_contact_sheet(frames)
    kept = report.frames / report.samples if report.samples else 0.0
    metadata: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "looked at": dg.MetadataValue.int(report.samples),
        "distinct frames": dg.MetadataValue.int(report.frames),
        "share kept": float_value(kept, 3),
        "seconds of video": float_value(report.duration, 1),
        "seconds missing": float_value(report.missing, 1),
        "megabytes": float_value(done.bytes / 1e6, 2),
        "frames": image_value(sheet, "jpeg"),
    }
    warnings = (*report.warnings, *sound.warnings)
    if warnings:
        metadata["warnings"] = list_value(warnings)
    return metadata | _sound_metadata(sound) | throughput_metadata(done.seconds, report.samples)


def _sound_metadata(sound: SoundResult) -> Metadata:
    """Describe an episode's sound track."""
    if not sound.has_sound:
        return {"sound": dg.MetadataValue.text("none")}
    described: Metadata = {
        "sound": dg.MetadataValue.text(sound.language or "of no named language"),
        "seconds of sound missing": float_value(sound.missing, 1),
        "megabytes of sound": float_value(sound.bytes / 1e6, 2),
    }
    if sound.seconds is not None:
        described["seconds of work on sound"] = float_value(sound.seconds, 2)
    return described


def features_metadata(status: EpisodeStatus, done: FeaturesResult) -> Metadata:
    """Describe an episode's stored features, those of pictures and the local ones."""
    local = done.local
    described = {
        "key frames": dg.MetadataValue.int(local.keyframes),
        "local features": dg.MetadataValue.int(local.features),
        "megabytes of local features": float_value(local.bytes / 1e6, 2),
    }
    if local.seconds is not None:
        described["seconds of work on local features"] = float_value(local.seconds, 2)
    return {
        "file": dg.MetadataValue.text(status.episode.path),
        "frames": dg.MetadataValue.int(done.rows),
        "megabytes": float_value(done.bytes / 1e6, 2),
        **described,
        **throughput_metadata(done.seconds, done.rows),
    }


def snapshot_metadata(workspace: Workspace, built: BuildResult) -> Metadata:
    """Describe a built snapshot."""
    metadata: Metadata = {
        "snapshot": dg.MetadataValue.text(built.id or "none yet"),
        "videos added": dg.MetadataValue.int(built.added),
        "videos removed": dg.MetadataValue.int(built.removed),
        "model": dg.MetadataValue.text(workspace.model_meta.model_id),
    }
    if built.waiting:
        metadata["waiting for"] = dg.MetadataValue.int(built.waiting)
    if built.id is None:
        return metadata
    manifest = read_manifest(workspace.home.snapshots / built.id)
    sizes = {file.path: file.bytes for file in manifest.files}
    index_bytes = sum(sizes[segment.path] for segment in manifest.segments)
    for name, counts in count_sections(workspace.sections, manifest).items():
        section_bytes = sum(sizes[path] for path in sizes if path.startswith(f"{name}/"))
        metadata |= {noun: dg.MetadataValue.int(count) for noun, count in counts.items()}
        metadata[f"{name} megabytes"] = float_value(section_bytes / 1e6, 2)
    return metadata | {
        "videos": dg.MetadataValue.int(len(manifest.contents)),
        "frames": dg.MetadataValue.int(manifest.vector_count),
        "index megabytes": float_value(index_bytes / 1e6, 2),
        "snapshot megabytes": float_value(sum(sizes.values()) / 1e6, 2),
    }


def model_metadata(
    model: RegisteredModel, previous: str = "", notes: Sequence[str] = ()
) -> Metadata:
    """Describe the model in use.

    Args:
        model: that one.
        previous: name of the one before it, when it was changed here.
        notes: what the operator should know.
    """
    metadata: Metadata = {
        "model": dg.MetadataValue.text(model.id),
        "ships with the package": dg.MetadataValue.bool(model.is_shipped),
    }
    if previous:
        metadata["before"] = dg.MetadataValue.text(previous)
    if notes:
        metadata["notes"] = list_value(notes)
    return metadata


def image_value(content: bytes, kind: str = "png") -> dg.MetadataValue:
    """Return a picture that the UI shows; below 100 kB, as it is sent with every page."""
    return dg.MetadataValue.md(f"![](data:image/{kind};base64,{b64encode(content).decode()})")


def list_value(lines: Sequence[str]) -> dg.MetadataValue:
    """Return lines as a list."""
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))


def float_value(value: float, digits: int) -> dg.MetadataValue:
    """Return a number that the UI draws over time."""
    return dg.MetadataValue.float(float(round(value, digits)))


def throughput_metadata(seconds: float | None, count: int) -> Metadata:
    """Describe how fast frames were worked on, if they were not stored already."""
    if seconds is None:
        return {"work": dg.MetadataValue.text("none: it was stored already")}
    return {
        "seconds of work": float_value(seconds, 2),
        "frames a second": float_value(count / seconds if seconds else 0, 1),
    }


def failures_table_value(failures: Mapping[str, str]) -> dg.MetadataValue:
    """List files that could not be indexed, with the reasons."""
    return table_value([{"file": path, "reason": why} for path, why in sorted(failures.items())])


def table_value(rows: Sequence[dict[str, str | int]]) -> dg.MetadataValue:
    """Return rows as a table; each has the columns of the first."""
    kinds = {int: "int", str: "string"}
    columns = [dg.TableColumn(name, kinds[type(value)]) for name, value in rows[0].items()]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows], dg.TableSchema(columns))
