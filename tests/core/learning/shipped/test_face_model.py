from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.characters.embedding.face_embedder import FaceEmbedder
from whenanime_pipeline.core.learning.characters.face_batches import BatchShape
from whenanime_pipeline.core.learning.characters.fine_tuning import FineTuningOptions
from whenanime_pipeline.core.learning.network.weights import load_network
from whenanime_pipeline.core.learning.shipped.face_model import (
    SIDE,
    TRAINING,
    FaceModelOptions,
    train_face_network,
    write_face_model,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    SheetOptions,
    draw_sheet,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.stored_sheets import load_or_draw_sheet
from whenanime_pipeline.core.npz_file import NpzError

SMALL = replace(TRAINING, styles=2, names=2, drawings=2, side=64)


def test_drawn_pieces_are_stored_and_read_again(tmp_path: Path) -> None:
    options = replace(SMALL, styles=12, names=1, drawings=1)
    drawn = load_or_draw_sheet(tmp_path, options, seed=3)
    pieces = sorted(tmp_path.iterdir())
    times = [path.stat().st_mtime_ns for path in pieces]
    again = load_or_draw_sheet(tmp_path, options, seed=3)
    assert len(pieces) == 2
    assert times == [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    assert np.array_equal(again.crops, drawn.crops)
    assert np.array_equal(drawn.crops, draw_sheet(options, seed=3).crops)
    other = load_or_draw_sheet(tmp_path, replace(options, siblings=0.0), seed=3)
    assert len(list(tmp_path.iterdir())) == 4
    assert len(other) == 24
    pieces[1].write_bytes(b"PK")
    with pytest.raises(NpzError):
        load_or_draw_sheet(tmp_path, options, seed=3)


def test_model_is_trained_calibrated_and_loads(tmp_path: Path) -> None:
    options = FaceModelOptions(
        sheet=SMALL, shape=BatchShape(2, 2, 2), tuning=FineTuningOptions(steps=2)
    )
    network = train_face_network(draw_sheet(SMALL), options)
    faces = SheetOptions("validation", styles=2, names=3, drawings=11, siblings=0.0)
    model_id = write_face_model(network, options, tmp_path / "model", faces)
    embedder = FaceEmbedder.load(tmp_path / "model")
    assert embedder.model_id == model_id
    assert embedder.network.meta.input.width == SIDE
    assert embedder.calibration.weights[0] > 0
    extra = embedder.network.meta.model_extra
    assert extra is not None
    assert extra["recipe"]["steps"] == 2
    assert extra["training"]["drawn"]["styles"] == 2
    weights = load_network(tmp_path / "model").state_dict()
    for name, value in network.state_dict().items():
        assert np.allclose(value.numpy(), weights[name].numpy(), atol=2e-3), name
