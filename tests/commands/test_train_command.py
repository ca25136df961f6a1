"""`whenanime train` as a person has it: what it says, and that stopping it loses nothing."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import dagster as dg
import pytest
from learning_library import make_learning_library
from sample_videos import draw_shots, new_workspace, write_film_of
from test_command_line import Run, whenanime, whenanime_here
from torchvision import models
from typer.testing import CliRunner

from whenanime_pipeline.cli import app
from whenanime_pipeline.core.learning.training.log import LOG_FILE, read_log
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.orphaned_runs import OWNER_LOCKS, TRAIN_OWNER, UNFINISHED_STATUSES
from whenanime_pipeline.orchestration.dagster_instance import open_instance

TINY = ["--backbone", "squeezenet1_1", "--size", "32", "--batch-size", "8", "--frames", "6"]


def _words(workspace: Workspace, *more: str) -> list[str]:
    places = ["--home", str(workspace.home.root), "--videos", str(workspace.videos_folder)]
    return ["train", *places, *TINY, *more]


def _unfinished(workspace: Workspace) -> int:
    with open_instance(workspace.home) as instance:
        return instance.get_runs_count(dg.RunsFilter(statuses=UNFINISHED_STATUSES))


@contextmanager
def _training(workspace: Workspace, *more: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the command until its third epoch is done, then the block."""
    command = [sys.executable, "-u", "-m", "whenanime_pipeline", *_words(workspace, *more)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("epoch 3: loss"):
                break
        yield process
        process.kill()


def test_from_a_folder_to_a_model_and_back(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path)
    done = whenanime(*_words(workspace, "--epochs", "2", "--json"))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "epoch 2: loss" in done.stderr  # progress is no part of the document
    assert (answer["training_frames"], answer["validation_frames"]) == (18, 6)
    assert (answer["trained_now"], answer["in_use"]) == (True, False)
    assert answer["after"]["views_to_originals"]["count"] == 6
    assert {check["name"] for check in answer["checks"]} >= {"loss_finite", "export_equal"}
    rows = read_log(Path(answer["folder"]) / LOG_FILE)
    assert [row.epoch for row in rows] == [0, 1, 2]
    assert rows[0].loss is None

    again = whenanime(*_words(workspace, "--epochs", "2"))
    assert (again.returncode, again.stderr) == (0, "")
    assert f"model {answer['model']}: had been trained already" in again.stdout
    assert f"whenanime models use {answer['model']}" in again.stdout
    assert "epoch" not in again.stdout.splitlines()[0]
    assert not (workspace.home.root / "features").exists()

    home = ["--home", str(workspace.home.root)]
    listed = json.loads(whenanime_here("models", "list", "--json", *home).stdout)["models"]
    assert {model["id"]: model["in_use"] for model in listed}[answer["model"]] is False
    compared = whenanime_here("models", *home, "compare", "--json", answer["model"])
    assert json.loads(compared.stdout)["frames"] == 6
    used = whenanime_here("models", "use", answer["model"], "--anyway", *home)
    assert used.stdout.startswith(f"{answer['model']} is in use now"), used.stderr
    assert f"*  {answer['model']}" in whenanime_here("models", *home).stdout
    back = json.loads(whenanime_here("models", *home, "back", "--json").stdout)
    assert (back["before"], back["changed"]) == (answer["model"], True)
    nothing = whenanime("models", *home, "use", "nosuch")
    assert nothing.returncode == 1
    assert nothing.stderr.startswith("error: nosuch: no such model")


def test_a_killed_training_is_resumed_after_others(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path)
    with _training(workspace, "--epochs", "12") as process:
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    assert _unfinished(workspace) == 1
    other = whenanime(*_words(workspace, "--epochs", "1"))
    assert other.returncode == 0, other.stderr
    (line,) = (line for line in other.stdout.splitlines() if line.startswith("a training was"))
    assert re.fullmatch(r"a training was interrupted after epoch \d+ with .*; starting again", line)
    # What runs at the same time marks the dead run, and so does the next training.
    assert _unfinished(workspace) == 0
    again = whenanime(*_words(workspace, "--epochs", "12", "--json"))
    assert again.returncode == 0, again.stderr
    assert "resuming in epoch" in again.stderr
    assert "starting again" not in again.stderr
    assert "before training" not in again.stderr
    assert "epoch 3: loss" not in again.stderr
    rows = read_log(Path(json.loads(again.stdout)["folder"]) / LOG_FILE)
    assert [row.epoch for row in rows] == list(range(rows[-1].epoch + 1))
    assert not list(workspace.home.models.glob("training-*"))


def test_ctrl_c_prints_how_to_resume(tmp_path: Path) -> None:
    workspace = make_learning_library(tmp_path)
    with _training(workspace, "--epochs", "200") as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr
        (line,) = process.stderr.read().splitlines()
        assert process.wait(60) == 130
    assert line == "Stopped. What is done is kept: the same command continues."
    assert _unfinished(workspace) == 0
    assert list(workspace.home.models.glob("training-*"))


@pytest.mark.parametrize("lock", [OWNER_LOCKS[TRAIN_OWNER], "train"])
def test_two_trainings_at_once_are_refused(tmp_path: Path, lock: str) -> None:
    """Whether the other is a command's or one of the UI."""
    workspace = new_workspace(tmp_path)
    with workspace.home.lock(lock):
        done = whenanime_here(*_words(workspace))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {workspace.home.root}: another training is at this home")


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_episodes_are_said_in_one_line(tmp_path: Path, count: int) -> None:
    done = whenanime_here(*_words(make_learning_library(tmp_path, count=count)))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "two" in line


def test_flat_frames_are_named(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    for number in (1, 2):
        black = [picture * 0 for picture in draw_shots(number, 4)]
        write_film_of(workspace.videos_folder / f"Show - S01E0{number}.mp4", black)
    done = whenanime_here(*_words(workspace))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "Show - S01E01.mp4" in line


@pytest.mark.parametrize(
    ("run", "words", "said"),
    [
        (whenanime, ["--recipe", "nosuch"], "nosuch: no recipe of that name"),
        (whenanime_here, ["--backbone", "nosuch"], "nosuch: torchvision has no network of that"),
        (whenanime_here, ["--lr", "-1"], "learning_rate"),
        (whenanime_here, ["--init", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_option_is_said_before_any_work(
    tmp_path: Path, run: Run, words: list[str], said: str
) -> None:
    workspace = make_learning_library(tmp_path, count=1)
    done = run(*_words(workspace, *words))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert said in line
    assert not workspace.home.catalogue_file.exists()


def test_weights_that_cannot_be_loaded_are_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download of torchvision's that was cut short."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    kept = tmp_path / "torch/hub/checkpoints" / Path(models.SqueezeNet1_1_Weights.DEFAULT.url).name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"PK\x03\x04 cut")
    workspace = make_learning_library(tmp_path, count=1)
    done = whenanime_here(*_words(workspace, "--init", "torchvision"))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {kept}: not torchvision's weights")
    assert not workspace.home.catalogue_file.exists()


def test_a_missing_torch_is_reported_with_instructions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "whenanime_pipeline.commands.options.find_spec",
        lambda name: None if name == "torch" else find_spec(name),
    )
    done = CliRunner().invoke(app, ["train", "--home", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stderr == "error: torch is not installed; pip install 'whenanime[train]'\n"
