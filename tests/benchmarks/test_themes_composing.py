"""Composed seasons: what their files show and sound like is what their truth says."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from themes_season import compose_tiny, plan_tiny

from benchmarks.support.context import BenchmarkError
from benchmarks.support.themes.composing import compose_season, compose_seasons
from benchmarks.support.themes.conditions import plan_seasons
from benchmarks.support.themes.instruments import RATE
from benchmarks.support.themes.pieces import (
    BLACK,
    Card,
    Composition,
    Layer,
    Piece,
    Release,
    trim_pieces,
)
from benchmarks.support.themes.songs import STYLES, Song, render_song
from benchmarks.support.themes.story_sound import Recording, StorySound
from benchmarks.support.themes.truth import describe_episode, read_truth
from benchmarks.support.themes.writing import check_lengths, write_episode

THEMES = {"opening", "ending"}


def decode_gray(path: Path) -> list[tuple[float, float]]:
    """Seconds and mean levels of all pictures."""
    with av.open(str(path)) as container:
        return [
            (float(frame.time or 0), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
        ]


def decode_loudness(path: Path) -> tuple[float, NDArray[np.float32]]:
    """The second at which the sound begins on the file's clock, and its samples."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        rate = frames[0].sample_rate
        assert rate == RATE
        return float(frames[0].time or 0), np.concatenate([f.to_ndarray()[0] for f in frames])


def test_seasons_are_many_of_many_conditions_and_a_third_has_no_theme() -> None:
    plans = plan_seasons(None)
    truths = [describe_episode("", 1, episode) for plan in plans for episode in plan.episodes]
    without = [t for t in truths if not THEMES & {s.type for s in t.segments}]
    assert len({plan.name for plan in plans}) == len(plans)
    assert len({plan.condition for plan in plans}) >= 24
    assert len(truths) >= 240
    assert len(without) >= len(truths) / 3
    assert sum(t.seconds <= 480 for t in truths) >= len(truths) / 2
    assert sum(t.seconds > 1300 for t in truths) == 12


def test_seasons_of_other_seeds_share_nothing() -> None:
    plans, others = plan_seasons(None, 0)[:3], plan_seasons(None, 1)[:3]
    for plan, other in zip(plans, others, strict=True):
        first, second = (p.episodes[0].pieces[0].picture.draw(4) for p in (plan, other))
        assert np.abs(first.astype(int) - second).mean() > 5


def test_a_composed_season_is_found_and_not_composed_again(tmp_path: Path) -> None:
    wanted = {"none-lone-1"}
    log: list[str] = []
    truths = compose_seasons(tmp_path, None, log.append, names=wanted, episodes=1)
    assert [truth.name for truth in truths] == ["none-lone-1"]
    assert len(log) == 1
    file = tmp_path / "none-lone-1" / truths[0].episodes[0].file
    written = file.stat().st_mtime_ns
    assert compose_seasons(tmp_path, None, log.append, names=wanted, episodes=1) == truths
    assert len(log) == 1
    assert file.stat().st_mtime_ns == written


def test_files_of_a_season_are_the_same_each_time(tmp_path: Path) -> None:
    truth = compose_tiny(tmp_path / "a", 1)
    assert compose_tiny(tmp_path / "b", 1) == truth == read_truth(tmp_path / "a")
    name = truth.episodes[0].file
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_truth_is_to_the_frame(tmp_path: Path) -> None:
    truth = compose_tiny(tmp_path, 1).episodes[0]
    pieces = plan_tiny(1).episodes[0].pieces
    assert [segment.type for segment in truth.segments] == ["opening", "sponsor", "ending"]
    assert truth.segments[0].start == pieces[0].frames / 24
    assert truth.segments[0].end == (pieces[0].frames + pieces[1].frames) / 24
    assert truth.seconds == sum(piece.frames for piece in pieces) / 24


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(25)])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_flash_and_a_beep_come_at_the_second_that_the_truth_says(
    tmp_path: Path, rate: Fraction, suffix: str
) -> None:
    beep = Recording(np.sin(np.arange(RATE) * 0.3).astype(np.float32))
    pieces = (
        Piece("story", 65, BLACK),
        Piece("opening", 24, Card(3), 0, (Layer(beep),)),
        Piece("story", 50, BLACK),
    )
    episode = Composition(pieces, Release(rate=rate, suffix=suffix))
    path = tmp_path / f"flash{suffix}"
    write_episode(path, episode, Fraction(24))
    truth = describe_episode(path.name, 1, episode)
    check_lengths(path, truth, episode.release)
    bright = [second for second, level in decode_gray(path) if level > 60]
    begin, samples = decode_loudness(path)
    loud = begin + np.flatnonzero(np.abs(samples) > 0.3) / RATE
    segment = truth.segments[0]
    assert bright[0] == pytest.approx(segment.start, abs=0.002)
    assert bright[-1] + 1 / float(rate) == pytest.approx(segment.end, abs=0.002)
    assert loud[0] == pytest.approx(segment.start, abs=0.02)
    assert loud[-1] == pytest.approx(segment.end, abs=0.02)


@pytest.mark.parametrize("kind", ["none", "short", "broken"])
def test_missing_sound_is_as_the_truth_says(tmp_path: Path, kind: str) -> None:
    plan = plan_tiny(1)
    release = Release(sound=kind)  # type: ignore[arg-type]
    episode = replace(plan.episodes[0], release=release)
    season = compose_season(tmp_path, replace(plan, episodes=(episode,)))
    sound = season.episodes[0].sound_seconds
    seconds = season.episodes[0].seconds
    assert sound == {"none": None, "short": seconds * 0.6, "broken": seconds}[kind]


def test_a_file_that_is_shorter_than_its_truth_is_an_error(tmp_path: Path) -> None:
    truth = compose_tiny(tmp_path, 1).episodes[0]
    path = tmp_path / truth.file
    with pytest.raises(BenchmarkError, match="frames, not"):
        check_lengths(path, replace(truth, frames=truth.frames + 1), Release())
    with pytest.raises(BenchmarkError, match="s of sound, not"):
        check_lengths(path, replace(truth, sound_seconds=truth.seconds + 1), Release())


def test_pieces_are_trimmed_inside_and_whole() -> None:
    sound = Layer(Recording(np.zeros(9, np.float32)))
    pieces = [Piece("opening", 10, BLACK, 0, (sound,)), Piece("story", 20, BLACK, 5, (sound,))]
    assert [p.frames for p in trim_pieces(pieces, 0, 0)] == [10, 20]
    inside = trim_pieces(pieces, 4, 3)
    assert [(p.frames, p.start, p.layers[0].start) for p in inside] == [(6, 4, 4), (17, 5, 0)]
    rest = trim_pieces(pieces, 12, 0)
    assert [(p.type, p.frames, p.start) for p in rest] == [("story", 18, 7)]


@pytest.mark.parametrize("style", STYLES)
def test_songs_begin_at_once_and_differ_by_seed(style: str) -> None:
    first, second = (render_song(Song(style, seed, 12.0)) for seed in (1, 2))  # type: ignore[arg-type]
    assert len(first) == 12 * RATE
    assert np.abs(first[: RATE // 4]).max() > 0.02
    both = np.corrcoef(first, second)[0, 1]
    assert abs(both) < 0.3


def test_any_part_of_a_storys_sound_is_that_of_the_whole() -> None:
    sound = StorySound(4)
    whole = sound.read(0, 45 * RATE)
    assert np.isfinite(whole).all()
    np.testing.assert_array_equal(sound.read(19 * RATE, 3 * RATE), whole[19 * RATE : 22 * RATE])
