"""`whenanime index` makes the tracks of the episodes that it indexes."""

from pathlib import Path

import dagster as dg
import pytest
from sample_videos import index, new_workspace, reopen, write_film
from sound_files import find_clicks, make_clicks, write_sounding

from whenanime_pipeline.core.themes.tracks.load import load_tracks
from whenanime_pipeline.orchestration.dagster_instance import open_instance


def test_an_index_run_reads_the_sound_and_warns_of_it(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    early = workspace.videos_folder / "Show - S01E01.mkv"
    write_sounding(early, [make_clicks(4, [1.0])], seconds=36, languages=["jpn"])
    write_film(workspace.videos_folder / "Show - S01E02.mkv", seed=2)
    outcome = index(workspace)
    assert outcome.indexed == 2
    assert outcome.problems == {}
    assert outcome.warnings == {early.name: "32 s of its sound are missing or cannot be decoded"}
    first, second = (load_tracks(workspace.home, one) for one in reopen(workspace).load_statuses())
    assert first.sound is not None
    assert find_clicks(first.sound) == pytest.approx([1.0], abs=0.01)
    assert second.sound is None
    assert first.pictures is not None
    assert second.pictures is not None
    with open_instance(workspace.home) as instance:
        events = instance.fetch_materializations(dg.AssetKey("frames"), limit=2).records
    described = {
        record.partition_key: record.asset_materialization.metadata["sound"].value
        for record in events
        if record.asset_materialization
    }
    assert sorted(described.values(), key=str) == ["jpn", "none"]
