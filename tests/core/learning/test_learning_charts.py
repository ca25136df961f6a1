import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from judged_models import judging_material, pixels
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.evaluation import Difference, judge
from whenanime_pipeline.core.learning.report.charts import (
    MOST_BYTES,
    loss_chart,
    metrics_chart,
    mistakes_sheet,
    sample_batches,
)
from whenanime_pipeline.core.learning.report.mistakes import Mistake
from whenanime_pipeline.core.learning.report.report import Report
from whenanime_pipeline.core.learning.training.log import LogRow

MATERIAL = judging_material(12)


def _rows(epochs: int) -> list[LogRow]:
    return [LogRow(0, None, 0.1, 0.2, 0.3, 0.4, 0.15)] + [
        LogRow(n, 1 / n, *(1 - k / n / 6 for k in (5, 4, 3, 2, 4.5))) for n in range(1, epochs + 1)
    ]


def _report(mistakes: int) -> Report:
    vectors = np.eye(12, dtype=np.float32)
    both = judge(vectors, vectors)
    return Report(
        model_id="a", made="", material=MATERIAL.id, judged=both, rival="b", rival_judged=both,
        difference=Difference(0, 0, 0), checks=(), notes=(),
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
@pytest.mark.parametrize("chart", [loss_chart, metrics_chart])
def test_curves_are_small_and_readable_on_any_page(chart, epochs: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    png = chart(_rows(epochs))
    assert png.startswith(b"\x89PNG")
    assert len(png) < MOST_BYTES
    _readable(pixels(png))


def test_a_curve_follows_its_figures() -> None:
    falling, rising = _rows(20), [replace(row, loss=row.epoch + 1.0) for row in _rows(20)]

    def heights(rows: list[LogRow]) -> list[float]:
        picture = pixels(loss_chart(rows)).astype(int)
        blue = (picture[..., 2] - picture[..., 0] > 100) & (picture[..., 3] > 128)
        columns = np.flatnonzero(blue.any(0))
        ends = blue[:, columns[:5]], blue[:, columns[-5:]]
        return [float(np.nonzero(end)[0].mean()) for end in ends]

    first, last = heights(falling)
    assert first < last - 100  # rows are counted from above
    first, last = heights(rising)
    assert first > last + 100


def test_a_loss_that_is_no_number_leaves_a_gap() -> None:
    rows = _rows(5)
    assert loss_chart([*rows, replace(rows[-1], epoch=6, loss=float("nan"))])


@pytest.mark.parametrize("pairs", [1, 2, 7, 12])
def test_samples_stand_beside_their_twins(pairs: int) -> None:
    count = max(pairs, 2)
    dark, bright = (
        np.zeros((count, 40, 40, 3), np.uint8),
        np.full((count, 30, 30, 3), 250, np.uint8),
    )
    dark[..., 0], bright[..., :2] = 180, 0  # sources red, twins blue
    picture = pixels(sample_batches(dark, bright, pairs=pairs)).astype(int)
    solid = picture[..., 3] == 255
    red = solid & (picture[..., 0] > 120) & (picture[..., 2] < 60)
    blue = solid & (picture[..., 2] > 180) & (picture[..., 0] < 60)
    assert red.sum() / blue.sum() == pytest.approx(16 / 9, rel=0.1)
    across = min(pairs, 2)
    edges = (np.diff(red.any(0).astype(int)) == 1).sum() + int(red[:, 0].any())
    assert edges == across


def test_noise_which_nothing_compresses_is_still_small() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 320, 320, 3), dtype=np.uint8)
    assert len(sample_batches(noise, noise, pairs=30)) < MOST_BYTES


def test_mistakes_are_shown_with_the_answer_and_what_was_right() -> None:
    sheets = [mistakes_sheet(_report(count), MATERIAL) for count in (1, 5, 12)]
    assert all(sheet and len(sheet) < MOST_BYTES for sheet in sheets)
    assert len(set(sheets)) == 3
    assert mistakes_sheet(_report(0), MATERIAL) is None


def test_a_report_on_other_frames_is_not_shown_with_these() -> None:
    with pytest.raises(ValueError, match="cannot be shown with"):
        mistakes_sheet(_report(2), judging_material(12, seed=1))


def test_nothing_is_drawn_before_it_is_asked_for() -> None:
    code = (
        "import sys; import whenanime_pipeline.core.learning.report.charts;"
        "print(*{n.split('.')[0] for n in sys.modules} & {'matplotlib', 'torch'})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
