import json
from dataclasses import asdict
from pathlib import Path

import pytest

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.themes.library_episodes import (
    collect_certain,
    collect_labels,
    read_seasons,
)
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.segments import Confidence, Evidence, SeasonThemes, Segment


def _episode(path: str, fingerprint: str) -> Episode:
    name = EpisodeName("Example")
    return Episode(f"key-{fingerprint}", path, fingerprint, 1, 1, name, SeriesInfo("Example"))


def _segment(confidence: Confidence) -> Segment:
    return Segment("opening", 10, 100, 0.1, 0.1, confidence, Evidence(("sound", "pictures")))


def test_only_what_is_certain_is_learnt_from() -> None:
    season = SeasonThemes(
        "x",
        (),
        {"a": (_segment("certain"),), "b": (_segment("likely"),), "c": ()},
    )
    assert collect_certain([season]) == {"a": (TrueSegment("opening", 10, 100),)}


def test_seasons_are_read_and_damaged_ones_left_out(tmp_path: Path) -> None:
    home = Home(tmp_path)
    season = SeasonThemes("x", (), {"a": (_segment("certain"),)})
    path = home.season_themes_file("1-s01")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"schema": 1, "themes": asdict(season)}), encoding="utf-8")
    home.season_themes_file("1-s02").write_text("{", encoding="utf-8")
    assert read_seasons(home) == [season]
    assert read_seasons(Home(tmp_path / "empty")) == []


def test_labels_find_their_episodes_by_any_of_their_names(tmp_path: Path) -> None:
    episodes = [
        _episode("Show/Show - 01.mkv", "1"),
        _episode("Show/Show - 02.mkv", "2"),
        _episode("-220020068_456255389/video.mp4", "3"),
        _episode("Show/Show - 04.mkv", "4"),
        _episode("Other/Other - 05.mkv", "5"),
    ]
    times = {"start": "0:00:10", "end": "0:00:40"}
    labels = {
        "key-1": times,
        "x": times | {"name": "Show - 02"},
        "-220020068_456255389": times | {"url": "https://example.org"},
        "y": {"url": "Show/Show - 04.mkv", "themes": []},
        "z": times | {"name": "not of this library"},
        "Show": times,  # a folder of several episodes is none of them
    }
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(labels), encoding="utf-8")
    truth, entries = collect_labels(path, episodes)
    opening = (TrueSegment("opening", 10, 40),)
    assert truth == {"1": opening, "2": opening, "3": opening, "4": ()}
    assert {key: entry.id for key, entry in entries.items()} == {
        "1": "key-1", "2": "x", "3": "-220020068_456255389", "4": "y",
    }  # fmt: skip


def test_labels_of_other_videos_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('{"a": {"start": 1, "end": 30}}', encoding="utf-8")
    with pytest.raises(TrainingError, match=r"labels\.json: no entry is of an episode"):
        collect_labels(path, [_episode("Show/Show - 01.mkv", "1")])
