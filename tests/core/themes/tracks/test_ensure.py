"""Tracks of episodes in a library: made once, made again when damaged, loaded as they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sample_videos import new_workspace, process_episodes, reopen, scan_videos, write_film
from sound_files import find_clicks, make_clicks, write_sounding

from whenanime_pipeline.core.home import name_skipped
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.tracks.ensure import (
    SoundResult,
    TracksResult,
    ensure_sound,
    ensure_tracks,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import PICTURE_HOP, SOUND_HOP
from whenanime_pipeline.core.themes.tracks.load import load_sound_warnings, load_tracks
from whenanime_pipeline.core.themes.tracks.stored_sound import sound_track_id
from whenanime_pipeline.core.workspace import Workspace


def _status(workspace: Workspace) -> EpisodeStatus:
    (status,) = reopen(workspace).load_statuses()
    return status


def _ensure(workspace: Workspace) -> TracksResult:
    status = _status(workspace)
    opened = reopen(workspace)
    return ensure_tracks(opened.home, opened.videos_folder, status, opened.embedder)


def _sound_file(workspace: Workspace) -> Path:
    status = _status(workspace)
    track_id = sound_track_id(status.reading)
    return workspace.home.sound_track_file(track_id, status.episode.fingerprint)


@pytest.fixture
def sounding(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    path = workspace.videos_folder / "Show - S01E03.mkv"
    write_sounding(path, [make_clicks(6, [1.5, 4.0])], seconds=6, languages=["jpn"])
    scan_videos(workspace)
    process_episodes(workspace, 3)
    return workspace


def test_tracks_are_made_once_and_loaded(sounding: Workspace) -> None:
    made = _ensure(sounding)
    assert made.sound.has_sound
    assert made.sound.language == "jpn"
    assert made.sound.warnings == ()
    assert made.sound.seconds is not None
    assert made.seconds > 0
    stored = {path: path.stat().st_mtime_ns for path in sounding.home.root.glob("tracks/**/*.npz")}
    assert len(stored) == 2
    again = _ensure(sounding)
    assert again == TracksResult(replace(made.sound, seconds=None), None, 0.0)
    assert stored == {path: path.stat().st_mtime_ns for path in stored}
    tracks = load_tracks(sounding.home, _status(sounding))
    assert tracks.number == 3
    assert tracks.duration == pytest.approx(6)
    assert tracks.frame_rate == 24
    assert tracks.text is None
    assert tracks.sound is not None
    assert tracks.pictures is not None
    assert find_clicks(tracks.sound) == pytest.approx([1.5, 4.0], abs=0.01)
    assert len(tracks.sound.bands) == np.ceil(tracks.duration / SOUND_HOP)
    assert len(tracks.pictures.frames) == tracks.duration / PICTURE_HOP
    assert tracks.pictures.is_flat.all()


def test_what_is_not_made_is_none(sounding: Workspace) -> None:
    tracks = load_tracks(sounding.home, _status(sounding))
    assert tracks.sound is None
    assert tracks.pictures is None


def test_a_damaged_track_is_made_again(sounding: Workspace) -> None:
    _ensure(sounding)
    files = list(sounding.home.root.glob("tracks/**/*.npz"))
    contents = [path.read_bytes() for path in files]
    for path in files:
        path.write_bytes(path.read_bytes()[:-100])
    assert load_sound_warnings(sounding.home, _status(sounding))
    assert _ensure(sounding).sound.seconds is not None
    assert [path.read_bytes() for path in files] == contents


def test_a_video_without_sound_is_read_once(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    write_film(workspace.videos_folder / "Show - S01E01.mkv", seed=1)
    scan_videos(workspace)
    process_episodes(workspace, 1)
    assert not _ensure(workspace).sound.has_sound
    assert _ensure(workspace).sound.seconds is None
    tracks = load_tracks(workspace.home, _status(workspace))
    assert tracks.sound is None
    assert tracks.pictures is not None
    assert not tracks.pictures.is_flat.any()
    assert len(set(tracks.pictures.frames.tolist())) == 6


def test_a_video_that_is_gone_is_a_warning_and_tried_again(sounding: Workspace) -> None:
    (video,) = sounding.videos_folder.iterdir()
    aside = video.rename(video.with_name("aside"))
    status = _status(sounding)
    result = ensure_sound(sounding.home, sounding.videos_folder, status)
    assert not result.has_sound
    assert len(result.warnings) == 1
    assert "its sound cannot be read" in result.warnings[0]
    assert not _sound_file(sounding).exists()
    aside.rename(video)
    assert ensure_sound(sounding.home, sounding.videos_folder, status).has_sound


def test_a_video_that_was_replaced_is_not_read_for_another(sounding: Workspace) -> None:
    (video,) = sounding.videos_folder.iterdir()
    status = _status(sounding)
    write_sounding(video, [make_clicks(6, [2.0])], seconds=6)
    result = ensure_sound(sounding.home, sounding.videos_folder, status)
    assert result == SoundResult(warnings=result.warnings)
    assert "changed" in result.warnings[0]
    assert not _sound_file(sounding).exists()


def test_sound_that_ends_early_is_missing_after(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    path = workspace.videos_folder / "Show - S01E01.mkv"
    write_sounding(path, [make_clicks(3, [1.0])], seconds=36)
    scan_videos(workspace)
    process_episodes(workspace, 1)
    result = _ensure(workspace)
    assert result.sound.missing == pytest.approx(33, abs=0.2)
    assert result.sound.warnings == ("33 s of its sound are missing or cannot be decoded",)
    assert load_sound_warnings(workspace.home, _status(workspace)) == result.sound.warnings


def test_missing_frames_are_an_error_that_names_them(sounding: Workspace) -> None:
    status = _status(sounding)
    status.frames_file.unlink()
    with pytest.raises(FramesError, match=status.frames_file.name):
        ensure_sound(sounding.home, sounding.videos_folder, status)


@pytest.mark.parametrize("is_old", [False, True])
def test_skipped_seconds_are_in_the_track_and_not_in_the_index(
    tmp_path: Path, is_old: bool
) -> None:
    workspace = new_workspace(tmp_path)
    options = "[sampling]\nopening = 1.5\nending = 1.0\nfull_first_ep = false\n"
    workspace.home.config_file.write_text(options)
    write_film(workspace.videos_folder / "Show - S01E01.mkv", seed=1, seconds=5)
    scan_videos(workspace)
    process_episodes(workspace, 1)
    status = _status(workspace)
    if is_old:  # a library that was indexed before there were tracks
        name = name_skipped(status.episode.fingerprint)
        workspace.home.frames_file(status.sampling.id, name).unlink()
    _ensure(workspace)
    pictures = load_tracks(workspace.home, status).pictures
    assert pictures is not None
    shown = pictures.frames
    assert len(shown) == 40
    assert (shown[12:32] >= 0).all()
    assert (shown[:12] < 0).all() == is_old
    assert (shown[32:] < 0).all() == is_old
    assert len(pictures.vectors) == (5 if is_old else 10)
    assert np.linalg.norm(pictures.vectors, axis=1) == pytest.approx(1, abs=1e-3)
