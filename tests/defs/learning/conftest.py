"""A library that was learned from, as each of these tests begins with it."""

import pytest
from learning_library import copy_trained_library

from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, TrainOutcome]:
    return copy_trained_library(tmp_path_factory.mktemp("learning"))


@pytest.fixture(scope="module")
def workspace(trained: tuple[Workspace, TrainOutcome]) -> Workspace:
    return trained[0]


@pytest.fixture(scope="module")
def outcome(trained: tuple[Workspace, TrainOutcome]) -> TrainOutcome:
    """A training's outcome that changes what is in use in none of the tests."""
    return trained[1]
