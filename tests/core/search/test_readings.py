"""Readings of a library's videos: found once, again for linked files, and part of sampling ids."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from benchmarks.support.disc_files import write_playlist
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.media.file_reading import PLAIN
from whenanime_pipeline.core.search.readings import load_readings, probe_readings
from whenanime_pipeline.core.search.status import load_episode_statuses
from whenanime_pipeline.core.settings import SamplingOptions


def _write(path: Path, *, start: Fraction = Fraction(0)) -> None:
    with av.open(path, "w") as output:
        video = output.add_stream("libx264", rate=24)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 24)
        for number in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 128, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = number + int(start * 24), Fraction(1, 24)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))


def _episode(path: str) -> Episode:
    name = EpisodeName("Show", number=1, title=path)
    return Episode(path, path, path.ljust(32, "0"), 1, 1, name, SeriesInfo("Show"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_only_files_with_an_unusual_reading_have_another_sampling_id(
    tmp_path: Path, home: Home
) -> None:
    _write(tmp_path / "plain.mp4")
    _write(tmp_path / "late.mp4", start=Fraction(2))
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    episodes = [_episode(name) for name in ("plain.mp4", "late.mp4", "broken.mp4", "gone.mp4")]
    options = SamplingOptions()

    def sampling_ids() -> dict[str, str]:
        statuses = load_episode_statuses(home, episodes, options, "model")
        return {one.episode.path: one.sampling.id for one in statuses}

    before = sampling_ids()
    assert probe_readings(home, tmp_path, episodes) == 3
    after = sampling_ids()
    changed = {path for path, id_ in after.items() if before[path] != id_}
    assert changed == {"late.mp4"}
    assert probe_readings(home, tmp_path, episodes) == 0
    assert "gone.mp4".ljust(32, "0") not in load_readings(home)


def test_damaged_readings_are_probed_again(tmp_path: Path, home: Home) -> None:
    _write(tmp_path / "late.mp4", start=Fraction(2))
    episodes = [_episode("late.mp4")]
    probe_readings(home, tmp_path, episodes)
    found = dict(load_readings(home))
    home.readings_file.write_text("{")
    assert load_readings(home) == {}
    assert probe_readings(home, tmp_path, episodes) == 1
    assert dict(load_readings(home)) == found


def test_probing_stops_at_its_time_limit_and_continues_in_the_next_call(
    tmp_path: Path, home: Home
) -> None:
    for name in ("a.mp4", "b.mp4"):
        _write(tmp_path / name)
    episodes = [_episode("a.mp4"), _episode("b.mp4")]
    assert probe_readings(home, tmp_path, episodes, seconds=-1.0) == 0
    assert probe_readings(home, tmp_path, episodes) == 2
    assert {one.reading for one in load_readings(home).values()} == {PLAIN}


def test_titles_of_discs_are_looked_into_again(tmp_path: Path, home: Home) -> None:
    clip = tmp_path / "Film" / "BDMV" / "STREAM" / "00001.m2ts"
    clip.parent.mkdir(parents=True)
    _write(clip)
    playlist = clip.parent.parent / "PLAYLIST" / "00001.mpls"
    episodes = [_episode("Film/BDMV/STREAM/00001.m2ts")]
    for end, changed in ((2.0, 1), (2.0, 0), (1.9, 1)):
        write_playlist(playlist, [("00001", 1.4, end)])
        assert probe_readings(home, tmp_path, episodes) == changed
        (stored,) = load_readings(home).values()
        assert [one.length for one in stored.reading.parts] == [pytest.approx(end - 1.4)]
