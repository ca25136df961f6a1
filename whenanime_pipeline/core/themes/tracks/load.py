"""Loads the tracks of an episode from what is stored."""

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.stored_embeddings import read_embeddings
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    EpisodeTracks,
    PictureTrack,
    TextTrack,
)
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.picture_statistics import read_flat
from whenanime_pipeline.core.themes.tracks.picture_track import FramePart, make_picture_track
from whenanime_pipeline.core.themes.tracks.stored_parts import PartFiles, list_parts
from whenanime_pipeline.core.themes.tracks.stored_sound import (
    StoredSound,
    read_sound,
    sound_track_id,
)
from whenanime_pipeline.core.themes.tracks.stored_text import read_text_track, text_track_id


def load_tracks(
    home: Home, status: EpisodeStatus, *, text_model_id: str | None = None
) -> EpisodeTracks:
    """Load the tracks of an episode; what `ensure_tracks` has not made is None.

    Args:
        home: of the library.
        status: the episode, with stored frames, and where its files belong.
        text_model_id: of the text detector whose track is loaded; None for none.

    Raises:
        FramesError: its stored frames or features are missing or damaged.
        TrackError: a stored track is damaged; `ensure_tracks` makes it again.
    """
    with FramesFile(status.frames_file) as frames:
        report = frames.report
    sound = _load_sound(home, status)
    return EpisodeTracks(
        fingerprint=status.episode.fingerprint,
        number=status.episode.name.number,
        duration=report.duration,
        frame_rate=sound.frame_rate,
        sound=sound.track,
        pictures=load_pictures(home, status),
        text=None if text_model_id is None else _load_text(home, status, text_model_id),
        chapters=report.chapters,
    )


def load_sound_warnings(home: Home, status: EpisodeStatus) -> tuple[str, ...]:
    """Return what reading an episode's sound warned of, as sentences for the operator."""
    try:
        return _load_sound(home, status).warnings
    except TrackError:
        return ("its stored sound is damaged; index again to renew it",)


def load_pictures(home: Home, status: EpisodeStatus) -> PictureTrack | None:
    """Load the pictures of an episode; None where they are not embedded or measured yet.

    Raises:
        FramesError: its stored frames or features are damaged.
        TrackError: the stored statistics of its frames are damaged.
    """
    files = [
        part
        for part in list_parts(home, status)
        if part.features.exists() and part.statistics.exists()
    ]
    if not files or files[0].frames != status.frames_file:
        return None
    parts = [_load_part(part) for part in files]
    duration = parts[0][1]
    return make_picture_track(
        [part for part, _ in parts], fps=status.sampling.fps, duration=duration
    )


def _load_part(part: PartFiles) -> tuple[FramePart, float]:
    """Return the frames of a part, and the length of their video in seconds."""
    with FramesFile(part.frames) as frames:
        ordinals, starts, ends = frames.read_time_runs()
        pictures = FramePart(
            frames=ordinals,
            starts=starts,
            ends=ends,
            hashes=frames.hashes(),
            vectors=read_embeddings(part.features),
            is_flat=read_flat(part.statistics, len(frames)),
        )
        return pictures, frames.report.duration


def _load_sound(home: Home, status: EpisodeStatus) -> StoredSound:
    path = home.sound_track_file(sound_track_id(status.reading), status.episode.fingerprint)
    return read_sound(path) if path.exists() else StoredSound(None)


def _load_text(home: Home, status: EpisodeStatus, model_id: str) -> TextTrack | None:
    track_id = text_track_id(model_id, status.sampling.id)
    path = home.text_track_file(track_id, status.episode.fingerprint)
    return read_text_track(path) if path.exists() else None
