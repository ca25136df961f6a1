import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from validation_data import decode_png, make_validation_data

from whenanime_pipeline.core.learning.evaluation import MrrDifference, evaluate_retrieval
from whenanime_pipeline.core.learning.report.charts import (
    MAX_PNG_BYTES,
    draw_loss_chart,
    draw_metrics_chart,
    draw_mistakes,
    draw_view_pairs,
)
from whenanime_pipeline.core.learning.report.mistakes import Mistake
from whenanime_pipeline.core.learning.report.model_report import ModelReport
from whenanime_pipeline.core.learning.training.log import LogRow

MATERIAL = make_validation_data(12)


def _rows(epochs: int) -> list[LogRow]:
    return [LogRow(0, None, 0.1, 0.2, 0.3, 0.4, 0.15)] + [
        LogRow(n, 1 / n, *(1 - k / n / 6 for k in (5, 4, 3, 2, 4.5))) for n in range(1, epochs + 1)
    ]


def _report(mistakes: int) -> ModelReport:
    vectors = np.eye(12, dtype=np.float32)
    both = evaluate_retrieval(vectors, vectors)
    return ModelReport(
        model_id="a", created_at="", training_data_id=MATERIAL.id, metrics=both,
        baseline_id="b", baseline_metrics=both,
        difference=MrrDifference(0, 0, 0), checks=(), notes=(),
        mistakes=tuple(Mistake(n, (n + 5) % 12, 2, 0.9, 0.8) for n in range(mistakes)),
    )  # fmt: skip


def _contrast(gray: float, page: float) -> float:
    """The contrast of WCAG 2 for two grays, 0 to 255."""

    def light(value: float) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    high, low = sorted((light(gray), light(page)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _readable(picture: NDArray[np.uint8]) -> None:
    """What is drawn stands on nothing, and its grays stand out from white and from dark pages."""
    assert (picture[..., 3] == 0).mean() > 0.3
    solid = picture[picture[..., 3] == 255].astype(int)
    grays = solid[np.ptp(solid[:, :3], axis=1) < 4]
    assert len(grays) > 100
    level = float(np.median(grays[:, 0]))
    assert _contrast(level, 255) >= 3.9
    assert _contrast(level, 30) >= 3.9


@pytest.mark.parametrize("epochs", [0, 1, 50, 500])
@pytest.mark.parametrize("chart", [draw_loss_chart, draw_metrics_chart])
def test_curves_are_small_and_readable_on_any_page(chart, epochs: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    png = chart(_rows(epochs))
    assert png.startswith(b"\x89PNG")
    assert len(png) < MAX_PNG_BYTES
    _readable(decode_png(png))


def test_a_curve_follows_its_figures() -> None:
    falling, rising = _rows(20), [replace(row, loss=row.epoch + 1.0) for row in _rows(20)]

    def heights(rows: list[LogRow]) -> list[float]:
        picture = decode_png(draw_loss_chart(rows)).astype(int)
        blue = (picture[..., 2] - picture[..., 0] > 100) & (picture[..., 3] > 128)
        columns = np.flatnonzero(blue.any(0))
        ends = blue[:, columns[:5]], blue[:, columns[-5:]]
        return [float(np.nonzero(end)[0].mean()) for end in ends]

    first, last = heights(falling)
    assert first < last - 100  # rows are counted from above
    first, last = heights(rising)
    assert first > last + 100


def test_nan_loss_leaves_a_gap() -> None:
    rows = _rows(5)
    assert draw_loss_chart([*rows, replace(rows[-1], epoch=6, loss=float("nan"))])


@pytest.mark.parametrize("pairs", [1, 2, 7, 12])
def test_originals_are_next_to_their_views(pairs: int) -> None:
    count = max(pairs, 2)
    dark, bright = (
        np.zeros((count, 40, 40, 3), np.uint8),
        np.full((count, 30, 30, 3), 250, np.uint8),
    )
    dark[..., 0], bright[..., :2] = 180, 0  # sources red, views blue
    picture = decode_png(draw_view_pairs(dark, bright, pairs=pairs)).astype(int)
    solid = picture[..., 3] == 255
    red = solid & (picture[..., 0] > 120) & (picture[..., 2] < 60)
    blue = solid & (picture[..., 2] > 180) & (picture[..., 0] < 60)
    assert red.sum() / blue.sum() == pytest.approx(16 / 9, rel=0.1)
    across = min(pairs, 2)
    edges = (np.diff(red.any(0).astype(int)) == 1).sum() + int(red[:, 0].any())
    assert edges == across


def test_charts_of_incompressible_noise_are_small() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 320, 320, 3), dtype=np.uint8)
    assert len(draw_view_pairs(noise, noise, pairs=30)) < MAX_PNG_BYTES


def test_mistakes_are_shown_with_the_answer_and_what_was_right() -> None:
    sheets = [draw_mistakes(_report(count), MATERIAL) for count in (1, 5, 12)]
    assert all(sheet and len(sheet) < MAX_PNG_BYTES for sheet in sheets)
    assert len(set(sheets)) == 3
    assert draw_mistakes(_report(0), MATERIAL) is None


def test_a_report_on_other_frames_is_not_shown_with_these() -> None:
    with pytest.raises(ValueError, match="cannot be shown with"):
        draw_mistakes(_report(2), make_validation_data(12, seed=1))


def test_import_loads_neither_matplotlib_nor_torch() -> None:
    code = (
        "import sys; import whenanime_pipeline.core.learning.report.charts;"
        "print(*{n.split('.')[0] for n in sys.modules} & {'matplotlib', 'torch'})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
