"""One new episode of a library: what is read, looked up and planned, and how often."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from sample_videos import copy_workspace, episode_path, index, write_film

from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.search.embedding.model_files import read_model
from whenanime_pipeline.core.search.snapshot.build import plan_update
from whenanime_pipeline.core.search.snapshot.publish import inspect_index
from whenanime_pipeline.core.search.status import _look_up
from whenanime_pipeline.core.workspace import Workspace

EPISODES = 9


@contextmanager
def count_calls(*functions: Callable[..., Any]) -> Iterator[Counter[str]]:
    """Count the calls of some functions, whatever name they are imported under."""
    codes: dict[CodeType, str] = {one.__code__: one.__name__ for one in functions}
    counted: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in codes:
            counted[codes[frame.f_code]] += 1

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield counted
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An indexed library of nine episodes, and a tenth that is new."""

    def make(workspace: Workspace) -> None:
        for number in range(1, EPISODES + 1):
            write_film(episode_path(workspace, number), seed=number, seconds=1)
        assert index(workspace).indexed == EPISODES

    workspace = copy_workspace("nine-episodes", make, tmp_path)
    write_film(episode_path(workspace, EPISODES + 1), seed=EPISODES + 1, seconds=1)
    return workspace


def test_one_new_episode_is_planned_once(workspace: Workspace) -> None:
    with count_calls(load_catalogue, read_model, _look_up, plan_update, inspect_index) as calls:
        outcome = index(workspace)
    assert outcome.published
    assert outcome.indexed == 1
    assert calls["load_catalogue"] == 1
    assert calls["read_model"] == 1
    assert 0 < calls["_look_up"] <= 2 * (EPISODES + 1)
    assert calls["plan_update"] == 1
    assert calls["inspect_index"] == 1


def test_an_unchanged_library_is_planned_once_and_not_built(workspace: Workspace) -> None:
    index(workspace)
    with count_calls(load_catalogue, read_model, _look_up, plan_update, inspect_index) as calls:
        outcome = index(workspace)
    assert not outcome.published
    assert calls == {
        "load_catalogue": 1,
        "read_model": 1,
        "_look_up": EPISODES + 1,
        "plan_update": 1,
    }


def test_a_catalogue_changed_by_another_process_is_read_again(workspace: Workspace) -> None:
    first = workspace.load_catalogue()
    assert workspace.load_catalogue() is first
    index(workspace)
    assert len(workspace.load_catalogue().episodes) == EPISODES + 1


def test_a_model_adopted_meanwhile_is_used(workspace: Workspace) -> None:
    before = workspace.model_meta
    (workspace.home.models / "IN_USE").unlink()
    assert workspace.model_meta.model_id != before.model_id
    assert workspace.embedder.model_id == workspace.model_meta.model_id
