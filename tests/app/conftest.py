"""One sample library, filmed and indexed once, for all tests of the app."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.sample_home import Sample, episodes_of
from app.served import served
from whenanime_app.settings import AppSettings
from whenanime_pipeline.core.sample.library import make_sample_library


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Sample:
    videos = tmp_path_factory.mktemp("videos")
    home = tmp_path_factory.mktemp("home")
    truth = make_sample_library(videos, size=(320, 180), episodes=1)
    filmed = Sample(videos, home, small_model, truth, episodes_of(truth, videos))
    filmed.index(home, filmed.episodes)
    return filmed


@pytest.fixture(scope="session")
def url(sample: Sample) -> Iterator[str]:
    with served(AppSettings(home=sample.home, videos=sample.videos)) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30) as connection:
        yield connection
