from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from whenanime_pipeline.core.learning.errors import TrainingError, WeightsError
from whenanime_pipeline.core.learning.themes.tagger_batches import NEGATIVE_SHARE, TaggerBatches
from whenanime_pipeline.core.learning.themes.tagger_data import TaggedEpisode, hash_episodes
from whenanime_pipeline.core.learning.themes.tagger_export import write_tagger
from whenanime_pipeline.core.learning.themes.tagger_network import TaggerEnsemble, TaggerOptions
from whenanime_pipeline.core.learning.themes.tagger_training import (
    TaggerProgress,
    TaggerRecipe,
    train_tagger,
)
from whenanime_pipeline.core.themes.tagger.features import FEATURE_NAMES, TaggerFeatures
from whenanime_pipeline.core.themes.tagger.model_files import OPENING, read_tagger
from whenanime_pipeline.core.themes.tagger.network import TaggerNetwork
from whenanime_pipeline.core.themes.tagger.second_grid import SecondGrid
from whenanime_pipeline.core.themes.tagger.viterbi import decode

_SMALL = TaggerOptions(width=16, layers=1, heads=2, members=2, dropout=0.0)
_RECIPE = TaggerRecipe(network=_SMALL, steps=12, batch=4, crop=64, learning_rate=1e-2)


def _make_episode(number: int, *, has_themes: bool) -> TaggedEpisode:
    """Return an episode whose first feature tells what is an opening."""
    rng = np.random.default_rng(number)
    features = rng.normal(0, 0.3, (150, len(FEATURE_NAMES))).astype(np.float32)
    features[:, -3:] = 1
    classes = np.zeros(150, np.int64)
    bounds = np.zeros((150, 2), np.float32)
    offsets = np.full((150, 2), -1, np.float32)
    if has_themes:
        start = int(rng.integers(5, 60))
        classes[start : start + 60] = OPENING
        features[start : start + 60, :8] += 2
        bounds[start, 0] = bounds[start + 60, 1] = 1
        offsets[start, 0] = offsets[start + 60, 1] = 0.5
    return TaggedEpisode(f"e{number}", features, None, classes, bounds, offsets)


@pytest.fixture(scope="module")
def episodes() -> list[TaggedEpisode]:
    return [_make_episode(number, has_themes=number % 4 != 0) for number in range(16)]


def _sources(episodes: list[TaggedEpisode], dimension: int = 0) -> Callable[[int], TaggerBatches]:
    return lambda member: TaggerBatches(episodes, size=4, crop=64, dimension=dimension, seed=member)


def _train(episodes: list[TaggedEpisode], folder: Path | None, **options: object) -> TaggerEnsemble:
    return train_tagger(_sources(episodes), _RECIPE, folder=folder, **options)  # type: ignore[arg-type]


def test_it_learns_what_an_opening_is(episodes: list[TaggedEpisode], tmp_path: Path) -> None:
    recipe = TaggerRecipe(network=_SMALL, steps=70, batch=6, crop=64, learning_rate=1e-2)
    ensemble = train_tagger(_sources(episodes), recipe)
    write_tagger(tmp_path, ensemble, {})
    network = TaggerNetwork.load(tmp_path)
    unseen = _make_episode(99, has_themes=True)
    features = TaggerFeatures(SecondGrid(150), unseen.features, None)
    for scores in network.score(features):
        found = decode(scores.emissions, scores.chain)
        assert (found == unseen.classes).mean() > 0.93


def test_a_training_that_was_cut_off_goes_on_to_the_same_weights(
    episodes: list[TaggedEpisode], tmp_path: Path
) -> None:
    whole = _train(episodes, None)

    class Stop(Exception):  # noqa: N818 no error
        pass

    for last in (5, 14):  # within the first and the second member

        def stop(progress: TaggerProgress, last: int = last) -> None:
            if progress.step == last:
                raise Stop

        with pytest.raises(Stop):
            _train(episodes, tmp_path, checkpoint_seconds=0, on_progress=stop)
    resumed = _train(episodes, tmp_path, checkpoint_seconds=0)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, atol=0, rtol=0)


def test_a_checkpoint_of_other_data_is_refused(
    episodes: list[TaggedEpisode], tmp_path: Path
) -> None:
    _train(episodes, tmp_path, checkpoint_seconds=0)
    with pytest.raises(WeightsError, match="other options or frames"):
        _train(episodes[:-1], tmp_path)


def test_a_third_of_the_crops_is_of_episodes_without_themes(
    episodes: list[TaggedEpisode],
) -> None:
    few = [one for one in episodes if one.has_themes] + [episodes[0]]
    assert not episodes[0].has_themes
    batches = TaggerBatches(few, size=300, crop=150)
    without = ~(batches.batch(0).classes > 0).any(1)
    assert float(without.float().mean()) == pytest.approx(NEGATIVE_SHARE, abs=0.08)


def test_without_a_theme_nothing_can_be_learnt(episodes: list[TaggedEpisode]) -> None:
    with pytest.raises(TrainingError, match="no episode has an opening or ending"):
        TaggerBatches([one for one in episodes if not one.has_themes], size=2, crop=64)


def test_batches_are_the_same_whenever_they_are_asked_for(episodes: list[TaggedEpisode]) -> None:
    one, same = (TaggerBatches(episodes, size=3, crop=64, seed=4) for _ in range(2))
    one.batch(0)
    torch.testing.assert_close(one.batch(7).features, same.batch(7).features)
    assert not torch.equal(one.batch(7).features, one.batch(8).features)
    assert one.id == hash_episodes(episodes) != hash_episodes(episodes[1:])


@pytest.mark.parametrize("dimension", [0, 8])
def test_the_exported_tagger_gives_the_numbers_of_the_trained_one(
    tmp_path: Path, dimension: int
) -> None:
    options = TaggerOptions(width=16, layers=1, heads=2, members=2, dimension=dimension)
    torch.manual_seed(3)
    ensemble = TaggerEnsemble(options).eval()
    identifier = write_tagger(tmp_path, ensemble, {}, embedding_model="abc" if dimension else None)
    meta, content = read_tagger(tmp_path)
    assert meta.tagger_id == identifier
    assert [len(one.transitions) for one in meta.chains] == [4, 4]
    session = onnxruntime.InferenceSession(content)
    rng = np.random.default_rng(0)
    for steps in (16, 400):
        features = rng.normal(0, 1, (1, steps, len(FEATURE_NAMES))).astype(np.float32)
        inputs = {"features": features}
        if dimension:
            inputs["vectors"] = rng.normal(0, 1, (1, steps, dimension)).astype(np.float32)
        with torch.inference_mode():
            expected = ensemble(*(torch.from_numpy(each) for each in inputs.values()))
        for ours, theirs in zip(expected, session.run(None, inputs), strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-4)
