import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from painted_frames import paint_frame, write_painted_film

from whenanime_pipeline.core.learning.shipped import base_model
from whenanime_pipeline.core.learning.shipped.base_training_stage import split_films
from whenanime_pipeline.core.learning.shipped.drawn_frames import draw_frames, load_or_draw_frames
from whenanime_pipeline.core.search.embedding.embedder import Embedder


def test_drawn_scenes_are_drawn_once(tmp_path: Path) -> None:
    drawn = draw_frames(5, side=48, seed=3)
    assert drawn.pictures.shape[1:] == (48, 48, 3)
    assert 5 < len(drawn) <= 20
    assert len(drawn.names) == 5
    assert (np.diff(drawn.films) >= 0).all()
    assert np.ptp(drawn.seconds) > 1
    kept = load_or_draw_frames(tmp_path, 5, side=48, seed=3)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = load_or_draw_frames(tmp_path, 5, side=48, seed=3)
    assert file.stat().st_mtime_ns == written
    for one in (kept, again):
        assert np.array_equal(one.pictures, drawn.pictures)
        assert np.array_equal(one.thumbnails, drawn.thumbnails)
        assert np.array_equal(one.films, drawn.films)
        assert np.array_equal(one.seconds, drawn.seconds)


def _films(folder: Path) -> Path:
    for series, seeds in {"A": (1, 2, 3), "B": (4, 5, 6)}.items():
        (folder / series / "Season 01").mkdir(parents=True)
        pictures = [paint_frame(seed) for seed in seeds]
        write_painted_film(folder / series / "Season 01" / f"{series} - 01.mp4", pictures)
    return folder


def test_films_are_left_out_by_their_folder(tmp_path: Path) -> None:
    films = split_films(_films(tmp_path), ["B"])
    assert [path.name for path in films.training] == ["A - 01.mp4"]
    assert [path.name for path in films.held_out] == ["B - 01.mp4"]
    assert split_films(None, []).training == ()
    with pytest.raises(typer.BadParameter, match="Season 02: no film is in a folder of that name"):
        split_films(tmp_path, ["Season 02"])


def test_two_training_stages_record_their_provenance(tmp_path: Path) -> None:
    films, first, second = _films(tmp_path / "films"), tmp_path / "first", tmp_path / "second"
    options: dict[str, Any] = {
        "scenes": 45,
        "side": 48,
        "minutes": 0.001,
        "batch": 4,
        "drawn": tmp_path,
    }
    base_model.main(first, **options)
    base_model.main(second, films=films, without=["B"], init=first, memory=8, **options)
    embedder = Embedder.load(second)
    assert embedder.dimension == 128
    began, meta = (json.loads((one / "meta.json").read_text()) for one in (first, second))
    assert began["training"]["films"] == []
    assert began["training"]["init"] is None
    assert "metrics" not in began
    assert meta["training"]["films"] == ["A - 01.mp4"]
    assert meta["training"]["without"] == ["B"]
    assert meta["training"]["init"] == began["model_id"]
    assert meta["training"]["drawn"]["scenes"] == 45
    assert meta["training"]["frames"] == began["training"]["frames"] + 3
    assert meta["recipe"]["memory"] == 8
    assert meta["recipe"]["done"]["steps"] >= 1
    assert set(meta["metrics"]["unseen"]) == {"queries", "top1_clean", "top1_mild", "top1_edited"}
    assert meta["metrics"]["learnt"]["queries"] > 0
