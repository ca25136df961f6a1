import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from small_disks import mount_small_disk
from training_material import make_painted_data, tiny_recipe

from whenanime_pipeline.core.files import compute_checksum
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import ExportError, TrainingError
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.export import ExportedModel, export_network
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.network.weights import load_network
from whenanime_pipeline.core.learning.training import model_training as work
from whenanime_pipeline.core.learning.training.checkpoint import CHECKPOINT_FILE
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.model_training import TrainedModel, ensure_model
from whenanime_pipeline.core.learning.training.network_evaluation import evaluate_network
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe, build_recipe
from whenanime_pipeline.core.learning.training.unfinished_trainings import (
    UnfinishedTraining,
    list_unfinished_trainings,
    training_folder,
)
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, compute_model_id

MATERIAL = make_painted_data()


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class CutOffError(Exception):
    pass


def _cut_at(step: int, progress: Progress) -> None:
    if progress.step == step:
        raise CutOffError


def _names(home: Home) -> set[str]:
    return {path.name for path in home.models.iterdir()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, TrainedModel]:
    home = Home(tmp_path_factory.mktemp("trained"))
    torch.set_num_threads(1)
    return home, ensure_model(home, MATERIAL, tiny_recipe(), trained_on={"episodes": ["a", "b"]})


def test_a_training_makes_a_model_with_a_log(trained: tuple[Home, TrainedModel]) -> None:
    home, done = trained
    assert done.folder == home.models / done.model_id
    assert _names(home) == {done.model_id}
    assert done.seconds is not None
    assert [row.epoch for row in done.rows] == [0, 1, 2]
    assert [row.epoch for row in read_log(done.folder / LOG_FILE)] == [0, 1, 2]
    embedder = Embedder.load(done.folder)
    assert embedder.model_id == done.model_id
    meta = json.loads((done.folder / "meta.json").read_text(encoding="utf-8"))
    assert meta["training"]["id"] == done.training_id
    assert meta["training"]["episodes"] == ["a", "b"]
    assert meta["training"]["material"] == MATERIAL.id
    assert meta["training"]["dataset"] == MATERIAL.dataset
    assert meta["weights"] == compute_checksum(done.folder / "weights.safetensors")
    assert meta["training"]["initial"]["name"] == "random"
    assert meta["recipe"]["views"] == "both"
    assert RetrievalMetrics.from_json(meta["metrics"]["before"]) == done.metrics_before
    assert RetrievalMetrics.from_json(meta["metrics"]["after"]) == done.metrics_after


def test_before_and_after_are_those_of_the_first_and_the_written_network(
    trained: tuple[Home, TrainedModel],
) -> None:
    _, done = trained
    untrained = build_initial_network(tiny_recipe(), MATERIAL).network
    assert evaluate_network(untrained, MATERIAL, batch=64) == done.metrics_before
    assert evaluate_network(load_network(done.folder), MATERIAL, batch=64) == done.metrics_after
    assert done.metrics_before.views_to_originals.scores.mrr == pytest.approx(done.rows[0].mrr)
    written = Embedder.load(done.folder)
    with torch.inference_mode():
        kept = load_network(done.folder)(torch.from_numpy(MATERIAL.views[:, :32, :32].copy()))
    found = written.embed(list(MATERIAL.views[:, :32, :32]))
    assert (found * kept.numpy()).sum(1).min() > 0.9999


def test_same_training_is_not_repeated(trained: tuple[Home, TrainedModel]) -> None:
    home, done = trained
    steps: list[Progress] = []
    again = ensure_model(home, MATERIAL, tiny_recipe(evaluation_batch=7), on_progress=steps.append)
    assert steps == []
    assert (again.folder, again.model_id, again.best_epoch) == (
        done.folder, done.model_id, done.best_epoch,
    )  # fmt: skip
    assert (again.metrics_before, again.metrics_after, again.seconds) == (
        done.metrics_before,
        done.metrics_after,
        None,
    )
    assert _names(home) == {done.model_id}


@pytest.mark.parametrize(
    ("material", "asked"),
    [
        (replace(MATERIAL, id="another"), tiny_recipe(epochs=1)),
        (MATERIAL, tiny_recipe(epochs=1)),
        (MATERIAL, tiny_recipe(epochs=1, seed=1)),
        (MATERIAL, tiny_recipe(epochs=1, learning_rate=1e-4)),
    ],
)
def test_other_inputs_are_another_training(
    trained: tuple[Home, TrainedModel], tmp_path: Path, material: TrainingData, asked: Recipe
) -> None:
    home, _ = trained
    other = Home(tmp_path)
    other.models.parent.mkdir(exist_ok=True)
    other.models.symlink_to(home.models)

    with pytest.raises(CutOffError):
        ensure_model(other, material, asked, on_progress=lambda now: _cut_at(1, now))


def test_damaged_model_is_trained_again(tmp_path: Path) -> None:
    asked = tiny_recipe(epochs=1)
    done = ensure_model(Home(tmp_path), MATERIAL, asked)
    content = (done.folder / "model.onnx").read_bytes()
    for name in ("model.onnx", "weights.safetensors", LOG_FILE):
        damaged = Home(tmp_path / name)
        shutil.copytree(done.folder, damaged.models / done.model_id)
        (damaged.models / done.model_id / name).write_bytes((done.folder / name).read_bytes()[:-40])
        with pytest.raises(CutOffError):
            ensure_model(damaged, MATERIAL, asked, on_progress=lambda now: _cut_at(1, now))
    weights = done.folder / "weights.safetensors"
    kept = bytearray(weights.read_bytes())
    kept[-40] ^= 1
    weights.write_bytes(kept)
    again = ensure_model(Home(tmp_path), MATERIAL, asked)
    assert (again.model_id, again.seconds is not None) == (done.model_id, True)
    assert weights.read_bytes() != kept
    assert (done.folder / "model.onnx").read_bytes() == content


def test_model_without_a_weights_checksum_stays_valid(tmp_path: Path) -> None:
    done = ensure_model(Home(tmp_path), MATERIAL, tiny_recipe(epochs=1))
    meta = json.loads((done.folder / META_FILE).read_text())
    del meta["weights"]
    meta["model_id"] = compute_model_id((done.folder / "model.onnx").read_bytes(), meta)
    (done.folder / META_FILE).write_text(json.dumps(meta))
    assert ensure_model(Home(tmp_path), MATERIAL, tiny_recipe(epochs=1)).seconds is None


def test_remains_of_old_trainings_are_deleted_with_the_next_model(tmp_path: Path) -> None:
    home, day = Home(tmp_path), 24 * 3600
    for seed in (1, 2, 3):
        with pytest.raises(CutOffError):
            ensure_model(
                home,
                MATERIAL,
                tiny_recipe(epochs=2, seed=seed),
                on_progress=lambda now: _cut_at(4, now),
            )
    empty = training_folder(home, "0123")
    empty.mkdir()
    unfinished = list_unfinished_trainings(home)
    assert [one.epoch for one in unfinished] == [1, 1, 1]
    assert all(isinstance(one, UnfinishedTraining) for one in unfinished)
    assert unfinished[0].modified_at >= unfinished[1].modified_at >= unfinished[2].modified_at
    for age, one in zip((0.9 * day, 1.1 * day), unfinished[1:], strict=True):
        folder = training_folder(home, one.training_id)
        for path in (*folder.iterdir(), folder):
            os.utime(path, (time.time() - age,) * 2)
    os.utime(empty, (0, 0))
    oldest = training_folder(home, unfinished[2].training_id)
    done = ensure_model(home, MATERIAL, tiny_recipe(epochs=1))
    left = {training_folder(home, one.training_id).name for one in unfinished[:2]}
    assert _names(home) == {done.model_id, *left}
    assert not oldest.exists()


def test_an_unusable_training_is_reported_with_the_folder_to_delete(tmp_path: Path) -> None:
    home = Home(tmp_path)

    def spoil(network: EmbeddingNetwork, _: object) -> ExportedModel:
        with torch.no_grad():
            next(network.parameters()).fill_(1e6)
        return export_network(network, _some(network))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "export_network", spoil)
        with pytest.raises(
            ExportError, match=r"not finite in half .*lower learning rate"
        ) as raised:
            ensure_model(home, MATERIAL, tiny_recipe(epochs=1))
    (left,) = home.models.iterdir()
    assert str(raised.value).endswith(f"delete {left}")


def _some(network: EmbeddingNetwork) -> NDArray[np.uint8]:
    return np.zeros((2, network.options.size, network.options.size, 3), np.uint8)


def test_interrupted_training_resumes_to_the_same_model(
    trained: tuple[Home, TrainedModel], tmp_path: Path
) -> None:
    _, done = trained
    home = Home(tmp_path)
    for step in (1, 4, 6):
        with pytest.raises(CutOffError):
            ensure_model(home, MATERIAL, tiny_recipe(), on_progress=partial(_cut_at, step))
        assert _names(home) == {training_folder(home, done.training_id).name}
    rows: list[LogRow] = []
    found = ensure_model(
        home, MATERIAL, tiny_recipe(), trained_on={"episodes": ["a", "b"]}, on_epoch=rows.append
    )
    assert [row.epoch for row in rows] == [2]
    assert (found.rows, found.metrics_after, found.model_id) == (
        done.rows,
        done.metrics_after,
        done.model_id,
    )
    assert _names(home) == {done.model_id}


_KILLED = """
import sys, torch
sys.path[:0] = sys.argv[2:]
torch.set_num_threads(1)
from pathlib import Path
from training_material import make_painted_data, tiny_recipe
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.model_training import ensure_model
ensure_model(Home(Path(sys.argv[1])), make_painted_data(), tiny_recipe(),
            on_progress=lambda now: print(now.step, flush=True))
"""


def test_killed_training_resumes(trained: tuple[Home, TrainedModel], tmp_path: Path) -> None:
    _, done = trained
    command = [sys.executable, "-c", _KILLED, str(tmp_path), *filter(None, sys.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "5\n":
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    steps: list[int] = []
    found = ensure_model(
        Home(tmp_path), MATERIAL, tiny_recipe(), on_progress=lambda now: steps.append(now.step)
    )
    assert steps[0] == 4  # the second epoch's first: the first one is saved
    assert (found.rows, found.metrics_after) == (done.rows, done.metrics_after)


def test_a_second_training_of_one_home_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock("train"), pytest.raises(TrainingError, match=r"going on .* already"):
        ensure_model(home, MATERIAL, tiny_recipe())
    with pytest.raises(CutOffError):  # and can begin when the other has ended
        ensure_model(home, MATERIAL, tiny_recipe(), on_progress=lambda now: _cut_at(1, now))


def test_diverged_training_is_deleted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(TrainingError, match=r"the loss is nan, .*lower learning rate than 1e"):
        ensure_model(home, MATERIAL, tiny_recipe("seed", learning_rate=1e30))
    assert _names(home) == set()


def test_few_validation_frames_are_enough_and_none_are_not(tmp_path: Path) -> None:
    few = make_painted_data(9, 3)
    done = ensure_model(Home(tmp_path), few, tiny_recipe(epochs=1))
    assert done.metrics_after.views_to_originals.scores.count == 3
    assert done.metrics_after.views_to_originals.scores.acc5 == 1
    none = replace(few, originals=few.originals[:0], views=few.views[:0])
    with pytest.raises(TrainingError, match="no validation frames"):
        ensure_model(Home(tmp_path), none, tiny_recipe(epochs=1))


def test_a_trained_model_can_be_trained_further(trained: tuple[Home, TrainedModel]) -> None:
    home, done = trained
    asked = build_recipe("ours", init=str(done.folder), epochs=1, batch_size=8)
    assert asked.network == tiny_recipe().network
    further = ensure_model(home, MATERIAL, asked)
    assert further.metrics_before == done.metrics_after
    assert further.model_id != done.model_id


def test_pictures_may_be_mapped_and_read_only(tmp_path: Path) -> None:
    file = tmp_path / "pictures.npy"
    np.save(file, MATERIAL.pictures)
    mapped = replace(MATERIAL, pictures=np.load(file, mmap_mode="r"))
    with pytest.raises(CutOffError):
        ensure_model(Home(tmp_path), mapped, tiny_recipe(), on_progress=lambda now: _cut_at(2, now))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mount_small_disk(tmp_path / "disk", 4) as folder:
        yield folder


def test_full_disk_is_reported_and_the_last_checkpoint_stays(
    trained: tuple[Home, TrainedModel], small_disk: Path
) -> None:
    _, done = trained
    home, room = Home(small_disk / "home"), small_disk / "room"

    def fill(row: LogRow) -> None:
        if row.epoch == 1:
            with room.open("wb", buffering=0) as file:
                while file.write(bytes(4096)) == 4096:
                    pass

    with pytest.raises(OSError, match="No space left") as caught:
        ensure_model(home, MATERIAL, tiny_recipe(), on_epoch=fill)
    assert caught.value.errno == errno.ENOSPC
    room.unlink()
    folder = training_folder(home, done.training_id)
    room.write_bytes(
        bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - 4096)
    )
    with pytest.raises(OSError, match=rf"No space left.*{CHECKPOINT_FILE}"):
        ensure_model(home, MATERIAL, tiny_recipe())
    assert sorted(path.name for path in folder.iterdir()) == [CHECKPOINT_FILE, LOG_FILE]
    room.unlink()
    steps: list[int] = []
    found = ensure_model(
        home, MATERIAL, tiny_recipe(), on_progress=lambda now: steps.append(now.step)
    )
    assert steps == [4, 5, 6]
    assert found.metrics_after == done.metrics_after
