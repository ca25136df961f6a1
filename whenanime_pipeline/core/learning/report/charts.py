"""Draws curves and contact sheets as PNGs for Dagster's UI, on light and dark pages.

Backgrounds are transparent and text is mid-gray, which is readable on both. Names of episodes are
left to the text next to a sheet, as the font lacks most scripts.
"""

from collections.abc import Sequence, Sized
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from whenanime_pipeline.core.learning.report.model_report import ModelReport
from whenanime_pipeline.core.learning.training.log import LogRow, make_table
from whenanime_pipeline.core.learning.training_data import TrainingData

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pictures = NDArray[np.uint8]
"""`(n, height, width, 3)` RGB."""

MAX_PNG_BYTES = 100_000
"""Largest PNG that Dagster's UI shows quickly."""
_DPI = 110
_COLOURS = 192
_INK = "#7f7f7f"  # contrast 4:1 to white, and 4.7:1 to the UI's dark gray
_CURVES = {
    "mrr": ("MRR", "#d9480f"),
    "acc1": ("top 1", "#1c7ed6"),
    "acc5": ("top 5", "#2f9e44"),
    "acc10": ("top 10", "#9c6ade"),
    "acc20": ("top 20", "#a08020"),
}
_FILM = 16 / 9  # what squeezed frames are shown at
_INCHES = 1.2  # a picture's height in a sheet
_GAP = 0.1  # between two groups of a sheet, in heights of a picture
_TEXT: dict[str, Any] = {"size": 9, "color": _INK}


def draw_loss_chart(rows: Sequence[LogRow]) -> bytes:
    """Draw the curve of the loss, as PNG.

    Args:
        rows: rows of a training log; those without a loss, as row 0, are skipped.
    """
    figure, axes = _chart("loss")
    losses = make_table(rows).loss
    axes.plot(losses.index, losses, color=_CURVES["acc1"][1], **_line(losses))
    last = losses.last_valid_index()
    if last is not None:
        axes.set_title(f"{losses[last]:.4g} after epoch {last}", loc="left", **_TEXT)
    return _png(figure)


def draw_metrics_chart(rows: Sequence[LogRow]) -> bytes:
    """Draw the curves of top-k accuracy and MRR on validation frames, as PNG.

    Args:
        rows: rows of a training log, at least one; row 0 is before training.
    """
    figure, axes = _chart("share of the validation frames")
    table = make_table(rows)
    best = table.mrr.idxmax()
    axes.axvline(best, color=_INK, linewidth=0.8, linestyle=":")
    for name, (label, colour) in _CURVES.items():
        values = table[name]
        text = f"{label}  {values.iloc[0]:.3f} → {values[best]:.3f}"
        axes.plot(values.index, values, color=colour, label=text, **_line(values))
    axes.set_title(f"before training → best epoch, {best}", loc="left", **_TEXT)
    axes.legend(
        loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, labelcolor=_INK, fontsize=9
    )
    return _png(figure)


def draw_view_pairs(
    originals: Pictures, views: Pictures, *, pairs: int = 8, seed: int = 0
) -> bytes:
    """Draw some pictures next to their augmented views, as PNG.

    Args:
        originals: square frames, shown in 16 to 9.
        views: view of each, of any size, shown in its own aspect.
        pairs: maximum number of pairs.
        seed: seed of their choice.
    """
    count = min(pairs, len(originals))
    rows = np.sort(np.random.default_rng(seed).choice(len(originals), count, replace=False))
    figure, cells = _sheet(count, (_FILM, 1.0))
    for cell, row in zip(cells, rows.tolist(), strict=True):
        _show(cell[0], originals[row], _FILM, "source")
        _show(cell[1], views[row], 1.0, "augmented")
    return _png(figure)


def draw_mistakes(
    report: ModelReport, training_data: TrainingData, *, most: int = 6
) -> bytes | None:
    """Draw the worst mistakes as PNG: a view, its nearest picture, and its original.

    Args:
        report: report with the mistakes.
        training_data: training data of the report.
        most: maximum number of mistakes.

    Returns:
        None when there are none.

    Raises:
        ValueError: the report was made on other training data.
    """
    if report.training_data_id != training_data.id:
        raise ValueError(
            f"a report on {report.training_data_id} cannot be shown with {training_data.id}"
        )
    mistakes = report.mistakes[:most]
    if not mistakes:
        return None
    figure, cells = _sheet(len(mistakes), (1.0, _FILM, _FILM))
    for number, (mistake, cell) in enumerate(zip(mistakes, cells, strict=True), start=1):
        found, right = training_data.originals[mistake.found], training_data.originals[mistake.row]
        _show(cell[0], training_data.views[mistake.row], 1.0, f"{number}. asked")
        _show(cell[1], found, _FILM, f"answered, {mistake.similarity:.3f}")
        _show(cell[2], right, _FILM, f"right, {mistake.right_similarity:.3f}, no. {mistake.rank}")
    return _png(figure)


def _chart(label: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel("epoch", **_TEXT)
    axes.set_ylabel(label, **_TEXT)
    axes.tick_params(colors=_INK, labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color=_INK, alpha=0.25, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_INK)
    axes.patch.set_alpha(0)
    return figure, axes


def _line(values: Sized) -> dict[str, Any]:
    """Return the style of a line, with markers if it is short."""
    return {"linewidth": 1.8, "marker": "o" if len(values) < 30 else None, "markersize": 3}


def _sheet(count: int, widths: Sequence[float]) -> "tuple[Figure, list[list[Axes]]]":
    """Return a figure for groups of pictures, two groups across, and the axes of each group.

    Args:
        count: number of groups.
        widths: widths of a group's pictures, relative to their height.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    across = min(count, 2)
    columns = [*widths, _GAP] * across
    figure = Figure(
        figsize=(sum(columns) * _INCHES, -(-count // across) * (_INCHES + 0.2)),
        layout=ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.04),
    )
    grid = figure.subplots(-(-count // across), len(columns), squeeze=False, width_ratios=columns)
    for axes in grid.flat:
        axes.set_axis_off()
    return figure, grid.reshape(-1, len(widths) + 1)[:count, :-1].tolist()


def _show(axes: "Axes", picture: NDArray[np.uint8], aspect: float, title: str) -> None:
    height, width = picture.shape[:2]
    axes.imshow(picture, aspect=width / height / aspect, interpolation="antialiased")
    axes.set_title(title, pad=2, **{**_TEXT, "size": 8})


def _png(figure: "Figure") -> bytes:
    """Return a figure as PNG, with fewer colours or smaller if it is too large."""
    dpi = float(_DPI)
    while True:
        buffer = BytesIO()
        figure.savefig(buffer, format="png", dpi=dpi, transparent=True)
        content = buffer.getvalue()
        if len(content) > MAX_PNG_BYTES:
            content = _fewer_colours(content)
        if len(content) <= MAX_PNG_BYTES:
            return content
        dpi *= min(0.9, 0.95 * (MAX_PNG_BYTES / len(content)) ** 0.5)


def _fewer_colours(png: bytes) -> bytes:
    buffer = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        reduced = picture.convert("RGBA").quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
        reduced.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
