import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from painted_frames import SMALL, paint_films, small_network
from torch import Generator
from training_material import PLAIN, TINY, make_painted_data, tiny_recipe

from whenanime_pipeline.core.learning.errors import TrainingError, WeightsError
from whenanime_pipeline.core.learning.evaluation import Scores
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.training import recipe as recipes
from whenanime_pipeline.core.learning.training.batches import GroupBatches, PairBatches
from whenanime_pipeline.core.learning.training.checkpoint import CHECKPOINT_FILE, save_checkpoint
from whenanime_pipeline.core.learning.training.crop_augmentation import augment_batch
from whenanime_pipeline.core.learning.training.frame_set import FrameSet
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.network_evaluation import score_network
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.screenshot_augmentation import make_screenshot_view
from whenanime_pipeline.core.learning.training.state import TrainingState
from whenanime_pipeline.core.learning.training.train import TrainingResult, train
from whenanime_pipeline.core.learning.training_data import TrainingData

MATERIAL = make_painted_data()
GROUPS = tiny_recipe(network=SMALL, views="screenshot", learning_rate=2e-3, averaging=0.8)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """On a busy machine two threads of so small a network mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class CutOffError(Exception):
    pass


def _network(recipe: Recipe, seed: int = 0) -> EmbeddingNetwork:
    torch.manual_seed(seed)
    return EmbeddingNetwork(recipe.network)


def _train(
    recipe: Recipe,
    folder: Path | None = None,
    *,
    material: TrainingData = MATERIAL,
    seed: int = 0,
    cut_at: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    epoch: Callable[[LogRow], None] = lambda _: None,
) -> TrainingResult:
    """Train on painted pictures, saving after every step, until a step if it is to be cut off."""

    def watch(now: Progress) -> None:
        progress(now)
        if now.step == cut_at:
            raise CutOffError

    return train(
        _network(recipe, seed),
        PairBatches(material, recipe),
        recipe,
        evaluate=partial(score_network, training_data=material, batch=5),
        folder=folder,
        checkpoint_seconds=0,
        on_progress=watch,
        on_epoch=epoch,
    )


def _same_weights(first: EmbeddingNetwork, second: EmbeddingNetwork) -> bool:
    weights = second.state_dict()
    return all(torch.equal(value, weights[name]) for name, value in first.state_dict().items())


def _recall(network: EmbeddingNetwork, frames: FrameSet) -> float:
    """Share of the films of whose first frame a part in other colours finds the whole."""
    planes = torch.from_numpy(frames.pictures[::4]).permute(0, 3, 1, 2).float() / 255
    sight = [
        augment_batch(planes, Generator().manual_seed(seed), size=SMALL.size) for seed in range(6)
    ]
    whole = make_screenshot_view(planes, Generator().manual_seed(9), size=SMALL.size, mild=1)
    with torch.inference_mode():
        gallery = network.eval()(whole.permute(0, 2, 3, 1) * 255)
        queries = network(torch.cat(sight).permute(0, 2, 3, 1) * 255)
    best = (queries @ gallery.T).argmax(1)
    return float((best == torch.arange(len(planes)).repeat(6)).float().mean())


def test_a_few_steps_on_films_lower_the_loss_and_find_more() -> None:
    frames, recipe = paint_films(), replace(GROUPS, views="both", epochs=6, batch_size=24)
    seen: list[Progress] = []
    before = _recall(small_network(), frames)
    batches = GroupBatches(frames, recipe, steps=10, members=2)
    trained = train(small_network(), batches, recipe, on_progress=seen.append)
    losses = [progress.loss for progress in seen]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.5
    assert _recall(trained.network, frames) > before + 0.1
    assert [progress.step for progress in seen] == list(range(1, 61))
    assert (seen[-1].fraction_done, seen[-1].seconds_left, seen[-1].epoch) == (1, 0, 6)
    assert seen[-1].pictures == trained.pictures == 60 * 2 * 24
    assert trained.rows == ()


def test_memory_adds_negatives() -> None:
    plain, remembering = _train(tiny_recipe()), _train(tiny_recipe(memory=20))
    assert not _same_weights(plain.network, remembering.network)
    # The first batch has nothing to remember, the others have extra negatives.
    assert plain.rows[1].loss is not None
    assert remembering.rows[1].loss is not None
    assert remembering.rows[1].loss > plain.rows[1].loss + 0.1


def test_time_is_a_limit_too() -> None:
    recipe = replace(GROUPS, epochs=1000)
    batches = GroupBatches(paint_films(2), recipe, steps=1000)
    trained = train(small_network(), batches, recipe, minutes=0.005)
    assert 1 <= trained.steps < 100


def test_at_least_one_step_is_trained() -> None:
    batches = PairBatches(MATERIAL, tiny_recipe())
    evaluate = partial(score_network, training_data=MATERIAL, batch=5)
    trained = train(
        _network(tiny_recipe()), batches, tiny_recipe(), evaluate=evaluate, minutes=1e-9
    )
    assert trained.steps == 1
    assert [row.epoch for row in trained.rows] == [0, 1]


@pytest.mark.parametrize(
    "recipe",
    [
        tiny_recipe(epochs=10, batch_size=32, learning_rate=3e-3),
        tiny_recipe("seed", epochs=10, batch_size=32, network=replace(PLAIN, stages=6)),
    ],
    ids=["ours", "seed"],
)
def test_training_improves_retrieval_of_unseen_pictures(recipe: Recipe) -> None:
    material, rows = make_painted_data(160, 48), list[LogRow]()
    trained = _train(recipe, material=material, epoch=rows.append)
    assert tuple(rows) == trained.rows
    assert [row.epoch for row in rows] == list(range(11))
    assert rows[0].loss is None
    assert all(row.loss is not None and math.isfinite(row.loss) for row in rows[1:])
    best = max(rows[1:], key=lambda row: row.mrr)
    assert best.mrr > rows[0].mrr + 0.06
    assert trained.best_epoch == best.epoch
    assert score_network(trained.network, material, batch=48).mrr == pytest.approx(
        best.mrr, abs=0.03
    )


@pytest.mark.parametrize("name", ["ours", "seed"])
def test_the_same_seed_gives_the_same_figures_and_another_seed_others(name: str) -> None:
    first, second = _train(tiny_recipe(name)), _train(tiny_recipe(name))
    assert first.rows == second.rows
    assert _same_weights(first.network, second.network)
    assert _train(tiny_recipe(name, seed=1)).rows[1:] != first.rows[1:]


@pytest.mark.parametrize(("name", "memory"), [("ours", 0), ("ours", 20), ("seed", 0)])
def test_training_interrupted_at_any_step_ends_the_same(
    name: str, memory: int, tmp_path: Path
) -> None:
    recipe = tiny_recipe(name, memory=memory)
    expected = _train(recipe)
    for step in range(1, expected.steps + 1):
        folder = tmp_path / f"{name}{step}"
        with pytest.raises(CutOffError):
            _train(recipe, folder, cut_at=step)
        before = read_log(folder / LOG_FILE)
        assert len(before) == 1 + (step - 1) // 3
        again: list[int] = []
        rows: list[LogRow] = []
        # Other initial weights: nothing of the new network may survive.
        found = _train(
            recipe,
            folder,
            seed=7,
            progress=lambda now, again=again: again.append(now.step),  # type: ignore[misc]
            epoch=rows.append,
        )
        assert again == list(range(step, expected.steps + 1))
        assert found.rows == expected.rows
        assert tuple(rows) == expected.rows[len(before) :]
        assert [row.epoch for row in read_log(folder / LOG_FILE)] == [0, 1, 2]
        assert (found.steps, found.pictures) == (expected.steps, expected.pictures) == (6, 96)
        assert _same_weights(found.network, expected.network)


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    first = _train(tiny_recipe(), tmp_path)
    steps: list[Progress] = []
    second = _train(tiny_recipe(), tmp_path, seed=3, progress=steps.append)
    assert steps == []
    assert second.rows == first.rows
    assert _same_weights(second.network, first.network)


def test_the_log_is_a_table_with_a_row_before_training(tmp_path: Path) -> None:
    trained = _train(tiny_recipe(epochs=1), tmp_path)
    lines = (tmp_path / LOG_FILE).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "epoch,loss,acc1,acc5,acc10,acc20,mrr"
    assert lines[1].startswith("0,,0.")
    assert lines[2].startswith("1,")
    assert float(lines[2].split(",")[1]) > 0
    assert len(lines) == 3
    assert [row.mrr for row in read_log(tmp_path / LOG_FILE)] == pytest.approx(
        [row.mrr for row in trained.rows], abs=1e-6
    )


def test_training_stops_when_it_gets_no_better() -> None:
    recipe = tiny_recipe(epochs=9, patience=2)
    figures = iter([0.9, 0.2, 0.3, 0.3, 0.1, 0.8])

    def evaluate(_: EmbeddingNetwork) -> Scores:
        return Scores(0.1, 0.2, 0.3, 0.4, mrr=next(figures), count=24)

    trained = train(_network(recipe), PairBatches(MATERIAL, recipe), recipe, evaluate=evaluate)
    assert [row.mrr for row in trained.rows] == [0.9, 0.2, 0.3, 0.3, 0.1]
    # Not the one before training: what was not trained is no result of a training.
    assert trained.best_epoch == 2


def test_layers_that_drop_something_drop_the_same_after_a_cut(tmp_path: Path) -> None:
    recipe = tiny_recipe(network=replace(TINY, backbone="convnext_tiny"), epochs=1, averaging=None)
    expected = _train(recipe)
    with pytest.raises(CutOffError):
        _train(recipe, tmp_path, cut_at=2)
    assert _train(recipe, tmp_path, seed=7).rows == expected.rows


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    recipe = tiny_recipe(epochs=1)
    _train(recipe, tmp_path)
    with pytest.raises(WeightsError, match=rf"{CHECKPOINT_FILE}: .*other options"):
        _train(tiny_recipe(epochs=1, seed=5), tmp_path)
    file = tmp_path / CHECKPOINT_FILE
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=rf"{CHECKPOINT_FILE}: not a checkpoint"):
        _train(recipe, tmp_path)


@pytest.mark.parametrize("at", [0, 20, 0.3, 0.5, 0.9, -1])
def test_one_wrong_bit_in_a_checkpoint_is_noticed(at: float, tmp_path: Path) -> None:
    """torch itself would take up a wrong weight without a word."""
    recipe = tiny_recipe(epochs=1)
    _train(recipe, tmp_path)
    file = tmp_path / CHECKPOINT_FILE
    content = bytearray(file.read_bytes())
    content[int(at * len(content)) if 0 < at < 1 else int(at)] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsError, match="not a checkpoint; delete it to begin again"):
        _train(recipe, tmp_path)


@pytest.mark.parametrize(
    ("spoilt", "value"),
    [
        *product(("network", "optimizer", "average"), (None, {}, 1)),
        *product(["memory"], ({}, 1)),
        *product(["counts"], (None, {"no": 1}, [1])),
        *product(["rows"], (None, [{"epoch": 1}], [1])),
    ],
)
def test_a_state_that_does_not_fit_is_refused(spoilt: str, value: object, tmp_path: Path) -> None:
    recipe = tiny_recipe(epochs=1)
    state = TrainingState(_network(recipe), recipe, PairBatches(MATERIAL, recipe).id)
    saved = state.state_dict()
    save_checkpoint(tmp_path / CHECKPOINT_FILE, saved | {spoilt: value})
    with pytest.raises(WeightsError, match=rf"{CHECKPOINT_FILE}: .*delete it to begin again"):
        _train(recipe, tmp_path)


def test_the_batch_of_judging_and_the_place_of_weights_make_no_other_training(
    tmp_path: Path,
) -> None:
    first = _train(tiny_recipe(epochs=1), tmp_path)
    steps: list[Progress] = []
    found = _train(tiny_recipe(epochs=1, evaluation_batch=7), tmp_path, progress=steps.append)
    assert (steps, found.rows) == ([], first.rows)


def test_a_checkpoint_of_other_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _train(tiny_recipe(epochs=1), tmp_path)
    monkeypatch.setattr(recipes, "CODE_VERSION", recipes.CODE_VERSION + 1)
    with pytest.raises(WeightsError, match=r"another version; delete it to begin again"):
        _train(tiny_recipe(epochs=1), tmp_path)


def test_nan_loss_stops_at_once() -> None:
    network = _network(tiny_recipe())
    with torch.no_grad():
        next(network.trunk.parameters()).fill_(math.nan)
    with pytest.raises(TrainingError, match=r"nan, at step 1: .*lower learning rate than 0\.001"):
        train(network, PairBatches(MATERIAL, tiny_recipe()), tiny_recipe())


def test_weights_that_are_no_numbers_are_no_result() -> None:
    """Means of batches that ran over are not seen in the loss, only in use."""
    network = _network(tiny_recipe("seed"))
    network.get_buffer("trunk.1.running_mean").fill_(math.inf)
    with pytest.raises(TrainingError, match="a weight is no longer a number, at step 4"):
        train(network, PairBatches(MATERIAL, tiny_recipe("seed")), tiny_recipe("seed"))


def test_one_picture_is_too_few() -> None:
    frames = paint_films(1)
    one = FrameSet(
        pictures=frames.pictures[:1],
        thumbnails=frames.thumbnails[:1],
        films=frames.films[:1],
        seconds=frames.seconds[:1],
        names=frames.names,
    )
    with pytest.raises(TrainingError, match="two frames"):
        GroupBatches(one, GROUPS, steps=1)
    with pytest.raises(TrainingError, match="two pictures; there are 1"):
        PairBatches(make_painted_data(1, 2), tiny_recipe())


def test_training_does_not_use_the_global_generator() -> None:
    recipe = tiny_recipe("seed", network=PLAIN, epochs=1)
    network = _network(recipe)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(network, PairBatches(MATERIAL, recipe), recipe)
    assert torch.equal(torch.rand(3), expected)
