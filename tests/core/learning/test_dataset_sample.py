"""On the drawn sample library, whose openings and endings are known to the frame."""

import numpy as np
import pytest
from dataset_library import CataloguedLibrary

from whenanime_pipeline.core.learning.dataset import split
from whenanime_pipeline.core.learning.dataset.dataset import Dataset
from whenanime_pipeline.core.learning.dataset.options import FrameOptions, SplitOptions
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.sample.sample_library import make_sample_library
from whenanime_pipeline.core.sample.truth import EpisodeTruth, SampleTruth, ThemeTruth


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> CataloguedLibrary:
    return CataloguedLibrary(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def truth(shelf: CataloguedLibrary) -> SampleTruth:
    truth = make_sample_library(shelf.videos, size=(160, 90), episodes=2)
    shelf.ensure_training_frames(FrameOptions(count=120))
    return truth


def _shared(one: EpisodeTruth, others: list[EpisodeTruth]) -> list[ThemeTruth]:
    """Return the themes of an episode that others of its series show too, in one version."""
    themes: list[ThemeTruth] = []
    for other in others:
        if other.series == one.series:
            for mine, its in ((one.opening, other.opening), (one.ending, other.ending)):
                if mine is not None and its is not None and mine.version == its.version:
                    themes.append(mine)
    return themes


def _leaking(
    shelf: CataloguedLibrary, truth: SampleTruth, dataset: Dataset
) -> tuple[int, int, int]:
    """Return validation frames in shared themes, those left out, and those kept elsewhere."""
    files = {entry.path: entry for entry in truth.files}
    halves = {one.fingerprint: one for one in dataset.episodes}
    training = [files[one.path] for one in dataset.episodes if one.part == "training"]
    inside = outside = 0
    for frame in dataset.validation:
        entry = files[halves[frame.fingerprint].path]
        themes = _shared(entry, training)
        within = any(theme.start <= frame.second < theme.end for theme in themes)
        inside, outside = inside + within, outside + (not within)
    return inside, sum(one.shared for one in dataset.episodes), outside


@pytest.mark.parametrize("seed", range(6))
def test_no_validation_frame_lies_in_an_opening_that_training_shares(
    shelf: CataloguedLibrary, truth: SampleTruth, seed: int
) -> None:
    dataset = make_dataset(shelf.home, shelf.statuses, SplitOptions(seed=seed))
    inside, left_out, outside = _leaking(shelf, truth, dataset)
    assert inside == 0
    assert left_out > 10, "there were such frames"
    assert outside > 20, "and others are left"


def test_without_the_sketches_there_would_be(
    shelf: CataloguedLibrary, truth: SampleTruth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "find_hash_matches", lambda asked, _: np.zeros(len(asked), np.bool_))
    dataset = make_dataset(shelf.home, shelf.statuses, SplitOptions())
    assert _leaking(shelf, truth, dataset)[0] > 0
