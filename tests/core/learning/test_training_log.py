from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.learning.network.devices import select_device, uses_bf16
from whenanime_pipeline.core.learning.training.log import (
    HEADER,
    LOG_FILE,
    LogRow,
    read_log,
    write_log,
)
from whenanime_pipeline.core.learning.training.progress import Progress

_figure = st.integers(0, 1_000_000).map(lambda value: value / 1_000_000)
_rows = st.builds(
    LogRow,
    epoch=st.integers(0, 1000),
    loss=st.one_of(st.none(), _figure.map(lambda value: value * 100)),
    acc1=_figure, acc5=_figure, acc10=_figure, acc20=_figure, mrr=_figure,
)  # fmt: skip


@given(st.lists(_rows, max_size=5))
def test_log_survives_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, rows: list[LogRow]
) -> None:
    path = tmp_path_factory.mktemp("log") / LOG_FILE
    write_log(path, rows)
    for found, row in zip(read_log(path), rows, strict=True):
        assert (found.epoch, found.mrr, found.acc20) == (row.epoch, row.mrr, row.acc20)
        assert found.loss == (None if row.loss is None else pytest.approx(row.loss, abs=1e-6))
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(HEADER)


@pytest.mark.parametrize(
    "content", ["", "a,b\n1,2\n", ",".join(HEADER) + "\n1,0.5\n", ",".join(HEADER) + "\nx,,,,,,\n"]
)
def test_invalid_log_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / LOG_FILE
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LearningError, match=rf"{LOG_FILE}: not the log of a training"):
        read_log(path)
    with pytest.raises(LearningError, match="gone"):
        read_log(tmp_path / "gone")


def test_precision_is_as_said_and_else_as_the_hardware_has_it() -> None:
    cpu = torch.device("cpu")
    assert uses_bf16("bf16", cpu)
    assert not uses_bf16("fp32", cpu)
    assert isinstance(uses_bf16("auto", select_device()), bool)


def test_time_left_is_in_proportion() -> None:
    progress = Progress(25, 100, 1, 4, fraction_done=0.25, loss=1.0, pictures=50, seconds=30.0)
    assert progress.seconds_left == pytest.approx(90)
