"""Makes the tracks of one video that is in no library; nothing is kept."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.video import Video
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.frames.extraction import extract_frames
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, read_picture
from whenanime_pipeline.core.settings import SamplingOptions
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks
from whenanime_pipeline.core.themes.tracks.picture_statistics import FLAT_SPREAD, measure_spread
from whenanime_pipeline.core.themes.tracks.picture_track import FramePart, make_picture_track
from whenanime_pipeline.core.themes.tracks.sound_reading import read_sound_track
from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector
from whenanime_pipeline.core.themes.tracks.text_track import make_text_track

Progress = Callable[[float, float], None]
"""Receives the current second and the duration (0 if unknown)."""


def read_file_tracks(
    video: Path,
    embedder: Embedder,
    detector: TextDetector | None = None,
    *,
    progress: Progress | None = None,
) -> EpisodeTracks:
    """Return the tracks of a video: its pictures as a library samples them, its sound, its text.

    Args:
        video: video to read.
        embedder: model of the embeddings.
        detector: the text detector; None where it is not installed.
        progress: called a few times per second while pictures are decoded.

    Raises:
        MediaError: the video cannot be read.
        OSError: the frames do not fit into the temporary folder.
    """
    options = SamplingOptions()
    sampling = Sampling(options.fps, 0.0, 0.0, options.similarity_threshold)
    reading = probe_reading(video)
    with TemporaryDirectory() as folder:
        stored = Path(folder) / "frames.arrow"
        report = extract_frames(video, stored, sampling, reading=reading, progress=progress)
        with FramesFile(stored) as frames:
            ordinals, starts, ends = frames.read_time_runs()
            part = FramePart(
                frames=ordinals,
                starts=starts,
                ends=ends,
                hashes=frames.hashes(),
                vectors=embedder.embed(read_picture(frames, one) for one in range(len(frames))),
                is_flat=measure_spread(frames) < FLAT_SPREAD,
            )
            text = None
            if detector is not None:
                measure, duration = detector.measure_share, report.duration
                text = make_text_track([frames], measure, fps=sampling.fps, duration=duration)
    with Video(video, threads=1, reading=reading) as opened:
        rate = opened.stream.average_rate or opened.stream.guessed_rate
    return EpisodeTracks(
        fingerprint=video.name,
        number=None,
        duration=report.duration,
        frame_rate=float(rate) if rate else None,
        sound=read_sound_track(video, report.duration, reading).track,
        pictures=make_picture_track([part], fps=sampling.fps, duration=report.duration),
        text=text,
        chapters=report.chapters,
    )
