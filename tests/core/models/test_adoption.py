import json
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper
from trained_models import trained_model, write_report

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.models.adoption import (
    HISTORY_FILE,
    RefusedError,
    revert_model,
    use_model,
)
from whenanime_pipeline.core.models.registry import find_model_in_use, list_models
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    base_model_folder,
    compute_model_id,
)
from whenanime_pipeline.core.search.errors import ModelError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_model_is_used_and_left_again(home: Home) -> None:
    first, second = trained_model(home, seed=1), trained_model(home, seed=2)
    write_report(home.models / first, rival=list_models(home)[0].id, loss_finite=True)
    write_report(home.models / second, rival=first, loss_finite=True)
    change = use_model(home, first[:8])
    assert (change.model.id, change.previous, change.changed) == (first, "base", True)
    assert change.model.in_use
    assert change.notes == ("`whenanime index` makes the index with it.",)
    assert find_model_in_use(home.models) == home.models / first
    assert use_model(home, second).previous == first
    assert revert_model(home).model.id == first
    assert find_model_in_use(home.models) == home.models / first
    assert revert_model(home).model.is_shipped
    assert find_model_in_use(home.models) == base_model_folder()
    with pytest.raises(ModelError, match="no model was used before base; choose one"):
        revert_model(home)


def test_adopting_the_model_in_use_changes_nothing(home: Home) -> None:
    name = trained_model(home, seed=1)
    write_report(home.models / name, better_than_in_use=False)
    assert not use_model(home, "base").changed
    assert not (home.models / HISTORY_FILE).exists()
    use_model(home, name, anyway=True)
    again = use_model(home, name)
    assert (again.changed, again.previous, again.notes) == (False, name, ())
    assert revert_model(home).model.is_shipped


@settings(max_examples=20)
@given(wishes=st.lists(st.sampled_from(["base", "one", "two", "three", "back"]), max_size=12))
def test_the_way_back_is_the_way_there(tmp_path_factory, wishes: list[str]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    home = Home(tmp_path_factory.mktemp("home"))
    for seed, name in enumerate(["one", "two", "three"]):
        trained_model(home, seed=seed, name=name)
    expected = ["base"]
    for wish in wishes:
        if wish != "back":
            use_model(home, wish)
            expected += [wish] if wish != expected[-1] else []
        elif len(expected) > 1:
            revert_model(home)
            expected.pop()
        else:
            with pytest.raises(ModelError, match="no model was used before"):
                revert_model(home)
        assert [model.name for model in list_models(home) if model.in_use] == expected[-1:]


def test_failed_checks_keep_a_model_out_until_the_operator_insists(home: Home) -> None:
    name = trained_model(home, seed=1)
    write_report(home.models / name, loss_finite=True, better_than_in_use=False, export_equal=False)
    with pytest.raises(RefusedError) as refused:
        use_model(home, name)
    said = str(refused.value)
    assert said.startswith(f"{name}: not used")
    assert "better_than_in_use (better_than_in_use says False); export_equal (" in said
    assert "loss_finite" not in said
    assert "anyway" not in said  # how to insist is said by who was asked
    assert find_model_in_use(home.models) == base_model_folder()
    assert not (home.models / HISTORY_FILE).exists()
    change = use_model(home, name, anyway=True)
    assert change.notes[0].startswith(
        "Used although checks of its report failed: better_than_in_use ("
    )
    assert find_model_in_use(home.models) == home.models / name


def test_a_model_without_a_report_is_used_with_a_remark(home: Home) -> None:
    change = use_model(home, trained_model(home, seed=1))
    assert change.changed
    assert change.notes[0].startswith("It has no report")
    assert not any("report" in note for note in use_model(home, "base").notes)


@pytest.mark.parametrize("content", [None, '{"model_id": "x", "che', "{}"])
def test_a_model_trained_here_is_not_used_unseen(home: Home, content: str | None) -> None:
    """Its report was deleted, cut short, or never made."""
    name = trained_model(home, seed=1, here=True)
    if content is not None:
        (home.models / name / "report.json").write_text(content)
    with pytest.raises(RefusedError, match=r"no report that can be read.*`whenanime train`"):
        use_model(home, name)
    assert find_model_in_use(home.models) == base_model_folder()
    change = use_model(home, name, anyway=True)
    assert change.notes[0].startswith("Used although it was trained here and has no report")
    assert len(change.notes) == 2
    use_model(home, "base")
    assert revert_model(home).model.name == name


def test_a_report_about_another_model_in_use_does_not_count(home: Home) -> None:
    base = list_models(home)[0].id
    first, second = (trained_model(home, seed=seed, here=True) for seed in (1, 2))
    for name in (first, second):
        write_report(home.models / name, rival=base, better_than_in_use=True)
    assert len(use_model(home, first).notes) == 1
    with pytest.raises(RefusedError, match=f"compares it with {base}, and not with {first}, .*run"):
        use_model(home, second)
    change = use_model(home, second, anyway=True)
    assert change.notes[0].startswith(f"Used although its report compares it with {base}")
    assert revert_model(home).model.name == first
    write_report(home.models / second, rival=first, better_than_in_use=True)
    assert len(use_model(home, second).notes) == 1


def test_the_base_model_is_the_rival_of_a_damaged_model_in_use(home: Home) -> None:
    """As reports have it: nothing can be compared with what cannot be loaded."""
    base = list_models(home)[0].id
    name = trained_model(home, seed=1, here=True)
    write_report(home.models / name, rival=base, better_than_in_use=True)
    (home.models / "IN_USE").write_text("lost\n")
    assert use_model(home, name).previous == "lost"


def _rewritten(folder: Path, model: onnx.ModelProto) -> None:
    """Write another network under an id that fits, as one who means ill or well would."""
    content = model.SerializeToString()
    meta = json.loads((folder / META_FILE).read_text())
    meta["model_id"] = compute_model_id(content, meta)
    (folder / ONNX_FILE).write_bytes(content)
    (folder / META_FILE).write_text(json.dumps(meta))


def _with(folder: Path, projection: NDArray[np.float32]) -> None:
    model = onnx.load(folder / ONNX_FILE)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(projection, "projection"))
    _rewritten(folder, model)


def _no_network(folder: Path) -> None:
    meta = json.loads((folder / META_FILE).read_text())
    meta["model_id"] = compute_model_id(b"no network", meta)
    (folder / ONNX_FILE).write_bytes(b"no network")
    (folder / META_FILE).write_text(json.dumps(meta))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / ONNX_FILE).write_bytes(b"cut"), "do not belong together"),
        (_no_network, "ONNX Runtime cannot load it"),
        (lambda f: _with(f, np.full((192, 32), np.nan, np.float32)), "no vector of 32"),
        (lambda f: _with(f, np.ones((192, 16), np.float32)), "no vector of 32|takes no picture"),
        (lambda f: _with(f, np.ones((7, 32), np.float32)), "takes no picture|cannot load it"),
    ],
)
def test_unusable_models_are_refused_even_with_anyway(home: Home, damage, words: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    trained_model(home, seed=1, name="bad")
    damage(home.models / "bad")
    for anyway in (False, True):
        with pytest.raises(ModelError, match=words):
            use_model(home, "bad", anyway=anyway)
    assert find_model_in_use(home.models) == base_model_folder()


def test_a_model_too_short_for_the_options_is_refused(home: Home) -> None:
    name = trained_model(home, seed=1, dimension=16)
    home.config_file.write_text("[index]\ndimension = 24\n")
    with pytest.raises(ModelError, match=r"config\.toml: index\.dimension asks for 24"):
        use_model(home, name)
    home.config_file.unlink()
    use_model(home, name)
    use_model(home, "base")
    home.config_file.write_text("[index]\ndimension = 24\n")
    with pytest.raises(ModelError, match="take the option away first"):
        revert_model(home)


def test_a_missing_model_in_use_can_be_replaced(home: Home) -> None:
    name = trained_model(home, seed=1)
    (home.models / "IN_USE").write_text("lost\n")
    assert use_model(home, name).previous == "lost"
    with pytest.raises(ModelError, match="lost"):
        revert_model(home)
    assert find_model_in_use(home.models) == home.models / name
    assert use_model(home, "base").model.is_shipped


@pytest.mark.parametrize("content", ["[1]", "{}", '["on', ""])
def test_a_damaged_history_is_reported(home: Home, content: str) -> None:
    name = trained_model(home, seed=1)
    (home.models / HISTORY_FILE).write_text(content)
    with pytest.raises(ModelError, match="HISTORY: damaged; delete it"):
        revert_model(home)
    with pytest.raises(ModelError, match="HISTORY: damaged; delete it"):
        use_model(home, name)


def test_a_crash_between_history_and_pointer_keeps_both(home: Home) -> None:
    first, second = trained_model(home, seed=1), trained_model(home, seed=2)
    use_model(home, first)
    history = (home.models / HISTORY_FILE).read_bytes()
    use_model(home, second)
    # The history was written and the pointer was not:
    (home.models / "IN_USE").write_text(first + "\n")
    assert revert_model(home).model.is_shipped
    # The pointer was written and the history was not:
    use_model(home, first)
    (home.models / "IN_USE").unlink()
    assert (home.models / HISTORY_FILE).read_bytes() == history
    with pytest.raises(ModelError, match="no model was used before"):
        revert_model(home)


def test_concurrent_switches_are_serialised(home: Home) -> None:
    name = trained_model(home, seed=1)
    with home.lock("models"):
        other = threading.Thread(target=use_model, args=(home, name))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        assert find_model_in_use(home.models) == base_model_folder()
    other.join()
    assert find_model_in_use(home.models) == home.models / name
