"""The benchmark `training`: both ways really train, and are timed alike."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.cost import Cost
from benchmarks.support.seed_training import AugmentedPairDataset, time_seed_training
from benchmarks.support.step_timing import StepPlan, StepTimer, TimedSteps
from whenanime_pipeline.core.media.picture_codec import encode_jpeg

PLAN = StepPlan("resnet18", size=32, batch=4, warm_up=1, steps=2)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(6):
        # Each of its own size: the seed's way takes frames as they come.
        fields = rng.integers(0, 256, (3 + number, 5, 3), np.uint8)
        picture = fields.repeat(10, axis=0).repeat(10, axis=1)
        (tmp_path / f"{number}.jpg").write_bytes(encode_jpeg(picture))
    return tmp_path


def test_the_seeds_dataset_yields_pictures_and_views(files: Path) -> None:
    pictures = AugmentedPairDataset(files, 32)
    assert len(pictures) == 6
    source, augmented = pictures[5]
    again, other = pictures[5]
    assert source.shape == augmented.shape == (3, 32, 32)
    assert source.equal(again)
    assert not augmented.equal(other)
    assert -3 < float(source.min()) < 0 < float(source.max()) < 3


@pytest.mark.parametrize("workers", [0, 1])
def test_the_seeds_way_trains(files: Path, workers: int) -> None:
    stretch = time_seed_training(files, PLAN, workers)
    assert stretch.views == 2 * PLAN.batch * PLAN.steps
    assert 0 < stretch.loading_seconds < stretch.cost.wall
    assert stretch.cost.cpu > 0


def test_the_warm_up_is_not_counted() -> None:
    watch = StepTimer(StepPlan("any", size=1, batch=10, warm_up=2, steps=2))
    done = []
    for _ in range(4):
        with watch.time_loading():
            pass
        done.append(watch.count_step())
    assert done == [False, False, False, True]
    assert watch.result is not None
    assert watch.result.views == 40
    assert watch.result.loading_seconds <= watch.result.cost.wall


def test_speed_and_share_are_of_the_wall_time() -> None:
    stretch = TimedSteps(Cost(wall=4.0, cpu=7.0), loading_seconds=1.0, views=128)
    assert stretch.views_per_second == 32
    assert stretch.loading_share == 0.25
