import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import make_model
from hypothesis import given, settings
from hypothesis import strategies as st
from painted_frames import SMALL, paint_frame, small_network
from validation_data import (
    adopt,
    make_validation_data,
    make_validation_places,
    replace_projection,
    update_meta,
)

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import compute_ranks, evaluate_retrieval
from whenanime_pipeline.core.learning.network.export import export_network, write_model
from whenanime_pipeline.core.learning.network.weights import WEIGHTS_FILE, pack_weights
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.report.mistakes import FrameLocation, find_worst_mistakes
from whenanime_pipeline.core.learning.report.model_report import (
    ModelReport,
    make_report,
    read_report,
)
from whenanime_pipeline.core.learning.training.log import LogRow, write_log
from whenanime_pipeline.core.models.registry import Check, find_model
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder, read_model
from whenanime_pipeline.core.search.embedding.vectors import normalise_rows
from whenanime_pipeline.core.search.errors import ModelError

MATERIAL = make_validation_data()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network's folder."""
    folder = tmp_path_factory.mktemp("exported")
    pictures = np.stack([squeeze_to_square(paint_frame(seed), SMALL.size) for seed in range(3)])
    write_model(folder, export_network(small_network(), pictures), {})
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def model(home: Home, exported: Path) -> Path:
    return Path(shutil.copytree(exported, home.models / read_model(exported)[0].model_id))


def _check(report: ModelReport, name: str) -> Check:
    (found,) = (check for check in report.checks if check.name == name)
    return found


def test_a_report_says_what_the_exported_model_does(home: Home, model: Path) -> None:
    rival = adopt(home)
    report = make_report(home, model, MATERIAL, locations=make_validation_places())
    embedder = Embedder.load(model)
    ours = evaluate_retrieval(embedder.embed(MATERIAL.originals), embedder.embed(MATERIAL.views))
    assert report.metrics == ours
    other = Embedder.load(rival)
    assert report.baseline_metrics == evaluate_retrieval(
        other.embed(MATERIAL.originals), other.embed(MATERIAL.views)
    )
    assert (report.model_id, report.baseline_id) == (model.name, other.model_id)
    assert report.difference.value == pytest.approx(
        ours.views_to_originals.scores.mrr - report.baseline_metrics.views_to_originals.scores.mrr
    )
    assert [check.name for check in report.checks] == [
        "loss_finite", "better_than_in_use", "export_equal",
    ]  # fmt: skip
    assert read_report(model) == report
    assert find_model(home, model.name).checks == report.checks
    assert report.notes == ()


def test_better_is_decided_on_the_same_frames(home: Home, model: Path) -> None:
    good = adopt(home)
    against_good = _check(make_report(home, model, MATERIAL), "better_than_in_use")
    assert not against_good.passed  # mean colours find noisy pictures better than random weights
    assert f"of the model in use ({read_model(good)[0].model_id}), on 24 frames" in (
        against_good.says
    )
    assert " worse, " in against_good.says
    replace_projection(good, np.full((192, 32), 0.1, np.float32))  # one vector for everything
    report = make_report(home, model, MATERIAL)
    assert report.baseline_metrics.views_to_originals.scores.acc1 == 0
    won = _check(report, "better_than_in_use")
    assert won.passed
    assert " better, beyond chance (95 % interval +" in won.says


def test_without_another_model_there_is_the_base_model_to_beat(home: Home, model: Path) -> None:
    report = make_report(home, model, MATERIAL)
    assert report.baseline_id == read_model(base_model_folder())[0].model_id
    assert "of the base model (" in _check(report, "better_than_in_use").says


def test_a_model_that_is_as_good_is_not_better(home: Home) -> None:
    adopt(home)
    copy = make_model(home.models / "copy", seed=1)
    update_meta(copy, remark="another id")
    check = _check(make_report(home, copy, MATERIAL), "better_than_in_use")
    assert not check.passed
    assert "0.0000 no better, within chance" in check.says


def test_a_model_in_use_is_compared_with_the_base_model(home: Home) -> None:
    used = adopt(home)
    report = make_report(home, used, MATERIAL)
    assert report.baseline_id == read_model(base_model_folder())[0].model_id
    assert report.notes == ("It is in use itself, and is compared with the base model.",)


def test_a_model_in_use_that_is_broken_is_replaced_by_the_base_model(
    home: Home, model: Path
) -> None:
    (adopt(home) / "model.onnx").write_bytes(b"cut")
    report = make_report(home, model, MATERIAL)
    assert report.baseline_id == read_model(base_model_folder())[0].model_id
    assert report.notes[0].startswith("The model in use cannot be loaded")


def test_a_damaged_model_gets_no_report(home: Home, model: Path) -> None:
    (model / "model.onnx").write_bytes(b"cut")
    with pytest.raises(ModelError, match="do not belong together"):
        make_report(home, model, MATERIAL)
    assert read_report(model) is None


def _log(*losses: float) -> Callable[[Path], None]:
    rows = [LogRow(0, None, 0, 0, 0, 0, 0)]
    rows += [LogRow(epoch, loss, 0, 0, 0, 0, 0) for epoch, loss in enumerate(losses, start=1)]
    return lambda folder: write_log(folder / "train_log.csv", rows)


@pytest.mark.parametrize(
    ("prepare", "passed", "words"),
    [
        (_log(2.5, 0.125), True, "2 epochs, all finite, 0.125 at the end"),
        (_log(2.5, np.nan, 1.0), False, "nan in epoch 2"),
        (_log(np.inf), False, "inf in epoch 1"),
        (lambda _: None, True, "all 48 vectors are numbers; there is no train_log.csv"),
        (lambda f: (f / "train_log.csv").write_text("a,b\n1\n"), False, "train_log.csv"),
    ],
)
def test_losses_must_be_finite(home: Home, prepare, passed: bool, words: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    folder = make_model(home.models / "a")
    prepare(folder)
    check = _check(make_report(home, folder, MATERIAL), "loss_finite")
    assert (check.passed, words in check.says) == (passed, True), check.says


def test_nan_embeddings_fail_the_check(home: Home) -> None:
    folder = make_model(home.models / "a")
    replace_projection(folder, np.full((192, 32), np.nan, np.float32))
    report = make_report(home, folder, MATERIAL)
    assert _check(report, "loss_finite").says == "48 of 48 vectors are no numbers"
    assert {check.name for check in report.failed_checks} >= {"loss_finite", "better_than_in_use"}
    assert report.metrics.views_to_originals.scores.mrr < 0.05
    json.loads((folder / "report.json").read_text(), parse_constant=pytest.fail)
    assert read_report(folder) == report


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.write_bytes(pack_weights(small_network(seed=3))), "least cosine"),
        (lambda file: file.write_bytes(file.read_bytes()[:999]), "damaged"),
        (lambda file: file.write_bytes(pickle.dumps({"a": 1})), "a pickle"),
        (lambda file: file.unlink(), "cannot be read"),
    ],
)
def test_weights_that_differ_from_the_onnx_file_fail_the_check(
    home: Home, model: Path, spoil: Callable[[Path], object], words: str
) -> None:
    assert _check(make_report(home, model, MATERIAL), "export_equal").passed
    spoil(model / WEIGHTS_FILE)
    check = _check(make_report(home, model, MATERIAL), "export_equal")
    assert not check.passed
    assert words in check.says


def test_biases_in_favour_of_a_model_are_noted(home: Home, model: Path) -> None:
    rival = adopt(home, training={"dataset": "another split"})
    few = make_validation_data(19)
    (first, second) = make_report(home, model, few).notes
    assert first == (
        "Only 19 validation frames: figures from fewer than 20 say little; take more frames a "
        "video, or index more episodes."
    )
    assert second.startswith(f"{read_model(rival)[0].model_id}, which it is compared with, may")
    update_meta(rival, training={"dataset": MATERIAL.dataset, "material": "of other views"})
    assert make_report(home, model, MATERIAL).notes == ()
    update_meta(rival, training={"films": ["Show - S01E02.mkv"]})
    places = make_validation_places()
    assert len(make_report(home, model, MATERIAL, locations=places).notes) == 1
    update_meta(rival, training=["of an unknown kind"])
    assert make_report(home, model, MATERIAL, locations=places).notes == ()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"model_id": 1}', "null"])
def test_a_report_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    assert read_report(tmp_path) is None


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(0, 1000), st.integers(1, 5))
def test_the_worst_mistakes_are_those_with_the_widest_margin(
    count: int, seed: int, most: int
) -> None:
    rng = np.random.default_rng(seed)
    originals = normalise_rows(rng.standard_normal((count, 4)).astype(np.float32))
    views = normalise_rows(originals + rng.standard_normal((count, 4)).astype(np.float32))
    places = [FrameLocation(f"{row}.mkv", row) for row in range(count)]
    found = find_worst_mistakes(
        views, originals, compute_ranks(views, originals), places, most=most
    )
    margins = []
    for row, view in enumerate(views):
        cosines = originals @ view
        own, cosines[row] = cosines[row], -2
        margins.append(cosines.max() - own if count > 1 else -1)
    wrong = sorted((margin for margin in margins if margin >= 0), reverse=True)
    assert [one.similarity - one.right_similarity for one in found] == pytest.approx(
        wrong[:most], abs=1e-6
    )
    for one in found:
        assert one.rank > 1
        assert one.found != one.row
        nearest = float(originals[one.found] @ views[one.row])
        assert one.similarity == pytest.approx(nearest, abs=1e-6)
        assert (one.query, one.answer) == (str(places[one.row]), str(places[one.found]))


def test_frame_locations_are_readable() -> None:
    assert str(FrameLocation("Show/Season 01/Show - S01E02.mkv", 754.4)) == (
        "Show/Season 01/Show - S01E02 12:34"
    )
    assert str(FrameLocation("時.mkv", 4199.7)) == "時 70:00"
