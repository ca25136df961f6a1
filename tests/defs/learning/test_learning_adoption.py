"""A trained model in the UI: adopted when it was looked at and is better, or when insisted on."""

import os
import shutil
from pathlib import Path

import dagster as dg
from learning_library import TINY, copy_trained_library, make_learning_library, run_training
from learning_runs import failure_description, materialize, read_materializations
from sample_videos import index, new_workspace, reopen

from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.models.adoption import revert_model, use_model
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.learning import (
    model_in_use,
    model_report,
    retrieval_model,
)
from whenanime_pipeline.defs.learning_config import (
    AdoptionConfig,
    ModelConfig,
    RecipeName,
)
from whenanime_pipeline.defs.library import report_model_in_use
from whenanime_pipeline.orchestration.dagster_instance import open_instance


def test_adoption_needs_the_checks_or_a_word(workspace: Workspace, outcome: TrainOutcome) -> None:
    """Adopted by the asset, or without Dagster, which is informed of it then."""
    home = workspace.home
    used = reopen(workspace).model_meta.model_id
    report = outcome.model.folder / "report.json"
    whole = report.read_text()
    report.write_text(whole.replace('"passed": true', '"passed": false'))
    refused = materialize(workspace, [model_in_use], {})
    assert not refused.success
    assert "loss_finite" in failure_description(refused)
    assert failure_description(refused).endswith("say `anyway: true` in the launchpad")
    assert reopen(workspace).model_meta.model_id == used

    taken = materialize(workspace, [model_in_use], {"model_in_use": AdoptionConfig(anyway=True)})
    assert taken.success
    assert reopen(workspace).model_meta.model_id == outcome.model.id
    assert (
        read_materializations(workspace, "model_in_use")[0].metadata["model"].value
        == outcome.model.id
    )
    # What it needs is to be done now, and what there was stays where it is.
    assert all(not status.has_features for status in reopen(workspace).load_statuses())
    reported = len(read_materializations(workspace, "model_in_use"))
    with open_instance(home) as instance:
        report_model_in_use(instance, reopen(workspace))
        assert len(read_materializations(workspace, "model_in_use")) == reported
        revert_model(home)
        report_model_in_use(instance, reopen(workspace))
    news = read_materializations(workspace, "model_in_use")
    assert (len(news), news[0].metadata["model"].value) == (reported + 1, used)
    report.write_text(whole)


def test_a_model_is_not_adopted_unseen(workspace: Workspace, outcome: TrainOutcome) -> None:
    """As when all assets of the graph are asked for at once."""
    everything = [retrieval_model, model_report, model_in_use]
    config: dict[str, dg.Config] = {
        "retrieval_model": ModelConfig(recipe=RecipeName["ours"], **TINY),
        "model_in_use": AdoptionConfig(anyway=True),
    }
    result = materialize(workspace, everything, config)
    assert "look at model_report first" in failure_description(result)
    assert reopen(workspace).model_meta.model_id != outcome.model.id


def test_a_training_works_without_the_model_in_use(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path)
    (workspace.home.models / "IN_USE").write_text("lost\n")
    outcome = run_training(workspace, epochs=1)
    assert (outcome.is_new, outcome.rival, outcome.problems) == (True, "base", {})
    assert any("the base model stands in" in note for note in outcome.report.notes)
    use_model(workspace.home, outcome.model.id, anyway=True)
    assert reopen(workspace).model_meta.model_id == outcome.model.id


def test_adoption_requires_the_reported_model(tmp_path: Path) -> None:
    """Someone who read a model's report wants that model, or none."""
    nothing = materialize(new_workspace(tmp_path / "new"), [model_in_use], {})
    assert "no model was reported on yet" in failure_description(nothing)
    workspace, first = copy_trained_library(tmp_path)
    second = run_training(workspace, epochs=1, seed=1)
    assert first.model.id != second.model.id
    shutil.rmtree(second.model.folder)
    config = {"model_in_use": AdoptionConfig(anyway=True)}
    refused = materialize(workspace, [model_in_use], config)
    assert f"{second.model.id}: the model that was reported on last is gone" in failure_description(
        refused
    )
    assert reopen(workspace).model_meta.model_id != first.model.id
    # A report may be about what there is, and then that one is meant. It decodes what judges only.
    decoded = workspace.home.dataset / "decoded"
    shutil.rmtree(decoded)
    assert materialize(workspace, [model_report], {}).success
    assert all(folder.name.endswith("-validation") for folder in decoded.glob("frames-*"))
    assert materialize(workspace, [model_in_use], config).success
    assert reopen(workspace).model_meta.model_id == first.model.id


def test_another_adopted_model_is_used_for_the_next_features(
    workspace: Workspace, outcome: TrainOutcome
) -> None:
    use_model(workspace.home, outcome.model.id, anyway=True)
    assert index(workspace).problems == {}
    features = [path.parts for path in (workspace.home.root / "features").rglob("*.parquet")]
    assert len(features) == 4
    assert all(outcome.model.id in parts for parts in features)
    assert os.listdir(workspace.home.snapshots)  # noqa: PTH208
    revert_model(workspace.home)
