"""Seconds that a sampling skips: stored apart in the same pass, and never among the others."""

from pathlib import Path

import numpy as np
import pytest
from sample_videos import write_film

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.search.frames.extraction import extract_frames
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile


def _sampling(start: float = 0.0, end: float = 0.0) -> Sampling:
    return Sampling(fps=8, skip_start=start, skip_end=end, similarity_threshold=12)


def _read(path: Path) -> tuple[list[bytes], list[float], list[float]]:
    with FramesFile(path) as frames:
        pictures = [frames.picture(number) for number in range(len(frames))]
        _, starts, ends = frames.read_time_runs()
        return pictures, starts.tolist(), ends.tolist()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "Show - 01.mkv", seed=1, seconds=8)


@pytest.mark.parametrize(("start", "end"), [(2.0, 1.5), (2.3, 0.0), (0.0, 3.0)])
def test_the_indexed_frames_are_those_of_a_pass_without(
    film: Path, tmp_path: Path, start: float, end: float
) -> None:
    sampling = _sampling(start, end)
    extract_frames(film, tmp_path / "alone.arrow", sampling)
    report = extract_frames(film, tmp_path / "main.arrow", sampling, skipped=tmp_path / "s.arrow")
    alone, main = _read(tmp_path / "alone.arrow"), _read(tmp_path / "main.arrow")
    assert main == alone
    assert report.duration == pytest.approx(8, abs=0.1)
    assert report.missing == 0
    assert report.warnings == ()
    _, starts, ends = _read(tmp_path / "s.arrow")
    outside = [at for at in np.arange(64) / 8 if not start <= at < 8 - end]
    assert min(starts) == outside[0]
    assert max(ends) == pytest.approx(outside[-1])
    covered = sum(round((b - a) * 8) + 1 for a, b in zip(starts, ends, strict=True))
    assert covered == len(outside)


def test_nothing_is_stored_apart_where_nothing_is_skipped(film: Path, tmp_path: Path) -> None:
    extract_frames(film, tmp_path / "main.arrow", _sampling(), skipped=tmp_path / "s.arrow")
    assert not (tmp_path / "s.arrow").exists()


def test_no_file_is_left_when_all_is_skipped(film: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no frame lies between"):
        extract_frames(film, tmp_path / "m.arrow", _sampling(9), skipped=tmp_path / "s.arrow")
    assert [file.name for file in tmp_path.iterdir()] == [film.name]


def test_seconds_skipped_after_the_end_leave_an_empty_file(film: Path, tmp_path: Path) -> None:
    extract_frames(film, tmp_path / "m.arrow", _sampling(0, 0.01), skipped=tmp_path / "s.arrow")
    assert _read(tmp_path / "s.arrow") == ([], [], [])
