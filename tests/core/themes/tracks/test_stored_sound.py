from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.media.file_reading import PLAIN, Part
from whenanime_pipeline.core.themes.tracks import sound_bands
from whenanime_pipeline.core.themes.tracks.episode_tracks import SoundTrack
from whenanime_pipeline.core.themes.tracks.errors import TrackError
from whenanime_pipeline.core.themes.tracks.sound_bands import BANDS, FINE_BANDS
from whenanime_pipeline.core.themes.tracks.stored_sound import (
    StoredSound,
    read_sound,
    sound_track_id,
    write_sound,
)


def _track(rows: int = 50, seed: int = 0) -> SoundTrack:
    rng = np.random.default_rng(seed)
    return SoundTrack(
        bands=rng.uniform(-100, -1, (rows, BANDS)).astype(np.float32),
        fine=rng.uniform(-100, -1, (rows * 4, FINE_BANDS)).astype(np.float32),
        loudness=rng.uniform(-100, -1, rows).astype(np.float32),
        is_missing=rng.random(rows) < 0.2,
        language="jpn",
    )


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 60), rate=st.sampled_from([None, 23.976, 25.0]))
def test_levels_are_kept_to_a_quarter_decibel(
    rows: int, rate: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("sound") / "one.npz"
    track = _track(rows, rows)
    write_sound(path, StoredSound(track, rate, ("some are missing",)))
    stored = read_sound(path)
    assert stored.track is not None
    for name in ("bands", "fine", "loudness"):
        found = getattr(stored.track, name)
        np.testing.assert_allclose(found, getattr(track, name), atol=0.25)
        assert found.dtype == np.float32
    np.testing.assert_array_equal(stored.track.is_missing, track.is_missing)
    assert stored.track.language == "jpn"
    assert (stored.frame_rate, stored.warnings) == (rate, ("some are missing",))


def test_a_video_without_sound_is_stored_as_such(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    write_sound(path, StoredSound(None, 24.0))
    assert read_sound(path) == StoredSound(None, 24.0)


def test_an_episode_takes_less_than_a_megabyte(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    write_sound(path, StoredSound(_track(12_000)))
    assert path.stat().st_size < 1_000_000


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    with pytest.raises(TrackError, match=r"one\.npz: .*index again"):
        read_sound(path)
    write_sound(path, StoredSound(_track()))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TrackError, match=r"one\.npz: .*index again"):
        read_sound(path)
    track = _track()
    write_sound(path, StoredSound(replace(track, loudness=track.loudness[:-1])))
    with pytest.raises(TrackError, match="do not fit"):
        read_sound(path)


def test_another_method_or_reading_has_another_id(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = sound_track_id(PLAIN)
    assert sound_track_id(replace(PLAIN, transfer="pq")) == plain
    assert sound_track_id(replace(PLAIN, parts=(Part(0, 1, "", 5),))) != plain
    monkeypatch.setattr(sound_bands, "WINDOW", 4096)
    assert sound_track_id(PLAIN) != plain
