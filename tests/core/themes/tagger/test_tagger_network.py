import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from simple_tracks import make_pictures, make_sound, make_tracks

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.models.registry import list_models
from whenanime_pipeline.core.themes.tagger.boundaries import refine_boundary, snap_to_cut
from whenanime_pipeline.core.themes.tagger.errors import TaggerError
from whenanime_pipeline.core.themes.tagger.features import compute_features
from whenanime_pipeline.core.themes.tagger.model_files import base_tagger_folder, read_tagger
from whenanime_pipeline.core.themes.tagger.network import (
    CHUNK,
    OVERLAP,
    MemberScores,
    TaggerNetwork,
    plan_chunks,
)
from whenanime_pipeline.core.themes.tagger.registry import (
    adopt_tagger,
    load_tagger,
    read_tagger_in_use,
)
from whenanime_pipeline.core.themes.tagger.viterbi import Chain


@pytest.mark.parametrize("cells", [1, 5, CHUNK, CHUNK + 1, CHUNK + OVERLAP, 7200, 10_001])
def test_chunks_cover_an_episode_once_with_surroundings(cells: int) -> None:
    chunks = plan_chunks(cells)
    assert [second for low, high, _, _ in chunks for second in range(low, high)] == list(
        range(cells)
    )
    for low, high, start, end in chunks:
        assert end - start <= CHUNK
        assert start == 0 or low - start == OVERLAP
        assert end == cells or end - high == OVERLAP


def test_chunks_change_little_of_the_scores() -> None:
    seconds = CHUNK + 300
    tracks = make_tracks(seconds, sound=make_sound(seconds), pictures=make_pictures(seconds))
    features = compute_features(tracks)
    network = TaggerNetwork.load(base_tagger_folder())
    for scores in network.score(features):
        assert scores.emissions.shape == (seconds, 4)
        assert scores.bounds.shape == scores.offsets.shape == (seconds, 2)
        assert np.isfinite(scores.emissions).all()
        assert ((scores.bounds >= 0) & (scores.bounds <= 1)).all()


def test_the_base_tagger_is_whole_and_small() -> None:
    meta, content = read_tagger(base_tagger_folder())
    assert len(content) < 1_000_000
    assert meta.dimension == 0
    assert len(meta.chains) % 2 == 1


def _scores(bounds: dict[tuple[int, int], tuple[float, float]]) -> MemberScores:
    chances, offsets = np.full((60, 2), 0.01, np.float32), np.full((60, 2), 0.5, np.float32)
    for (second, side), (chance, offset) in bounds.items():
        chances[second, side], offsets[second, side] = chance, offset
    nothing = Chain(np.zeros((4, 4), np.float32), *np.zeros((2, 4), np.float32))
    return MemberScores(np.zeros((60, 4), np.float32), chances, offsets, nothing)


def test_a_boundary_goes_to_its_part_of_the_second() -> None:
    scores = _scores({(21, 0): (0.9, 0.25), (40, 1): (0.9, 0.75)})
    assert refine_boundary(scores, 20, 0) == pytest.approx(21.25)
    assert refine_boundary(scores, 20, 1) == 20  # nothing ends there
    assert refine_boundary(scores, 42, 1) == pytest.approx(40.75)
    assert refine_boundary(scores, 30, 0) == 30  # too far from any
    assert refine_boundary(_scores({(0, 0): (0.9, 0.0)}), 0, 0) == 0


def test_a_boundary_goes_to_a_cut_nearby() -> None:
    cuts = np.array([10.0, 20.4])
    assert snap_to_cut(20.1, cuts) == 20.4
    assert snap_to_cut(15.0, cuts) == 15.0
    assert snap_to_cut(15.0, np.empty(0)) == 15.0


def test_a_tagger_is_adopted_and_no_retrieval_model(tmp_path: Path) -> None:
    home = Home(tmp_path)
    base = load_tagger(home).id
    assert read_tagger_in_use(home) == "base"
    shutil.copytree(base_tagger_folder(), home.theme_taggers / base)
    adopt_tagger(home, base)
    assert read_tagger_in_use(home) == base
    assert load_tagger(home).id == base
    assert [one.name for one in list_models(home)] == ["base"]
    adopt_tagger(home, "base")
    assert read_tagger_in_use(home) == "base"


@pytest.mark.parametrize("name", ["nowhere", "../base", ""])
def test_a_tagger_that_is_not_there_is_not_adopted(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path)
    with pytest.raises(TaggerError):
        adopt_tagger(home, name)
    assert read_tagger_in_use(home) == "base"


def test_a_damaged_tagger_and_one_of_another_version_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tagger"
    shutil.copytree(base_tagger_folder(), folder)
    (folder / "tagger.onnx").write_bytes(b"nothing")
    with pytest.raises(TaggerError, match="do not belong together"):
        read_tagger(folder)
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | {"features_version": 0}))
    with pytest.raises(TaggerError, match="another version; train it again"):
        read_tagger(folder)
    (folder / "meta.json").write_text("{}")
    with pytest.raises(TaggerError, match=r"meta\.json"):
        read_tagger(folder)
