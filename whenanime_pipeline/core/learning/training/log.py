"""Reads and writes `train_log.csv`: the metrics of a training, a row an epoch."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.learning.errors import LearningError

if TYPE_CHECKING:
    import pandas as pd

LOG_FILE = "train_log.csv"


@dataclass(frozen=True, slots=True)
class LogRow:
    """Validation metrics of one epoch: views as queries, originals as the gallery.

    Attributes:
        epoch: number of the epoch, 0 before training.
        loss: mean loss over the epoch's pictures; None before training.
        acc1: share of the views whose original ranks first.
        acc5: share of the views whose original is among the first five.
        acc10: share of the views whose original is among the first ten.
        acc20: share of the views whose original is among the first twenty.
        mrr: mean reciprocal rank, with 0 for ranks beyond twenty.
    """

    epoch: int
    loss: float | None
    acc1: float
    acc5: float
    acc10: float
    acc20: float
    mrr: float


HEADER = tuple(field.name for field in fields(LogRow))


def write_log(path: Path, rows: Sequence[LogRow]) -> None:
    """Replace a log atomically.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        epoch, *figures = astuple(row)
        writer.writerow([epoch, *("" if value is None else f"{value:.6f}" for value in figures)])
    write_text(path, text.getvalue())


def read_log(path: Path) -> list[LogRow]:
    """Read a log.

    Raises:
        LearningError: it is missing, or not the log of a training.
    """
    try:
        header, *lines = csv.reader(path.read_text(encoding="utf-8").splitlines())
        if tuple(header) != HEADER:
            raise ValueError(f"its header is {','.join(header)}")
        return [
            LogRow(int(epoch), float(loss) if loss else None, *map(float, figures))
            for epoch, loss, *figures in lines
        ]
    except (OSError, ValueError, TypeError) as error:
        raise LearningError(f"{path}: not the log of a training: {error}") from error


def make_table(rows: Sequence[LogRow]) -> "pd.DataFrame":
    """Return a log as a table: a float column for each figure, indexed by epoch.

    Args:
        rows: of a log; a missing loss becomes NaN.
    """
    import pandas as pd

    table = pd.DataFrame([astuple(row) for row in rows], columns=HEADER)
    return table.astype(dict.fromkeys(HEADER[1:], float)).set_index("epoch")
