"""Loads the episodes of a library whose themes are known, with their tracks."""

from collections.abc import Callable
from pathlib import Path

from whenanime_pipeline.core.learning.themes.library_episodes import (
    collect_certain,
    collect_labels,
    read_seasons,
)
from whenanime_pipeline.core.learning.themes.tagger_report import JudgedEpisode
from whenanime_pipeline.core.themes.labels_file import LabelledEpisode, check_duration
from whenanime_pipeline.core.themes.tracks.ensure import ensure_tracks
from whenanime_pipeline.core.themes.tracks.load import load_tracks
from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector, find_text_model
from whenanime_pipeline.core.workspace import Workspace


def load_known_episodes(
    workspace: Workspace,
    labels: Path | None = None,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> list[JudgedEpisode]:
    """Return the indexed episodes whose themes are known, with tracks that are made if missing.

    Args:
        workspace: the library.
        labels: file that says what they are; None for what seasons say for certain.
        progress: receives the share that is loaded, from 0 to 1.

    Raises:
        LabelsFileError: the labels cannot be read, or say what cannot be.
        TrainingError: no label is of an episode of the library.
        SearchError: the model in use, stored frames or tracks are damaged.
        OSError: the home cannot be written to.
    """
    ready = [one for one in workspace.load_statuses() if one.has_frames and one.has_features]
    entries: dict[str, LabelledEpisode] = {}
    if labels is None:
        truth = collect_certain(read_seasons(workspace.home))
    else:
        truth, entries = collect_labels(labels, [one.episode for one in ready])
    chosen = {one.episode.fingerprint: one for one in ready if one.episode.fingerprint in truth}
    model = find_text_model() if chosen else None
    detector = TextDetector.load(model) if model is not None else None
    found = []
    for number, (fingerprint, status) in enumerate(sorted(chosen.items()), 1):
        home, videos = workspace.home, workspace.videos_folder
        ensure_tracks(home, videos, status, workspace.embedder, detector)
        tracks = load_tracks(home, status, text_model_id=model.id if model else None)
        if labels is not None:
            check_duration(labels, entries[fingerprint], tracks.duration)
        found.append(JudgedEpisode(tracks, truth[fingerprint]))
        progress(number / len(chosen))
    return found
