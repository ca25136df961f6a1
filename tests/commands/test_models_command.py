"""`whenanime models`: lists, comparisons on the current frames, and what changes with the model."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import make_model
from sample_videos import draw_shots, index, new_workspace, published_folder, reopen, write_film

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.models import (
    change_json,
    change_lines,
    compare_selected,
    comparison_json,
    comparison_lines,
    home_models,
    model_lines,
    models_json,
    switch_back,
    switch_model,
)
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import ensure_training_frames
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.learning.dataset.validation_views import make_views
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.report.mistakes import locate_validation_frames
from whenanime_pipeline.core.models.adoption import RefusedError
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    compute_model_id,
    read_model,
)
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_manifest
from whenanime_pipeline.core.workspace import Workspace

EPISODES = 4


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A library of four short films, indexed, with a dataset of them."""
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    for number in range(EPISODES):
        write_film(workspace.videos_folder / "Show" / f"Show - S01E0{number}.mp4", seed=number)
    index(workspace)
    workspace = reopen(workspace)
    for status in workspace.load_statuses():
        ensure_training_frames(
            workspace.home, workspace.videos_folder, status, FrameOptions(count=6)
        )
    make_dataset(workspace.home, workspace.load_statuses(), SplitOptions(share=0.5))
    make_views(workspace.home, ViewOptions(size=64))
    return workspace


@pytest.fixture
def workspace(indexed: Workspace, tmp_path: Path) -> Workspace:
    """A copy to change."""
    home = shutil.copytree(indexed.home.root, tmp_path / "home")
    return Workspace(Home(home), indexed.videos_folder)


def _add(workspace: Workspace, name: str, *, seed: int = 1, **meta: object) -> str:
    folder = make_model(workspace.home.models / name, seed=seed)
    stored = json.loads((folder / META_FILE).read_text()) | meta
    stored["model_id"] = compute_model_id((folder / "model.onnx").read_bytes(), stored)
    (folder / META_FILE).write_text(json.dumps(stored))
    return str(stored["model_id"])


def _published_model(workspace: Workspace) -> str:
    return read_manifest(published_folder(workspace)).model_id


def test_the_old_index_answers_until_the_new_one_is_whole(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whenanime_pipeline.core.search.query.live.POLL_INTERVAL", 0)
    old, new = _published_model(workspace), _add(workspace, "other")
    live = LiveEngine(workspace.home.root)

    def answer() -> tuple[str, int | None, float]:
        engine = live.engine()
        assert engine
        scene = engine.search(draw_shots(2, 6)[3])[0]
        return engine.snapshot.manifest.model_id, scene.episode.number, scene.similarity

    assert answer()[:2] == (old, 2)
    said = " ".join(change_lines(switch_model(workspace.home, "other")))
    assert "whenanime index" in said
    assert "the previous index answers" in said
    assert reopen(workspace).model_meta.model_id == new
    assert answer()[:2] == (old, 2)
    assert not list((workspace.home.root / "features").glob(f"{new}/**/*.parquet"))
    frames = sorted((workspace.home.root / "frames").rglob("*.arrow"))
    times = [file.stat().st_mtime_ns for file in frames]
    outcome = index(workspace)
    assert (outcome.indexed, outcome.published, outcome.problems) == (EPISODES, True, {})
    assert [file.stat().st_mtime_ns for file in frames] == times
    assert answer()[:2] == (new, 2)
    assert answer()[2] >= 0.95  # certain
    features = workspace.home.root / "features"
    assert len(list((features / new).rglob("*.parquet"))) == EPISODES
    made = sorted((path, path.stat().st_mtime_ns) for path in features.rglob("*.parquet"))
    change = switch_back(workspace.home)
    assert change.model.id == old
    index(workspace)  # the earlier features are still there
    assert sorted((p, p.stat().st_mtime_ns) for p in features.rglob("*.parquet")) == made
    assert _published_model(workspace) == old
    assert answer()[:2] == (old, 2)


def test_going_back_before_anything_was_made_needs_no_new_work(workspace: Workspace) -> None:
    _add(workspace, "other")
    switch_model(workspace.home, "other")
    lines = change_lines(switch_back(workspace.home))
    assert lines[-1] == "The published index was made with it: nothing has to be computed again."
    assert index(workspace).published is False


def test_a_refusal_names_its_reasons_and_the_option_to_override(
    workspace: Workspace,
) -> None:
    _add(workspace, "unseen", training={"id": "t"})
    with pytest.raises(RefusedError, match=r"has no report .*add --anyway$"):
        switch_model(workspace.home, "unseen")
    assert switch_model(workspace.home, "unseen", anyway=True).changed


def test_a_table_of_models_says_which_is_used_and_which_is_damaged(workspace: Workspace) -> None:
    shares = {"views_to_originals": {"mrr": 0.25}}, {"views_to_originals": {"mrr": 0.75}}
    trained = _add(
        workspace, "trained", recipe={"name": "seed"}, network={"backbone": "resnet18"},
        metrics={"before": shares[0], "after": shares[1]},
    )  # fmt: skip
    damaged = workspace.home.models / "damaged"
    make_model(damaged)
    (damaged / "model.onnx").write_bytes(b"cut")
    models = home_models(workspace.home)
    head, base, *rest = model_lines(models)
    assert "MRR before" in head
    assert base.strip().startswith("base (")
    by_name = {name: row for name in ("small", "trained", "damaged") for row in rest if name in row}
    assert by_name["small"].startswith("*")
    assert by_name["trained"].split()[:2] == [trained, "(trained)"]
    for part in ("seed", "resnet18", "0.250", "0.750", "no report"):
        assert part in by_name["trained"]
    assert "damaged: " in by_name["damaged"]
    assert "do not belong together" in by_name["damaged"]
    document = json.loads(json.dumps(models_json(models)))
    (used,) = (model for model in document["models"] if model["in_use"])
    assert used["name"] == "small"
    (broken,) = (model for model in document["models"] if model["problem"])
    assert broken["name"] == "damaged"


def test_odd_foreign_metadata_is_listed_all_the_same(workspace: Workspace) -> None:
    _add(workspace, "odd", recipe=["?"], network=7, metrics={"after": "good"}, training=None)
    assert any("(odd)" in row for row in model_lines(home_models(workspace.home)))
    json.dumps(models_json(home_models(workspace.home)))


def test_models_are_compared_on_the_validation_frames(workspace: Workspace) -> None:
    dataset = load_dataset(workspace.home)
    known_to_it = _add(workspace, "here", seed=1, training={"dataset": dataset.id})
    elsewhere = _add(workspace, "elsewhere", seed=2, training={"dataset": "another"})
    steps: list[tuple[int, int]] = []
    result = compare_selected(
        workspace.home, progress=lambda done, total: steps.append((done, total))
    )
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (result.dataset, result.frames) == (dataset.id, len(dataset.validation))
    first, *others = result.results
    assert first.model.in_use
    assert (first.difference.value, first.difference.low, first.difference.high) == (0, 0, 0)
    assert {one.model.id: one.may_have_seen_frames for one in others} == {
        read_model(workspace.home.models / "here")[0].model_id: False,
        elsewhere: True,
        next(model.id for model in home_models(workspace.home) if model.is_shipped): False,
    }
    for one in result.results:
        found = one.metrics.views_to_originals.scores
        assert found.count == result.frames
        ours = first.metrics.views_to_originals.scores.mrr
        assert one.difference.value == pytest.approx(found.mrr - ours)
    lines = comparison_lines(result)
    assert lines[1].startswith("*")
    assert sum("(!)" in line for line in lines) == 2
    assert f"{result.frames} validation frames of dataset {dataset.id}" in lines[-2]
    document = json.loads(json.dumps(comparison_json(result)))
    assert document["compared_with"] == first.model.id
    assert {model["id"] for model in document["models"]} >= {known_to_it, elsewhere}


def test_a_model_that_learnt_from_a_film_of_that_name_is_marked(workspace: Workspace) -> None:
    dataset = load_dataset(workspace.home)
    names: dict[str, list[str]] = {"training": [], "validation": []}
    for episode in dataset.episodes:
        names[episode.part].append(Path(episode.path).name)
    for part, films in names.items():
        _add(workspace, part, training={"films": films})
    found = {
        one.model.name: one.may_have_seen_frames for one in compare_selected(workspace.home).results
    }
    assert (found["training"], found["validation"]) == (False, True)


def test_just_the_models_that_are_named_are_compared(workspace: Workspace) -> None:
    other = _add(workspace, "other")
    result = compare_selected(workspace.home, [other[:8], "base", other])
    assert [one.model.name for one in result.results] == ["other", "base"]
    with pytest.raises(ModelError, match="no such model"):
        compare_selected(workspace.home, ["nothing"])


def test_a_damaged_model_is_left_out_unless_it_is_named(workspace: Workspace) -> None:
    (make_model(workspace.home.models / "bad") / "model.onnx").write_bytes(b"cut")
    assert {one.model.name for one in compare_selected(workspace.home).results} == {"base", "small"}
    with pytest.raises(ModelError, match="bad"):
        compare_selected(workspace.home, ["bad", "base"])


def test_without_frames_nothing_is_compared(workspace: Workspace) -> None:
    views = workspace.home.dataset / "views.arrow"
    make_dataset(workspace.home, workspace.load_statuses(), SplitOptions(share=0.25))
    with pytest.raises(DatasetError, match="materialise validation_views again"):
        compare_selected(workspace.home)
    views.unlink()
    with pytest.raises(DatasetError, match="validation_views"):
        compare_selected(workspace.home)
    shutil.rmtree(workspace.home.dataset)
    with pytest.raises(DatasetError, match="dataset"):
        compare_selected(workspace.home)


def test_validation_frames_are_named_by_episode_and_second(workspace: Workspace) -> None:
    dataset = load_dataset(workspace.home)
    places = locate_validation_frames(dataset)
    assert len(places) == len(dataset.validation)
    judged = {episode.path for episode in dataset.episodes if episode.part == "validation"}
    assert {place.path for place in places} == judged
    assert str(places[0]).startswith("Show/Show - S01E0")


def test_changes_are_reported_in_lines_and_in_json(workspace: Workspace) -> None:
    name = _add(workspace, "other")
    change = switch_model(workspace.home, name[:7])
    assert change_lines(change)[0] == f"{name} (other) is in use now; it was small before"
    assert change_json(change)["changed"] is True
    assert change_json(change)["before"] == "small"
    same = switch_model(workspace.home, name)
    assert change_lines(same) == [f"{name} (other) is in use already; nothing was changed"]
    assert json.loads(json.dumps(change_json(same)))["changed"] is False


def test_listing_models_imports_no_heavy_libraries() -> None:
    code = (
        "import sys; import whenanime_pipeline.commands.models;"
        "print(*{n.split('.')[0] for n in sys.modules} & {'torch', 'dagster', 'gradio'})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_comparing_without_undamaged_models_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    monkeypatch.setattr(
        "whenanime_pipeline.core.models.registry.base_model_folder", lambda: tmp_path / "no"
    )
    with pytest.raises(CommandError, match="no model there can be loaded"):
        compare_selected(home)
