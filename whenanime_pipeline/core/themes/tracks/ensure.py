"""Makes what is missing of an episode's tracks, once however many processes ask.

What is stored of a content is immutable. A damaged file is made again.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.video import Video
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.stored_embeddings import (
    extract_embeddings,
    has_valid_embeddings,
)
from whenanime_pipeline.core.search.episode_indexing import EpisodeError, check_video_unchanged
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.episode_tracks import SOUND_HOP, TextTrack
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.picture_statistics import (
    measure_spread,
    read_flat,
    write_spread,
)
from whenanime_pipeline.core.themes.tracks.sound_reading import read_sound_track
from whenanime_pipeline.core.themes.tracks.stored_parts import PartFiles, list_parts
from whenanime_pipeline.core.themes.tracks.stored_sound import (
    StoredSound,
    read_sound,
    sound_track_id,
    write_sound,
)
from whenanime_pipeline.core.themes.tracks.stored_text import (
    read_text_track,
    text_track_id,
    write_text_track,
)
from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector
from whenanime_pipeline.core.themes.tracks.text_track import make_text_track


@dataclass(frozen=True, slots=True)
class SoundResult:
    """Result of ensuring an episode's sound track.

    Attributes:
        has_sound: whether there is one.
        language: of the sound, as the file says; empty where it says none.
        missing: seconds of it that could not be decoded, or are not there.
        bytes: of the stored file; 0 where none could be made.
        seconds: the work took; None when it had been done before.
        warnings: sentences for the operator.
    """

    has_sound: bool = False
    language: str = ""
    missing: float = 0.0
    bytes: int = 0
    seconds: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TracksResult:
    """Result of ensuring an episode's tracks.

    Attributes:
        sound: result for its sound.
        text_samples: samples of the text track; None without the text detector.
        seconds: all work took; 0 when it had been done before.
    """

    sound: SoundResult
    text_samples: int | None
    seconds: float


def ensure_tracks(
    home: Home,
    videos: Path,
    status: EpisodeStatus,
    embedder: Embedder,
    detector: TextDetector | None = None,
) -> TracksResult:
    """Ensure that all tracks of an episode with stored frames and features are stored.

    Args:
        home: of the library.
        videos: the folder of the videos; only the sound is read there.
        status: the episode and where its files belong.
        embedder: the model in use, for the seconds that the sampling skips.
        detector: the text detector; None where it is not installed.

    Raises:
        FramesError: its stored frames are missing or damaged.
        OSError: the home cannot be written to.
    """
    began = monotonic()
    sound = ensure_sound(home, videos, status)
    is_new = ensure_pictures(home, status, embedder)
    track, text_is_new = None, False
    if detector is not None:
        track, text_is_new = ensure_text(home, status, detector)
    is_new |= text_is_new or sound.seconds is not None
    return TracksResult(
        sound=sound,
        text_samples=None if track is None else len(track.seconds),
        seconds=monotonic() - began if is_new else 0.0,
    )


def ensure_sound(home: Home, videos: Path, status: EpisodeStatus) -> SoundResult:
    """Ensure that the sound of an episode with stored frames is stored; none is stored as such.

    A video that cannot be read is no reason to leave its episode out: it is a warning, and tried
    again the next time.

    Args:
        home: of the library.
        videos: the folder of the videos.
        status: the episode and where its files belong.

    Raises:
        FramesError: its stored frames are missing or damaged.
        OSError: the home cannot be written to.
    """
    fingerprint, track_id = status.episode.fingerprint, sound_track_id(status.reading)
    target = home.sound_track_file(track_id, fingerprint)
    seconds = None
    with home.lock(f"sound-{track_id}-{fingerprint}"):
        stored = _find_sound(target)
        if stored is None:
            began = monotonic()
            try:
                stored = _read_video_sound(videos, status)
            except (EpisodeError, MediaError) as error:
                return SoundResult(warnings=(f"its sound cannot be read: {error.reason}",))
            write_sound(target, stored)
            seconds = monotonic() - began
    track = stored.track
    return SoundResult(
        has_sound=track is not None,
        language="" if track is None else track.language,
        missing=0.0 if track is None else float(track.is_missing.sum() * SOUND_HOP),
        bytes=target.stat().st_size,
        seconds=seconds,
        warnings=stored.warnings,
    )


def _find_sound(path: Path) -> StoredSound | None:
    """Return what is stored; None where it is missing or damaged."""
    try:
        return read_sound(path)
    except TrackError:
        return None


def _read_video_sound(videos: Path, status: EpisodeStatus) -> StoredSound:
    """Read the sound of a video that is still the one of its fingerprint when it was read."""
    with FramesFile(status.frames_file) as frames:
        duration = frames.report.duration
    check_video_unchanged(videos, status.episode)
    video = videos / status.episode.path
    with Video(video, threads=1, reading=status.reading) as opened:
        rate = opened.stream.average_rate or opened.stream.guessed_rate
    read = read_sound_track(video, duration, status.reading)
    check_video_unchanged(videos, status.episode)
    return StoredSound(read.track, float(rate) if rate else None, read.warnings)


def ensure_pictures(home: Home, status: EpisodeStatus, embedder: Embedder) -> bool:
    """Ensure what the picture track of an episode needs next to its frames and features.

    Args:
        home: of the library.
        status: the episode and where its files belong.
        embedder: the model in use.

    Returns:
        Whether there was anything to do.

    Raises:
        FramesError: its stored frames are missing or damaged.
        OSError: the home cannot be written to.
    """
    name = f"pictures-{embedder.model_id}-{status.sampling.id}-{status.episode.fingerprint}"
    with home.lock(name):
        done = [_ensure_part(part, embedder) for part in list_parts(home, status)]
    return any(done)


def _ensure_part(part: PartFiles, embedder: Embedder) -> bool:
    with FramesFile(part.frames) as frames:
        is_embedded = has_valid_embeddings(part.features, len(frames))
        if not is_embedded:
            extract_embeddings(frames, part.features, embedder)
        try:
            read_flat(part.statistics, len(frames))
        except TrackError:
            write_spread(part.statistics, measure_spread(frames))
            return True
        return not is_embedded


def ensure_text(
    home: Home, status: EpisodeStatus, detector: TextDetector
) -> tuple[TextTrack, bool]:
    """Ensure that the text track of an episode with stored frames is stored.

    Args:
        home: of the library.
        status: the episode and where its files belong.
        detector: the text detector.

    Returns:
        The track, and whether it is new.

    Raises:
        FramesError: its stored frames are missing or damaged.
        OSError: the home cannot be written to.
    """
    fingerprint, track_id = (
        status.episode.fingerprint,
        text_track_id(detector.id, status.sampling.id),
    )
    target = home.text_track_file(track_id, fingerprint)
    with home.lock(f"text-{track_id}-{fingerprint}"), ExitStack() as stack:
        try:
            return read_text_track(target), False
        except TrackError:
            files = [part.frames for part in list_parts(home, status)] or [status.frames_file]
            parts = [stack.enter_context(FramesFile(file)) for file in files]
            track = make_text_track(
                parts,
                detector.measure_share,
                fps=status.sampling.fps,
                duration=parts[0].report.duration,
            )
            write_text_track(target, track)
            return track, True
