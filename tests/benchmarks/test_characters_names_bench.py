"""`whenanime bench characters_names`: measures with known answers, and a small run."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.characters_names import Options, measure
from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.face_naming.measures import (
    compute_auroc,
    measure_linear_layer,
    rank_truth,
)
from benchmarks.support.face_naming.stills import leave_one_drawing_out, read_stills
from whenanime_pipeline.core.learning.characters.naming_calibration import NamedVectors
from whenanime_pipeline.core.search.embedding.vectors import normalise_rows


def test_rank_of_the_truth_counts_ties_against_it() -> None:
    scores = np.array([[0.9, 0.1, 0.2, 0.0, 0.0, 0.0]] * 4)
    truth = np.array([0, 2, 3, -1])
    assert rank_truth(scores, truth) == pytest.approx((1 / 3, 2 / 3))


def test_auroc_equals_the_share_of_ordered_pairs() -> None:
    rng = np.random.default_rng(0)
    scores, known = np.round(rng.normal(0, 1, 60), 1), rng.random(60) < 0.4
    pairs = scores[known][:, None] - scores[~known][None, :]
    expected = (pairs > 0).mean() + 0.5 * (pairs == 0).mean()
    assert compute_auroc(scores, known) == pytest.approx(expected)
    with pytest.raises(ValueError, match="known and unknown"):
        compute_auroc(scores, np.ones(60, np.bool_))


def test_linear_layer_learns_separable_names() -> None:
    rng = np.random.default_rng(0)
    names = np.repeat(np.arange(6), 30)
    centres = rng.normal(0, 1, (6, 24))
    vectors = normalise_rows((centres[names] + rng.normal(0, 0.2, (180, 24))).astype(np.float32))
    faces = NamedVectors(vectors, names, names * 0, np.arange(180) // 2, np.full(180, 60.0))
    scores = measure_linear_layer(faces, 2, 0)
    assert scores.top1 > 0.97
    assert scores.top5 == 1
    assert scores.auroc > 0.8


def test_stills_are_named_by_other_drawings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = ["file,character,x0,y0,x1,y1,note"]
    for name, colour in (("a", (0, 0, 255)), ("b", (255, 0, 0))):
        for number in range(2):
            picture = np.full((400, 640, 4), (*colour, 255), np.uint8)
            picture[..., :3] = np.clip(
                picture[..., :3] + rng.integers(0, 30, (400, 640, 3)), 0, 255
            )
            cv2.imwrite(str(tmp_path / f"{name}{number}.png"), picture)
            lines.append(f"{name}{number}.png,{name},100,100,200,200,")
    (tmp_path / "faces.csv").write_text("\n".join(lines))
    stills = read_stills(tmp_path)
    vectors = normalise_rows(np.stack([crop.mean(axis=(0, 1)) for crop in stills.crops]))
    assert stills.names == ["a", "a", "b", "b"]
    assert stills.crops[0].shape == (144, 144, 3)
    assert leave_one_drawing_out(vectors.astype(np.float32), stills) == 1
    (tmp_path / "a0.png").unlink()
    with pytest.raises(BenchmarkError, match=r"a0\.png"):
        read_stills(tmp_path)
    with pytest.raises(BenchmarkError, match="is missing"):
        read_stills(tmp_path / "none")


def test_small_run_measures_every_system_on_both_kinds_of_faces(tmp_path: Path) -> None:
    room = BenchmarkContext(tmp_path, tmp_path, None, lambda _: None)
    options = Options(names=6, casts=1, styles=6, members=1, faces=24, labels=3, repeats=1)
    report = measure(room, options)
    rows = report.details["systems"]
    assert len(rows) == 5 * 3
    assert {row["system"] for row in rows} >= {"ours", "base model, linear layer, 8:1:1"}
    values = {figure.name: figure.value for figure in report.figures}
    assert values["one style: top-1"] > 1 / 6
    assert all(0 <= row[key] <= 1 for row in rows for key in ("top-1", "top-5", "AUROC"))
