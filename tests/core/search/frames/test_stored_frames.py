import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame
from whenanime_pipeline.core.search.frames.stored_frames import (
    BATCH,
    FramesFile,
    FramesReport,
    FramesWriter,
)


def _report(frames: int) -> FramesReport:
    chapters = (Chapter(0.0, 1.5, "OP"), Chapter(1.5, 12.5, "本篇"))
    return FramesReport(12.5, frames * 3, frames, 0.25, ("damaged at 3 s",), chapters)


def _write(path: Path, frames: int) -> None:
    with FramesWriter(path) as writer:
        for n in range(frames):
            writer.add(DistinctFrame(f"picture {n}".encode(), n, [n / 8, 99.0], [n / 8, 99.5]))
        writer.finish(_report(frames))


@pytest.mark.parametrize("frames", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_frames_and_report_round_trip(tmp_path: Path, frames: int) -> None:
    _write(tmp_path / "a.arrow", frames)
    with FramesFile(tmp_path / "a.arrow") as file:
        assert len(file) == frames
        assert file.report == _report(frames)
        for n in range(frames):
            assert file.picture(n) == f"picture {n}".encode()
            assert file.runs(n) == [(n / 8, n / 8), (99.0, 99.5)]
        assert sum(batch.num_rows for batch in file.batches()) == frames
        ordinals, starts, ends = file.read_time_runs()
        assert ordinals.tolist() == [n for n in range(frames) for _ in range(2)]
        assert starts.tolist() == [start for n in range(frames) for start in (n / 8, 99.0)]
        assert ends.tolist() == [end for n in range(frames) for end in (n / 8, 99.5)]
        with pytest.raises(IndexError):
            file.picture(frames)


def test_concurrent_random_reads_return_the_right_frames(tmp_path: Path) -> None:
    """What one of them reads is never taken for another's."""
    _write(tmp_path / "a.arrow", 3 * BATCH)
    jumping = [(n * 7919) % (3 * BATCH) for n in range(2000)]
    with FramesFile(tmp_path / "a.arrow") as file, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(file.picture, jumping)) == [f"picture {n}".encode() for n in jumping]


def test_a_closed_file_cannot_be_read(tmp_path: Path) -> None:
    _write(tmp_path / "a.arrow", 2)
    file = FramesFile(tmp_path / "a.arrow")
    assert file.picture(1) == b"picture 1"
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.picture(1)


@pytest.mark.parametrize("keep", [0, 1, 8, 500, -1])
def test_a_truncated_file_is_an_error_that_names_it(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.arrow"
    _write(path, 300)
    os.truncate(path, keep if keep >= 0 else path.stat().st_size + keep)
    with pytest.raises(FramesError, match=r"cut\.arrow"):
        FramesFile(path)


def test_a_file_without_its_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "unfinished.arrow"
    with FramesWriter(path) as writer:
        writer.add(DistinctFrame(b"x", 1, [0.0], [0.0]))
    with pytest.raises(FramesError, match="unfinished"):
        FramesFile(path)


def test_an_interrupted_write_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "a.arrow"
    with pytest.raises(ZeroDivisionError), atomic_write(target) as part:
        part.write_bytes(b"half" * (1 // 0))
    assert list(tmp_path.iterdir()) == []
