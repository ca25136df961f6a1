"""Where the stored frames of an episode lie: the indexed ones, and those of skipped seconds."""

from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.home import Home, name_skipped
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.picture_statistics import picture_statistics_id


@dataclass(frozen=True, slots=True)
class PartFiles:
    """Files of one part of a content.

    Attributes:
        frames: stored frames.
        features: their embeddings by the model in use.
        statistics: their gray levels.
    """

    frames: Path
    features: Path
    statistics: Path


def list_parts(home: Home, status: EpisodeStatus) -> list[PartFiles]:
    """Return the parts of an episode whose frames are stored, the indexed one first.

    Seconds that a sampling skips have no frames in libraries that were indexed before there were
    tracks.
    """
    fingerprint, sampling_id = status.episode.fingerprint, status.sampling.id
    parts = [
        PartFiles(
            status.frames_file.with_name(f"{name}.arrow"),
            status.features_file.with_name(f"{name}.parquet"),
            home.picture_statistics_file(picture_statistics_id(), sampling_id, name),
        )
        for name in (fingerprint, name_skipped(fingerprint))
    ]
    return [part for part in parts if part.frames.exists()]
