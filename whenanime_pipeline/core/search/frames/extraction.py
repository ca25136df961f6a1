"""From a video to its stored frames: decode once, keep what is distinct, write as it goes."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.search.frames.deduplication import FrameDeduplicator, signature
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesReport, FramesWriter

Progress = Callable[[float, float], None]
"""Receives the second reached and the duration (0 when unknown)."""

_REPORT_INTERVAL = 0.2  # seconds: often enough for a progress bar to look alive


def extract_frames(
    video: Path,
    target: Path,
    sampling: Sampling,
    *,
    progress: Progress | None = None,
    confirm: Callable[[], None] | None = None,
) -> FramesReport:
    """Store the distinct frames of a video.

    Args:
        video: the file to read.
        target: the frames file to write; it appears only when it is whole.
        sampling: which moments are looked at.
        progress: called a few times per second.
        confirm: called when all is read; what it raises keeps the file from appearing.

    Returns:
        Counts, seconds and warnings, as they also stand in the file.

    Raises:
        MediaError: the video cannot be read, or holds no frame in the part that is looked at.
        OSError: the target cannot be written.
    """
    about = probe_video(video)
    duration = about.duration or 0.0
    end = duration - sampling.skip_end if sampling.skip_end and duration else None
    rows = FrameDeduplicator(threshold=sampling.similarity_threshold, step=1 / sampling.fps)
    samples, reported = 0, 0.0
    with (
        FrameSampler(
            video,
            fps=sampling.fps,
            long_side=sampling.long_side,
            start=sampling.skip_start,
            end=end,
        ) as sampler,
        FramesWriter(target) as writer,
    ):
        for sample in sampler:
            samples += 1
            cells = signature(sample.picture)
            if rows.add_repeat(sample.time, cells) is None:
                settled = rows.add_new(sample.time, cells, encode_stored_frame(sample.picture))
                if settled is not None:
                    writer.add(settled)
            if progress is not None and monotonic() - reported > _REPORT_INTERVAL:
                reported = monotonic()
                progress(sample.time, duration)
        for settled in rows.flush():
            writer.add(settled)
        if not samples:
            raise MediaError(video, MediaMessage.ALL_SKIPPED())
        decoded = sampler.report
        report = FramesReport(
            duration=decoded.decoded_until if decoded.duration is None else decoded.duration,
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
