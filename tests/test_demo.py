"""`whenanime demo`, whole: what is drawn is what is indexed, and what is found."""

import subprocess
import sys
from pathlib import Path

import pytest

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_jpeg
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.sample.sample_library import read_truth
from whenanime_pipeline.core.sample.truth import SampleTruth
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "home"
    done = subprocess.run(
        [sys.executable, "-m", "whenanime_pipeline", "demo", "--no-serve", "--home", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    asked, answer = done.stdout.splitlines()[-2:]
    assert asked.endswith("was asked for.")
    assert answer.startswith("The answer: Tide and Lantern S01E01")
    return folder


@pytest.fixture(scope="module")
def truth(home: Path) -> SampleTruth:
    found = read_truth(home / "videos")
    assert found
    return found


@pytest.fixture(scope="module")
def engine(home: Path) -> SearchEngine:
    latest = read_latest_id(home / "snapshots")
    assert latest
    return SearchEngine.open(home / "snapshots" / latest)


@pytest.mark.timeout(600)
def test_every_episode_is_read_as_what_it_is(truth: SampleTruth, engine: SearchEngine) -> None:
    reported = {
        file.path: (file.series, file.season, file.episode, file.title) for file in truth.files
    }
    read = {
        row.path: (row.series, row.season, row.number, row.title)
        for row in engine.snapshot.episodes
    }
    assert read == reported
    durations = {row.path: row.duration for row in engine.snapshot.episodes}
    for file in truth.files:
        assert durations[file.path] == pytest.approx(file.duration, abs=0.1)
    titles = {series.title: series for series in truth.series}
    for row in engine.snapshot.episodes:
        series = titles[row.series]
        if row.anilist is not None:
            assert (row.anilist, row.mal) == (series.anilist, series.mal)


@pytest.mark.timeout(600)
def test_a_frame_of_every_story_scene_is_found(
    home: Path, truth: SampleTruth, engine: SearchEngine
) -> None:
    """The middle of each scene that is in one episode only, as a screenshot of 480 pixels."""
    asked, wrong = 0, []
    for file in truth.files:
        for scene in file.scenes:
            if scene.part != "story" or not scene.place:
                continue
            second = (scene.start + scene.end) / 2
            picture = decode_frame_at(home / "videos" / file.path, second, long_side=480)
            best = engine.search(decode_stored_frame(encode_jpeg(picture, quality=75)))[0]
            asked += 1
            # Within the scene: a held picture is the same at each of its seconds.
            if best.episode.path != file.path or not scene.start <= best.at <= scene.end:
                wrong.append((file.path, second, best.episode.path, best.at))
    assert asked >= 20
    assert len(wrong) <= 0.02 * asked, wrong
