"""A library that was learned from, as each of these tests begins with it."""

import pytest
from learning_library import make_learning_library, run_training

from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_learning_library(tmp_path_factory.mktemp("learning"))


@pytest.fixture(scope="module")
def outcome(workspace: Workspace) -> TrainOutcome:
    """A training's outcome that changes what is in use in none of the tests."""
    return run_training(workspace)
