"""A trained model in the UI: adopted when it was looked at and is better, or when told anyway."""

import os
import shutil
from pathlib import Path

import dagster as dg
from filming import again, index
from learning_library import TINY, films, train
from learning_runs import events, failure, materialize

from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.models.adoption import go_back, use_model
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.instance import open_instance
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
from whenanime_pipeline.defs.library import tell_model


def test_adoption_needs_the_checks_or_a_word(workspace: Workspace, outcome: TrainOutcome) -> None:
    """Adopted by the asset, or without Dagster, which is told of it then."""
    home = workspace.home
    used = again(workspace).model.model_id
    report = outcome.model.folder / "report.json"
    whole = report.read_text()
    report.write_text(whole.replace('"passed": true', '"passed": false'))
    refused = materialize(workspace, [model_in_use], {})
    assert not refused.success
    assert "loss_finite" in failure(refused)
    assert failure(refused).endswith("say `anyway: true` in the launchpad")
    assert again(workspace).model.model_id == used

    taken = materialize(workspace, [model_in_use], {"model_in_use": AdoptionConfig(anyway=True)})
    assert taken.success
    assert again(workspace).model.model_id == outcome.model.id
    assert events(workspace, "model_in_use")[0].metadata["model"].value == outcome.model.id
    # What it needs is to be done now, and what there was stays where it is.
    assert all(not status.has_features for status in again(workspace).statuses())
    told = len(events(workspace, "model_in_use"))
    with open_instance(home) as instance:
        tell_model(instance, again(workspace))
        assert len(events(workspace, "model_in_use")) == told
        go_back(home)
        tell_model(instance, again(workspace))
    news = events(workspace, "model_in_use")
    assert (len(news), news[0].metadata["model"].value) == (told + 1, used)
    report.write_text(whole)


def test_a_model_is_not_adopted_unseen(workspace: Workspace, outcome: TrainOutcome) -> None:
    """As when all assets of the graph are asked for at once."""
    everything = [retrieval_model, model_report, model_in_use]
    config: dict[str, dg.Config] = {
        "retrieval_model": ModelConfig(recipe=RecipeName["ours"], **TINY),
        "model_in_use": AdoptionConfig(anyway=True),
    }
    result = materialize(workspace, everything, config)
    assert "look at model_report first" in failure(result)
    assert again(workspace).model.model_id != outcome.model.id


def test_where_the_model_in_use_is_gone_a_training_is_a_way_out(tmp_path: Path) -> None:
    workspace = films(tmp_path)
    (workspace.home.models / "IN_USE").write_text("lost\n")
    outcome = train(workspace, epochs=1)
    assert (outcome.trained, outcome.rival, outcome.problems) == (True, "base", {})
    assert any("the base model stands in" in note for note in outcome.report.notes)
    use_model(workspace.home, outcome.model.id, anyway=True)
    assert again(workspace).model.model_id == outcome.model.id


def test_no_other_model_stands_in_for_the_one_that_was_reported_on(tmp_path: Path) -> None:
    """Whoever read a report of a model wants that one, or none."""
    workspace = films(tmp_path)
    nothing = materialize(workspace, [model_in_use], {})
    assert "no model was reported on yet" in failure(nothing)
    first, second = train(workspace, epochs=1), train(workspace, epochs=1, seed=1)
    assert first.model.id != second.model.id
    shutil.rmtree(second.model.folder)
    config = {"model_in_use": AdoptionConfig(anyway=True)}
    refused = materialize(workspace, [model_in_use], config)
    assert f"{second.model.id}: the model that was reported on last is gone" in failure(refused)
    assert again(workspace).model.model_id != first.model.id
    # A report may be about what there is, and then that one is meant. It decodes what judges only.
    decoded = workspace.home.dataset / "decoded"
    shutil.rmtree(decoded)
    assert materialize(workspace, [model_report], {}).success
    assert all(folder.name.endswith("-validation") for folder in decoded.glob("frames-*"))
    assert materialize(workspace, [model_in_use], config).success
    assert again(workspace).model.model_id == first.model.id


def test_another_adopted_model_is_used_for_the_next_features(
    workspace: Workspace, outcome: TrainOutcome
) -> None:
    use_model(workspace.home, outcome.model.id, anyway=True)
    assert index(workspace).problems == {}
    features = [path.parts for path in (workspace.home.root / "features").rglob("*.parquet")]
    assert len(features) == 4
    assert all(outcome.model.id in parts for parts in features)
    assert os.listdir(workspace.home.snapshots)  # noqa: PTH208
    go_back(workspace.home)
