"""How far each episode of the catalogue has come: what is stored for it, and what is missing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.film_reading import name_film_files
from whenanime_pipeline.core.search.frames.failure_notes import read_failure
from whenanime_pipeline.core.search.frames.sampling import Sampling, resolve_samplings
from whenanime_pipeline.core.search.local.version import local_id
from whenanime_pipeline.core.search.readings import load_readings
from whenanime_pipeline.core.settings import SamplingOptions


@dataclass(frozen=True, slots=True)
class EpisodeStatus:
    """One episode and its files.

    Attributes:
        episode: of the catalogue.
        sampling: how it is sampled.
        frames_file: where its frames belong.
        features_file: where its features belong.
        local_file: where its local features belong.
        failure_file: where it is noted that its video cannot be read.
        has_frames: whether the frames are there.
        has_features: whether the features are there.
        has_local: whether the local features are there.
        failure: why the video gives no frames, when it was tried and does not.
        reading: how the video is read.
    """

    episode: Episode
    sampling: Sampling
    frames_file: Path
    features_file: Path
    local_file: Path
    failure_file: Path
    has_frames: bool
    has_features: bool
    has_local: bool
    failure: str | None
    reading: FileReading = PLAIN

    @property
    def is_ready(self) -> bool:
        """Whether it can be in the index."""
        return self.has_frames and self.has_features and self.has_local

    @property
    def is_pending(self) -> bool:
        """Whether there is work to do that has not failed already."""
        return not self.is_ready and self.failure is None


def load_episode_statuses(
    home: Home,
    episodes: Iterable[Episode],
    options: SamplingOptions,
    model_id: str,
    keys: Collection[str] | None = None,
) -> list[EpisodeStatus]:
    """Look up what is stored for each episode.

    Args:
        home: where to look.
        episodes: all of the catalogue: how one is sampled depends on the others of its season.
        options: how episodes are sampled now.
        model_id: whose features count.
        keys: of the episodes that are looked up; all when None.

    Returns:
        One status an episode, sorted by key.
    """
    everything = sorted(episodes, key=lambda episode: episode.key)
    readings = {print_: stored.reading for print_, stored in load_readings(home).items()}
    how = resolve_samplings(
        everything, options, {print_: one.id for print_, one in readings.items() if one.id}
    )
    wanted = how.keys() if keys is None else set(keys)
    return [
        _look_up(
            home,
            episode,
            how[episode.key],
            model_id,
            name_film_files(
                readings.get(episode.fingerprint, PLAIN),
                [part.path for part in episode.parts],
            ),
        )
        for episode in everything
        if episode.key in wanted
    ]


def _look_up(
    home: Home, episode: Episode, sampling: Sampling, model_id: str, reading: FileReading
) -> EpisodeStatus:
    fingerprint, sampling_id = episode.fingerprint, sampling.id
    frames = home.frames_file(sampling_id, fingerprint)
    features = home.features_file(model_id, sampling_id, fingerprint)
    local = home.local_features_file(local_id(), sampling_id, fingerprint)
    failure = home.failure_file(sampling_id, fingerprint)
    has_frames = frames.exists()
    noted = None if has_frames else read_failure(failure)
    return EpisodeStatus(
        episode=episode,
        sampling=sampling,
        frames_file=frames,
        features_file=features,
        local_file=local,
        failure_file=failure,
        has_frames=has_frames,
        has_features=features.exists(),
        has_local=local.exists(),
        failure=None if noted is None else noted.text,
        reading=reading,
    )
