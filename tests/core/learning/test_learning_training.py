import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from painted_frames import SMALL, painted_films, small_network
from torch import Generator

from whenanime_pipeline.core.learning.augmentation import edited_view
from whenanime_pipeline.core.learning.errors import TrainingError, WeightsError
from whenanime_pipeline.core.learning.frames import FrameSet
from whenanime_pipeline.core.learning.network import EmbeddingNetwork
from whenanime_pipeline.core.learning.recipe import TrainingOptions, rate
from whenanime_pipeline.core.learning.training import Progress, train

QUICK = TrainingOptions(steps=60, groups=12, members=2, averaging=0.8, checkpoint_seconds=0)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """On a busy machine two threads of so small a network mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _recall(network: EmbeddingNetwork, frames: FrameSet) -> float:
    """Share of the films whose edited first frame finds a frame of the same film."""
    planes = torch.from_numpy(frames.pictures[::4]).permute(0, 3, 1, 2).float() / 255
    sight = [edited_view(planes, Generator().manual_seed(seed), size=SMALL.size, mild=0)
             for seed in range(6)]  # fmt: skip
    whole = edited_view(planes, Generator().manual_seed(9), size=SMALL.size, mild=1)
    with torch.inference_mode():
        gallery = network.eval()(whole.permute(0, 2, 3, 1) * 255)
        queries = network(torch.cat(sight).permute(0, 2, 3, 1) * 255)
    best = (queries @ gallery.T).argmax(1)
    return float((best == torch.arange(len(planes)).repeat(6)).float().mean())


def test_a_few_steps_lower_the_loss_and_find_more() -> None:
    frames = painted_films()
    seen: list[Progress] = []
    before = _recall(small_network(), frames)
    trained = train(small_network(), frames, QUICK, on_progress=seen.append)
    losses = [progress.loss for progress in seen]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.5
    assert _recall(trained.network, frames) > before + 0.1
    assert [progress.step for progress in seen] == list(range(1, 61))
    assert seen[-1].share == 1
    assert seen[-1].pictures == 60 * 2 * 24


class CutOffError(Exception):
    pass


def test_a_training_that_was_cut_off_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    frames, options = painted_films(4), replace(QUICK, steps=6, groups=4)
    expected = train(small_network(), frames, options)

    def cut(progress: Progress) -> None:
        if progress.step == 4:
            raise CutOffError

    file = tmp_path / "run.checkpoint"
    with pytest.raises(CutOffError):
        train(small_network(), frames, options, checkpoint=file, on_progress=cut)
    steps: list[int] = []
    # Other initial weights: nothing of the new network may survive.
    found = train(
        small_network(seed=7),
        frames,
        options,
        checkpoint=file,
        on_progress=lambda progress: steps.append(progress.step),
    )
    assert steps == [4, 5, 6]
    assert (found.steps, found.pictures) == (expected.steps, expected.pictures) == (6, 96)
    weights = found.network.state_dict()
    for name, value in expected.network.state_dict().items():
        torch.testing.assert_close(weights[name], value, msg=name)


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    frames, options = painted_films(2), replace(QUICK, steps=1, groups=2)
    file = tmp_path / "run.checkpoint"
    train(small_network(), frames, options, checkpoint=file)
    with pytest.raises(WeightsError, match=r"run\.checkpoint: .*other options"):
        train(small_network(), frames, replace(options, seed=5), checkpoint=file)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"run\.checkpoint: not a checkpoint"):
        train(small_network(), frames, options, checkpoint=file)


def test_a_loss_that_is_no_number_stops_at_once() -> None:
    network = small_network()
    with torch.no_grad():
        network.projection.weight.fill_(math.nan)
    with pytest.raises(TrainingError, match="nan at step 0"):
        train(network, painted_films(2), replace(QUICK, groups=2))


def test_one_frame_is_too_few() -> None:
    frames = painted_films(1)
    one = FrameSet(frames.pictures[:1], frames.thumbnails[:1], frames.films[:1], frames.names)
    with pytest.raises(TrainingError, match="two frames"):
        train(small_network(), one, QUICK)


def test_the_rate_rises_and_then_falls() -> None:
    rates = [rate(share / 100, 0.1) for share in range(101)]
    assert rates.index(max(rates)) == 10
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < min(rates) < max(rates) == 1
