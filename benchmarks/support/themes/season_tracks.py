"""Tracks of composed seasons, made by the product: frames, features and sound; no local features.

Every season has a home of its own, which is kept: what is there is not made again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.support.context import BenchmarkError
from benchmarks.support.themes.truth import EpisodeTruth, SeasonTruth
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.search.episode_indexing import EpisodeError, ensure_frames
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.ensure import ensure_tracks
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks
from whenanime_pipeline.core.themes.tracks.load import load_tracks
from whenanime_pipeline.core.workspace import Workspace

_SETTLED = 0.0
"""Seconds between two looks at the folder; nothing is being copied into it."""


@dataclass(frozen=True, slots=True)
class SeasonTracks:
    """A composed season that is indexed.

    Attributes:
        truth: what it has.
        files: the video of each episode.
        episodes: their tracks, in the same order.
    """

    truth: SeasonTruth
    files: tuple[Path, ...]
    episodes: tuple[EpisodeTracks, ...]

    def limit(self, count: int) -> "SeasonTracks":
        """Return the first episodes of the season."""
        truth = replace(self.truth, episodes=self.truth.episodes[:count])
        return SeasonTracks(truth, self.files[:count], self.episodes[:count])


def load_season(
    folder: Path, home: Path, truth: SeasonTruth, log: Callable[[str], None]
) -> SeasonTracks:
    """Index a season as far as themes need it, and load its tracks.

    Args:
        folder: of the season's videos.
        home: where what is made of them is kept.
        truth: of the season.
        log: takes lines of progress.

    Raises:
        BenchmarkError: a video cannot be read.
    """
    workspace = Workspace(Home(home), folder)
    workspace.home.root.mkdir(parents=True, exist_ok=True)
    _catalogue(workspace)
    statuses = {status.episode.path: status for status in workspace.load_statuses()}
    episodes = []
    for episode in truth.episodes:
        status = statuses.get(episode.file)
        if status is None:
            raise BenchmarkError(f"{folder / episode.file}: is not in the catalogue")
        if not status.has_frames:
            log(f"indexing {episode.file}")
        episodes.append(_load_episode(workspace, status, episode))
    files = tuple(folder / episode.file for episode in truth.episodes)
    return SeasonTracks(truth, files, tuple(episodes))


def _catalogue(workspace: Workspace) -> None:
    with workspace.home.lock("catalogue"):
        old = workspace.load_catalogue()
        diff = detect_settled_changes(
            workspace.videos_folder, old, probe=workspace.probe_video, interval=_SETTLED
        )
        workspace.save_catalogue(old.apply(diff))


def _load_episode(
    workspace: Workspace, status: EpisodeStatus, truth: EpisodeTruth
) -> EpisodeTracks:
    home, videos = workspace.home, workspace.videos_folder
    try:
        ensure_frames(home, videos, status)
    except EpisodeError as error:
        raise BenchmarkError(f"{videos / truth.file}: {error}") from error
    ensure_tracks(home, videos, status, workspace.embedder)
    return replace(load_tracks(home, status), number=truth.number)
