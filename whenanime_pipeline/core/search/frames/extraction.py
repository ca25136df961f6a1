"""Extracts the distinct frames of a video: decodes once, deduplicates and writes a stream."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from math import inf
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.media.decode_report import DecodeReport
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.frame_sampler import FrameSampler, SampledFrame
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
    skipped: Path | None = None,
    reading: FileReading = PLAIN,
    progress: Progress | None = None,
    confirm: Callable[[], None] | None = None,
) -> FramesReport:
    """Store the distinct frames of a video.

    Args:
        video: video to read.
        target: frames file to write, atomically.
        sampling: which frames are sampled.
        skipped: frames file to write of the seconds that the sampling skips, in the same pass; None
            to leave them undecoded. Nothing is written where it skips none.
        reading: how the video is read.
        progress: called a few times per second.
        confirm: called after the last frame; no file is written if it raises.

    Returns:
        The report, which is stored in the file as well.

    Raises:
        MediaError: the video cannot be read, or has no frame in the sampled part.
        OSError: the target cannot be written.
    """
    about = probe_video(video, reading)
    duration = about.duration or 0.0
    start = sampling.skip_start
    end = duration - sampling.skip_end if sampling.skip_end and duration else None
    rest = skipped if start > 0 or end is not None else None
    is_whole = rest is not None or end is None
    with ExitStack() as stack:
        sampler = stack.enter_context(
            FrameSampler(
                video,
                fps=sampling.fps,
                long_side=sampling.long_side,
                start=0.0 if rest else start,
                end=None if rest else end,
                reading=reading,
            )
        )
        main = _FrameStore(stack.enter_context(FramesWriter(target)), sampling)
        others = _FrameStore(stack.enter_context(FramesWriter(rest)), sampling) if rest else main
        for sample in _report_progress(sampler, duration, progress):
            is_indexed = start <= sample.time < (inf if end is None else end)
            (main if is_indexed else others).add(sample)
        if not main.samples:
            raise MediaError(video, MediaMessage.ALL_SKIPPED())
        decoded = sampler.report
        length = _choose_duration(decoded, is_whole=is_whole)
        report = main.finish(decoded, length, about.chapters)
        if others is not main:
            others.finish(decoded, length)
        if confirm is not None:
            confirm()
    return report


class _FrameStore:
    """Deduplicates samples and writes the distinct frames.

    Args:
        writer: open frames file.
        sampling: how the samples are taken.

    Attributes:
        samples: number of samples so far.
    """

    def __init__(self, writer: FramesWriter, sampling: Sampling) -> None:
        self._writer = writer
        self._deduplicator = FrameDeduplicator(
            threshold=sampling.similarity_threshold, step=1 / sampling.fps
        )
        self.samples = 0

    def add(self, sample: SampledFrame) -> None:
        """Add the next sample."""
        self.samples += 1
        cells = signature(sample.picture)
        if self._deduplicator.add_repeat(sample.time, cells) is not None:
            return
        complete = self._deduplicator.add_new(
            sample.time, cells, encode_stored_frame(sample.picture)
        )
        if complete is not None:
            self._writer.add(complete)

    def finish(
        self, decoded: DecodeReport, duration: float, chapters: tuple[Chapter, ...] = ()
    ) -> FramesReport:
        """Write the last frames and the report, and return it."""
        for complete in self._deduplicator.flush():
            self._writer.add(complete)
        report = FramesReport(
            duration=duration,
            samples=self.samples,
            frames=self._writer.count,
            missing=decoded.missing_seconds,
            warnings=tuple(decoded.warnings),
            chapters=chapters,
        )
        self._writer.finish(report)
        return report


def _report_progress(
    samples: Iterable[SampledFrame], duration: float, progress: Progress | None
) -> Iterator[SampledFrame]:
    """Yield the samples, and report the second of one a few times per second."""
    reported = 0.0
    for sample in samples:
        yield sample
        if progress is not None and monotonic() - reported > _REPORT_INTERVAL:
            reported = monotonic()
            progress(sample.time, duration)


def _choose_duration(decoded: DecodeReport, *, is_whole: bool) -> float:
    """Return the length of a video: what was decoded, where that tells more than the header."""
    if decoded.duration is None or (is_whole and decoded.decoded_until > decoded.duration):
        return decoded.decoded_until
    return decoded.duration
