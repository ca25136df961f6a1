"""Extracts the distinct frames of a video: decodes once, deduplicates and writes a stream."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.media.decode_report import DecodeReport
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.search.frames.deduplication import FrameDeduplicator, signature
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesReport, FramesWriter

Progress = Callable[[float, float], None]
"""Receives the current second and the duration (0 if unknown)."""

_REPORT_INTERVAL = 0.2
"""Seconds between reports of progress."""


def extract_frames(
    video: Path,
    target: Path,
    sampling: Sampling,
    *,
    reading: FileReading = PLAIN,
    progress: Progress | None = None,
    confirm: Callable[[], None] | None = None,
) -> FramesReport:
    """Store the distinct frames of a video.

    Args:
        video: video to read.
        target: frames file to write, atomically.
        sampling: which frames are sampled.
        reading: how the video is read.
        progress: called a few times per second.
        confirm: called after the last frame; the file is not written if it raises.

    Returns:
        The report, which is stored in the file as well.

    Raises:
        MediaError: the video cannot be read, or has no frame in the sampled part.
        OSError: the target cannot be written.
    """
    about = probe_video(video, reading)
    duration = about.duration or 0.0
    end = duration - sampling.skip_end if sampling.skip_end and duration else None
    deduplicator = FrameDeduplicator(threshold=sampling.similarity_threshold, step=1 / sampling.fps)
    samples, reported = 0, 0.0
    with (
        FrameSampler(
            video,
            fps=sampling.fps,
            long_side=sampling.long_side,
            start=sampling.skip_start,
            end=end,
            reading=reading,
        ) as sampler,
        FramesWriter(target) as writer,
    ):
        for sample in sampler:
            samples += 1
            cells = signature(sample.picture)
            if deduplicator.add_repeat(sample.time, cells) is None:
                complete = deduplicator.add_new(
                    sample.time, cells, encode_stored_frame(sample.picture)
                )
                if complete is not None:
                    writer.add(complete)
            if progress is not None and monotonic() - reported > _REPORT_INTERVAL:
                reported = monotonic()
                progress(sample.time, duration)
        for complete in deduplicator.flush():
            writer.add(complete)
        if not samples:
            raise MediaError(video, MediaMessage.ALL_SKIPPED())
        decoded = sampler.report
        report = FramesReport(
            duration=_choose_duration(decoded, is_whole=end is None),
            samples=samples,
            frames=writer.count,
            missing=decoded.missing_seconds,
            warnings=tuple(decoded.warnings),
            chapters=about.chapters,
        )
        writer.finish(report)
        if confirm is not None:
            confirm()
    return report


def _choose_duration(decoded: DecodeReport, *, is_whole: bool) -> float:
    """Return the length of a video: what was decoded, where that tells more than the header."""
    if decoded.duration is None or (is_whole and decoded.decoded_until > decoded.duration):
        return decoded.decoded_until
    return decoded.duration
