import json
import os
import shutil
from pathlib import Path

import pytest
from trained_models import trained_model, write_report

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.models.registry import find_model, list_models
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    base_model_folder,
    read_model,
)
from whenanime_pipeline.core.search.errors import ModelError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def _adopt(home: Home, name: str) -> None:
    home.models.mkdir(parents=True, exist_ok=True)
    (home.models / "IN_USE").write_text(name + "\n")


def test_a_new_home_uses_the_base_model(home: Home) -> None:
    (only,) = list_models(home)
    assert (only.name, only.in_use, only.is_shipped, only.problem) == ("base", True, True, None)
    assert only.id == read_model(base_model_folder())[0].model_id
    assert only.find_meta_value("network", "backbone") == "regnet_x_400mf"
    assert (
        only.find_meta_value("network", "backbone", "name")
        is only.find_meta_value("nothing", "there")
        is None
    )
    assert not home.root.exists()


def test_models_are_listed_in_the_order_they_were_made(home: Home) -> None:
    names = [trained_model(home, seed=seed) for seed in (1, 2, 3)]
    for age, name in enumerate(names):
        os.utime(home.models / name / META_FILE, (2_000_000_000 - age, 2_000_000_000 - age))
    _adopt(home, names[1])
    models = list_models(home)
    assert [model.id for model in models[1:]] == names[::-1]
    assert [model.id for model in models if model.in_use] == [names[1]]
    assert find_model(home, "latest").id == names[0]


def test_checks_are_those_of_the_models_own_report(home: Home) -> None:
    first, second, third = (trained_model(home, seed=seed) for seed in (1, 2, 3))
    write_report(home.models / first, loss_finite=True, export_equal=False)
    shutil.copy(home.models / first / "report.json", home.models / second)
    (home.models / third / "report.json").write_text('{"checks": [{"na')
    known = {model.id: model for model in list_models(home)}
    assert [check.name for check in known[first].failed_checks] == ["export_equal"]
    assert known[second].checks is known[third].checks is None
    assert known[second].failed_checks == ()


def _truncated(folder: Path) -> None:
    file = folder / ONNX_FILE
    file.write_bytes(file.read_bytes()[:1000])


def _of_another_version(folder: Path) -> None:
    meta = json.loads((folder / META_FILE).read_text()) | {"schema_version": 99}
    (folder / META_FILE).write_text(json.dumps(meta))


DAMAGES = {
    "do not belong together": _truncated,
    "a model of version 99": _of_another_version,
    "not a model's folder": lambda folder: (folder / META_FILE).unlink(),
    "meta.json": lambda folder: (folder / META_FILE).write_bytes(b"\xff\xfe{"),
    "has no attribute": lambda folder: (folder / META_FILE).write_text("[]"),
    "validation errors? for ModelMeta": lambda folder: (folder / META_FILE).write_text(
        '{"schema_version": 1, "input": 3}'
    ),
}


@pytest.mark.parametrize(("words", "damage"), DAMAGES.items(), ids=list(DAMAGES))
def test_a_damaged_model_is_listed_with_its_problem(home: Home, words, damage) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    sound, damaged = trained_model(home, seed=1), trained_model(home, seed=2)
    damage(home.models / damaged)
    known = {model.id: model for model in list_models(home)}
    assert known[sound].problem is None
    problem = known[damaged].problem or ""
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(problem)
    assert str(home.models / damaged) in problem
    assert find_model(home, "latest").id == sound


def test_unfinished_models_are_not_listed(home: Home) -> None:
    trained_model(home, seed=1, name="training-0123")
    trained_model(home, seed=2, name=".0123")
    (home.models / "HISTORY").write_text("[]")
    assert [model.name for model in list_models(home)] == ["base"]
    with pytest.raises(ModelError, match="no model was trained yet"):
        find_model(home, "latest")


def test_a_missing_model_in_use_is_reported(home: Home) -> None:
    _adopt(home, "lost")
    base, lost = list_models(home)
    assert (base.in_use, lost.in_use, lost.name, lost.created_at) == (False, True, "lost", None)
    assert "lost" in (lost.problem or "")


def test_a_model_is_found_by_the_beginning_of_its_id(home: Home) -> None:
    names = [trained_model(home, seed=seed) for seed in range(18)]  # two begin alike: 16 digits
    first = next(a for a in names if sum(b[0] == a[0] for b in names) > 1)
    assert find_model(home, first).id == first
    assert find_model(home, first[:11]).id == first
    with pytest.raises(ModelError, match=rf"^{first[0]}: could be any of .*{first}"):
        find_model(home, first[0])
    with pytest.raises(ModelError, match=r"^nothing: no such model in .*; there are base \("):
        find_model(home, "nothing")
    with pytest.raises(ModelError, match="no such model"):
        find_model(home, "")
    assert find_model(home, "base").is_shipped
    assert find_model(home, find_model(home, "base").id[:10]).is_shipped


def test_a_folder_may_be_named_otherwise_and_be_there_twice(home: Home) -> None:
    name = trained_model(home, seed=1, name="mine")
    shutil.copytree(home.models / "mine", home.models / name)
    assert find_model(home, "mine").name == "mine"
    assert find_model(home, name).name == name
    assert find_model(home, name[:8]).id == name
