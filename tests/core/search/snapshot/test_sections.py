"""A section registered from outside is built, checked, published, carried over and opened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from pydantic import JsonValue
from sample_videos import (
    copy_indexed,
    episode_path,
    process_episodes,
    published_folder,
    reopen,
    scan_videos,
    write_film,
)

from whenanime_pipeline.commands.doctor import diagnose
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.build import BuildResult
from whenanime_pipeline.core.search.snapshot.manifest import LOCAL, Manifest, read_manifest
from whenanime_pipeline.core.search.snapshot.sections import SectionSource, count_sections
from whenanime_pipeline.core.search.snapshot.snapshot import check_files
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import snapshot_metadata


@dataclass(frozen=True)
class FrameCounts:
    """Counts the frames of each content: a section as small as one can be."""

    name: str = "frame-counts"

    def identify(self, source: SectionSource) -> JsonValue:
        return {content.fingerprint: content.frames for content in source.contents}

    def write(self, folder: Path, source: SectionSource) -> JsonValue:
        counts = self.identify(source)
        path = folder / self.name / "counts.json"
        path.parent.mkdir()
        if source.parent_folder and source.parent_entry(self.name) == counts:
            path.hardlink_to(source.parent_folder / self.name / "counts.json")
        else:
            path.write_text(json.dumps(counts))
        return counts

    def check(self, folder: Path, manifest: Manifest) -> Sequence[str]:
        path = f"{self.name}/counts.json"
        stored = json.loads((folder / path).read_text())
        return () if stored == manifest.sections[self.name] else (path,)

    def count(self, manifest: Manifest) -> Mapping[str, int]:
        counts = manifest.sections[self.name]
        assert isinstance(counts, dict)
        return {"counted contents": len(counts)}


class WithFrameCounts(Workspace):
    """A library whose snapshots carry one section more."""

    @property
    def sections(self) -> Sequence[object]:  # type: ignore[override]
        return (*super().sections, FrameCounts())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_indexed(tmp_path, count=2)


def with_counts(workspace: Workspace) -> Workspace:
    return WithFrameCounts(workspace.home, workspace.videos_folder)


def test_a_new_section_is_published_and_opened(workspace: Workspace) -> None:
    before = read_manifest(published_folder(workspace))
    assert with_counts(workspace).publish_snapshot()[1]
    folder = published_folder(workspace)
    manifest = check_files(folder)
    assert manifest.sections["frame-counts"] == {c.fingerprint: c.frames for c in before.contents}
    assert manifest.local == before.local
    assert "frame-counts/counts.json" in {file.path for file in manifest.files}
    assert SearchEngine.open(folder).snapshot.id == manifest.id
    counts = count_sections(with_counts(workspace).sections, manifest)
    assert counts["frame-counts"] == {"counted contents": 2}
    metadata = snapshot_metadata(with_counts(workspace), BuildResult(manifest.id))
    assert metadata["counted contents"] == dg.MetadataValue.int(2)
    assert {"frame-counts megabytes", "local features", "local megabytes"} <= metadata.keys()


def test_the_same_section_is_not_published_again(workspace: Workspace) -> None:
    assert with_counts(workspace).publish_snapshot()[1]
    assert with_counts(workspace).measure_pending_changes() == 0
    assert not with_counts(workspace).publish_snapshot()[1]


def test_an_unchanged_section_is_linked_and_not_read_again(workspace: Workspace) -> None:
    assert with_counts(workspace).publish_snapshot()[1]
    first = published_folder(workspace)
    episode_path(workspace, 2).rename(workspace.videos_folder / "Show - S01E07.mp4")
    scan_videos(workspace)
    assert with_counts(workspace).publish_snapshot()[1]
    second = published_folder(workspace)
    name = "frame-counts/counts.json"
    assert second != first
    assert (second / name).samefile(first / name)
    listed = [{f.path: f for f in read_manifest(one).files}[name] for one in (first, second)]
    assert listed[0] == listed[1]


def test_a_changed_section_is_written_again(workspace: Workspace) -> None:
    assert with_counts(workspace).publish_snapshot()[1]
    write_film(episode_path(workspace, 3), seed=3)
    scan_videos(workspace)
    process_episodes(workspace, 3)
    assert with_counts(workspace).publish_snapshot()[1]
    assert len(read_manifest(published_folder(workspace)).sections["frame-counts"]) == 3  # type: ignore[arg-type]


def test_a_section_that_differs_from_the_manifest_is_not_published(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = published_folder(workspace)
    monkeypatch.setattr(FrameCounts, "check", lambda *_: ("frame-counts/counts.json",))
    with pytest.raises(SnapshotError, match=r"frame-counts/counts\.json: not the frame-counts"):
        with_counts(workspace).publish_snapshot()
    assert published_folder(workspace) == latest


def test_a_program_without_the_section_opens_its_snapshot(workspace: Workspace) -> None:
    assert with_counts(workspace).publish_snapshot()[1]
    folder = published_folder(workspace)
    assert SearchEngine.open(folder).snapshot.load_local() is not None
    assert reopen(workspace).publish_snapshot()[1]
    manifest = read_manifest(published_folder(workspace))
    assert "frame-counts" not in manifest.sections
    counts = count_sections(with_counts(workspace).sections, manifest)
    assert LOCAL in counts
    assert "frame-counts" not in counts
    findings = diagnose(workspace.home, None, default=workspace.videos_folder)
    (described,) = [found.message for found in findings if found.subject == "index"]
    assert f"{counts[LOCAL]['local features']} local features" in described


def test_local_features_of_an_older_manifest_are_read(workspace: Workspace) -> None:
    """Older builds name them in a field of their own."""
    folder = published_folder(workspace)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["local"] = manifest.pop("sections")["local"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert read_manifest(folder).local is not None
    assert SearchEngine.open(folder).snapshot.load_local() is not None
    assert reopen(workspace).measure_pending_changes() == 0
