"""A home written by the pipeline, with real videos, frames and an index; and queries for it."""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.sample.truth import EpisodeTruth, SampleTruth, SeriesTruth
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.episode_indexing import ensure_features, ensure_frames
from whenanime_pipeline.core.search.snapshot.build import SnapshotInputs, build_snapshot
from whenanime_pipeline.core.search.snapshot.local_build import LocalFeaturesSection
from whenanime_pipeline.core.search.snapshot.publish import publish
from whenanime_pipeline.core.search.status import load_episode_statuses
from whenanime_pipeline.core.settings import Settings


@dataclass(frozen=True)
class Sample:
    """A generated library and the home with its index."""

    videos: Path
    home: Path
    model: Path
    truth: SampleTruth
    episodes: list[Episode]

    def index(self, home: Path, episodes: list[Episode]) -> str:
        """Index episodes of this library into a home and publish them; return the snapshot's id."""
        place, settings, embedder = Home(home), Settings(), Embedder.load(self.model)
        statuses = load_episode_statuses(place, episodes, settings.sampling, embedder.model_id)
        for status in statuses:
            ensure_frames(place, self.videos, status)
            ensure_features(place, status, embedder)
        ready = load_episode_statuses(place, episodes, settings.sampling, embedder.model_id)
        with place.lock("publish"):
            sections = [LocalFeaturesSection(place)]
            built = build_snapshot(
                SnapshotInputs(place, ready, settings.index, self.model, embedder.meta, sections)
            )
            assert built.id is not None
            publish(place.snapshots, built.id, sections)
        return built.id

    def known_moment(self, number: int = 0) -> tuple[EpisodeTruth, float]:
        """Return a file and a time in it, in seconds, that shows a place with characters."""
        file = self.truth.files[number]
        scene = max(
            (scene for scene in file.scenes if scene.place and scene.characters),
            key=lambda scene: scene.end - scene.start,
        )
        return file, (scene.start + scene.end) / 2

    def frame(self, number: int = 0) -> NDArray[np.uint8]:
        """Return the frame at that time, RGB."""
        file, second = self.known_moment(number)
        return decode_frame_at(self.videos / file.path, second)


def catalogue_entries(truth: SampleTruth, videos: Path) -> list[Episode]:
    """Return the catalogue's entries of a sample library."""
    series = {entry.title: entry for entry in truth.series}
    return [_episode(file, series[file.series], videos) for file in truth.files]


def _episode(file: EpisodeTruth, series: SeriesTruth, videos: Path) -> Episode:
    state = FileState(file.path, file.bytes, (videos / file.path).stat().st_mtime_ns)
    content = fingerprint_file(videos, state)
    assert content
    return Episode(
        key=f"sample-{series.anilist}/S{file.season:02d}E{file.episode:02d}",
        path=file.path,
        fingerprint=content,
        size=state.size,
        mtime_ns=state.mtime_ns,
        name=EpisodeName(
            series=file.series,
            season=file.season,
            season_name=file.season_name,
            number=file.episode,
            title=file.title,
        ),
        info=SeriesInfo(
            title=file.series,
            native=series.native,
            romaji=series.romaji,
            english=series.english,
            anilist=series.anilist,
            mal=series.mal,
        ),
    )


def noise_picture(seed: int, size: tuple[int, int] = (180, 320)) -> NDArray[np.uint8]:
    """Return a picture that is in no video, shape (height, width, 3)."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), np.uint8)
    return np.kron(small, np.ones((size[0] // 9, size[1] // 16, 1), np.uint8))


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Return the bytes of a picture as a PNG file."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def index_namesakes(sample: Sample, home: Path) -> None:
    """Index two series that are called Show, of 2003 and 2019, with an episode each."""
    renamed = [
        replace(
            episode,
            key=f"Show ({year})/S01E01",
            name=EpisodeName("Show", season=1, number=1, year=year),
            info=SeriesInfo("Show", year=year),
        )
        for episode, year in zip(sample.episodes, (2003, 2019), strict=True)
    ]
    sample.index(home, renamed)
