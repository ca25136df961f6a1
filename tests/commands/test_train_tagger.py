"""`whenanime train --what themes`: from labels to a tagger that is adopted and used."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from sample_videos import copy_indexed, write_film
from typer.testing import CliRunner

from whenanime_pipeline.cli import app
from whenanime_pipeline.commands.themes_file import describe_tagged, format_tagged, tag_video
from whenanime_pipeline.commands.train_tagger import (
    tagger_outcome_json,
    tagger_outcome_lines,
    train_tagger,
)
from whenanime_pipeline.core.themes.labels_file import LabelsFileError
from whenanime_pipeline.core.themes.tagger.registry import adopt_tagger, load_tagger
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.theme_learning import TaggerConfig


def _write_labels(workspace: Workspace, folder: Path, end: float = 2.0) -> Path:
    entries = {
        one.key: {"themes": [{"type": "opening", "start": 0.5, "end": end}]}
        for one in workspace.load_catalogue().episodes
    }
    path = folder / "labels.json"
    path.write_text(json.dumps(entries, indent=1), encoding="utf-8")
    return path


def test_a_tagger_is_trained_from_labels_once_and_adopted(tmp_path: Path) -> None:
    workspace = copy_indexed(tmp_path, count=2)
    labels = _write_labels(workspace, tmp_path)
    config = TaggerConfig(labels=str(labels), steps=2, drawn=0)
    console = Console(quiet=True)
    outcome = train_tagger(workspace, console, config)
    assert outcome.folder.parent == workspace.home.theme_taggers
    assert outcome.report["metrics"] is None  # two episodes leave none to judge by
    assert outcome.report["rival"] == load_tagger(workspace.home).id
    assert tagger_outcome_json(outcome)["tagger"] == outcome.tagger
    lines = list(tagger_outcome_lines(outcome))
    assert lines[-1] == f"use it: whenanime models use-tagger {outcome.tagger}"
    written = (outcome.folder / "tagger.onnx").stat().st_mtime_ns
    assert train_tagger(workspace, console, config).tagger == outcome.tagger
    assert (outcome.folder / "tagger.onnx").stat().st_mtime_ns == written
    adopt_tagger(workspace.home, outcome.tagger)
    assert load_tagger(workspace.home).id == outcome.tagger


def test_impossible_labels_stop_before_anything_is_started(tmp_path: Path) -> None:
    workspace = copy_indexed(tmp_path, count=1)
    labels = _write_labels(workspace, tmp_path, end=0.1)
    with pytest.raises(LabelsFileError, match=r"labels\.json:2: .* not after its start"):
        train_tagger(workspace, Console(quiet=True), TaggerConfig(labels=str(labels)))
    late = _write_labels(workspace, tmp_path, end=500)
    with pytest.raises(LabelsFileError, match="ends at 500 s, and the video at"):
        train_tagger(workspace, Console(quiet=True), TaggerConfig(labels=str(late)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--what", "characters"], "--what characters: not one of retrieval, themes"),
        (["train", "--labels", "x.json"], "--labels: is for --what themes"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert message in result.stderr


def test_one_file_in_no_library_is_tagged(tmp_path: Path) -> None:
    video = write_film(tmp_path / "film.mkv", seed=3, seconds=12.0)
    tagged = tag_video(video)
    assert tagged.duration == pytest.approx(12, abs=0.2)
    assert not tagged.has_sound
    assert all(one.confidence != "certain" for one in tagged.segments)
    document = describe_tagged(tagged)
    assert document["file"] == str(video)
    assert len(document["themes"]) == len(tagged.segments)
    assert all(line.startswith(f"{video}: ") for line in format_tagged(tagged))
    result = CliRunner().invoke(
        app, ["themes", str(video), "--json", "--home", str(tmp_path / "home")]
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout) == document
