"""The ground truth of the sample matches its decoded files."""

import json
import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.sample.render import render_episode
from whenanime_pipeline.core.sample.sample_library import make_sample_library, read_truth
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.truth import EpisodeTruth, SampleTruth

SIZE = (160, 90)
Pictures = NDArray[np.uint8]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def truth(folder: Path) -> SampleTruth:
    return make_sample_library(folder, size=SIZE, episodes=2)


@pytest.fixture(scope="module")
def films(folder: Path, truth: SampleTruth) -> dict[str, tuple[list[float], Pictures]]:
    return {entry.path: decode_video(folder / entry.path) for entry in truth.files}


def decode_video(path: Path) -> tuple[list[float], Pictures]:
    times, pictures = [], []
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base
        for frame in container.decode(video=0):
            assert frame.time is not None
            times.append(frame.time - start)
            pictures.append(frame.to_ndarray(format="rgb24"))
    return times, np.stack(pictures)


def difference(a: Pictures, b: Pictures) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def average_blocks(picture: Pictures) -> Pictures:
    """Return averages of blocks of 8, which removes the codec's noise on the grain."""
    return np.asarray(cv2.resize(picture, (20, 11), interpolation=cv2.INTER_AREA), np.uint8)


def frame_of(entry: EpisodeTruth, second: float) -> int:
    return round(second * entry.fps)


def test_files_match_the_truth(folder: Path, truth: SampleTruth) -> None:
    assert len(truth.files) == 4
    for entry in truth.files:
        with av.open(str(folder / entry.path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            assert (video.width, video.height) == (entry.width, entry.height) == SIZE
            assert float(video.average_rate or 0) == pytest.approx(entry.fps, abs=1e-3)
            assert video.codec_context.name == "h264"
            assert audio.codec_context.name == "aac"
            assert (container.duration or 0) / av.time_base == pytest.approx(
                entry.duration, abs=0.06
            )
        assert (folder / entry.path).stat().st_size == entry.bytes


def test_frame_times_match_the_truth(
    truth: SampleTruth, films: dict[str, tuple[list[float], Pictures]]
) -> None:
    for entry in truth.files:
        times, _ = films[entry.path]
        assert len(times) == entry.frames
        expected = np.arange(entry.frames) / entry.fps
        # Matroska rounds to milliseconds and starts with the sound's priming.
        assert np.abs(np.array(times) - expected).max() < 0.03


def test_every_cut_changes_the_picture(
    truth: SampleTruth, films: dict[str, tuple[list[float], Pictures]]
) -> None:
    for entry in truth.files:
        _, pictures = films[entry.path]
        for scene in entry.scenes[1:]:
            if scene.dissolve:
                continue
            cut = frame_of(entry, scene.start)
            assert difference(pictures[cut - 1], pictures[cut]) > 4, (entry.path, scene.start)


def test_held_pictures_do_not_change(
    truth: SampleTruth, films: dict[str, tuple[list[float], Pictures]]
) -> None:
    checked = 0
    for entry in truth.files:
        _, pictures = films[entry.path]
        for scene in entry.scenes:
            captions = {line.start for line in scene.subtitles} | {
                line.end for line in scene.subtitles
            }
            for span in scene.spans:
                if span.kind != "held" or any(span.start < at < span.end for at in captions):
                    continue
                first, last = frame_of(entry, span.start), frame_of(entry, span.end) - 1
                assert (
                    difference(average_blocks(pictures[first]), average_blocks(pictures[last]))
                    < 1.5
                )
                checked += 1
    assert checked > 20


def test_openings_of_one_version_repeat(
    truth: SampleTruth, films: dict[str, tuple[list[float], Pictures]]
) -> None:
    for series in truth.series:
        first, second = (entry for entry in truth.files if entry.series == series.title)
        assert first.opening is not None
        assert second.opening is not None
        length = frame_of(first, first.opening.end - first.opening.start)
        differences = []
        for offset in range(5, length, 31):
            a = films[first.path][1][frame_of(first, first.opening.start) + offset]
            b = films[second.path][1][frame_of(second, second.opening.start) + offset]
            differences.append(difference(a, b))
        if first.opening.version == second.opening.version:
            assert max(differences) < 3
        else:
            assert min(differences) > 8


def test_missing_ending_is_in_the_truth(truth: SampleTruth) -> None:
    assert [entry.ending is None for entry in truth.files] == [False, False, False, True]
    last = truth.files[-1]
    assert not any(scene.part == "ending" for scene in last.scenes)


def test_head_boxes_are_within_the_picture(truth: SampleTruth) -> None:
    boxes = [
        box
        for entry in truth.files
        for scene in entry.scenes
        for character in scene.characters
        for box in character.boxes
    ]
    assert len(boxes) > 100
    assert all(0 <= b.left < b.right <= SIZE[0] and 0 <= b.top < b.bottom <= SIZE[1] for b in boxes)


def test_paths_follow_the_naming_schemes(folder: Path, truth: SampleTruth) -> None:
    assert [entry.path for entry in truth.files] == [
        "星空邮局/01_第一季/01-第一封信.mp4",
        "星空邮局/01_第一季/02-雨天的来客.mp4",
        "Tide and Lantern/Season 01/Tide and Lantern - S01E01 - The Harbour Wakes.mkv",
        "Tide and Lantern/Season 01/Tide and Lantern - S01E02 - A Borrowed Boat.mkv",
    ]
    nfo = ET.parse(folder / "Tide and Lantern" / "tvshow.nfo").getroot()
    assert nfo.findtext("title") == "Tide and Lantern"
    assert nfo.findtext("originaltitle") == "潮とランタン"
    ids = {node.get("type"): node.text for node in nfo.findall("uniqueid")}
    assert ids == {"anilist": "9000002", "mal": "9100002"}


def test_truth_round_trips_through_json(folder: Path, truth: SampleTruth) -> None:
    assert SampleTruth.from_json(truth.to_json()) == truth
    assert read_truth(folder) == truth
    assert "星空邮局" in (folder / "sample.json").read_text(encoding="utf-8")
    with pytest.raises(KeyError):
        truth.get_episode("nowhere.mp4")


def test_second_call_leaves_the_files_unchanged(folder: Path, truth: SampleTruth) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    calls: list[int] = []
    again = make_sample_library(
        folder, size=SIZE, episodes=2, progress=lambda done, *_: calls.append(done)
    )
    assert again == truth
    assert calls == []
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    after.pop(folder / ".sample.lock", None)
    before.pop(folder / ".sample.lock", None)
    assert after == before


def test_equal_recipes_give_equal_files_and_a_deleted_file_is_restored(tmp_path: Path) -> None:
    calls: list[tuple[int, int, str]] = []
    other_file = tmp_path / "mine.txt"
    other_file.write_text("stays")
    first = make_sample_library(
        tmp_path, size=(64, 36), episodes=1, progress=lambda *call: calls.append(call)
    )
    assert sorted(call[:2] for call in calls) == [(1, 2), (2, 2)]
    before = {entry.path: (tmp_path / entry.path).read_bytes() for entry in first.files}
    (tmp_path / first.files[0].path).unlink()
    again = make_sample_library(tmp_path, size=(64, 36), episodes=1)
    assert again == first
    assert {entry.path: (tmp_path / entry.path).read_bytes() for entry in again.files} == before
    assert other_file.read_text() == "stays"


def test_short_shot_is_rendered_in_full_hd(tmp_path: Path) -> None:
    series = make_sample_series(0)[1]
    plan = plan_episode(series, 1, 1, 0)
    shot = next(shot for shot in plan.shots if shot.part == "story" and shot.actors)
    short = replace(plan, shots=(replace(shot, frames=12),), opening=None, ending=None)
    target = tmp_path / "short.mkv"
    render_episode(series, short, (1920, 1080), target)
    _, pictures = decode_video(target)
    assert pictures.shape == (12, 1080, 1920, 3)
    assert pictures[0].std() > 20
    assert [path.name for path in tmp_path.iterdir()] == ["short.mkv"]


def _run(folder: str, ready: str) -> None:
    os.setpgrp()
    Path(ready).touch()
    make_sample_library(Path(folder), size=(320, 180), episodes=1)


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A folder in which a run was killed while it drew the sample."""
    folder = tmp_path / "videos"
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(str(folder), str(tmp_path / "ready"))
    )
    process.start()
    while process.is_alive() and not list(folder.rglob("*.part")):
        process.join(0.02)
    assert process.pid is not None
    assert process.is_alive(), "the run finished before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    return folder


def test_killed_run_leaves_no_finished_file(killed: Path) -> None:
    assert read_truth(killed) is None
    assert not list(killed.rglob("*.mp4")) + list(killed.rglob("*.mkv"))
    assert all(path.name.startswith(".") for path in killed.rglob("*.part"))
    truth = make_sample_library(killed, size=(64, 36), episodes=1)
    assert read_truth(killed) == truth
    assert not list(killed.rglob("*.part"))


@pytest.mark.parametrize(
    ("size", "episodes", "jobs"), [((161, 90), 1, 1), ((62, 36), 1, 1), (SIZE, 0, 1), (SIZE, 1, 0)]
)
def test_invalid_options_are_refused(
    tmp_path: Path, size: tuple[int, int], episodes: int, jobs: int
) -> None:
    with pytest.raises(ValueError, match="a sample"):
        make_sample_library(tmp_path / "none", size=size, episodes=episodes, jobs=jobs)
    assert not (tmp_path / "none").exists()


def test_another_recipe_replaces_only_files_of_the_sample(
    folder: Path, truth: SampleTruth, tmp_path: Path
) -> None:
    home = tmp_path / "videos"
    outside = tmp_path / "outside.mp4"
    outside.write_text("not ours")
    files = tuple(
        replace(entry, path=path)
        for entry, path in zip(truth.files, ("old.mp4", "../outside.mp4"), strict=False)
    )
    home.mkdir()
    (home / "old.mp4").write_text("of another seed")
    (home / "sample.json").write_bytes(replace(truth, files=files).to_json())
    made = make_sample_library(home, size=(64, 36), episodes=1)
    assert outside.read_text() == "not ours"
    assert not (home / "old.mp4").exists()
    assert read_truth(home) == made


def test_damaged_truth_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "sample.json").write_text(json.dumps({"recipe": 1}))
    assert read_truth(tmp_path) is None
