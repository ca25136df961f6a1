"""`whenanime bench themes`: its scores, its ways, and the peer's."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from themes_season import answer_truth, compose_tiny, find_truth, make_tracks

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.themes.chromaprint import POINT, read_fingerprint
from benchmarks.support.themes.intro_skipper import compare, find_shared
from benchmarks.support.themes.matching_cost import measure_matching
from benchmarks.support.themes.modalities import select_repeated
from benchmarks.support.themes.results import (
    list_results,
    tabulate_bounds,
    tabulate_conditions,
    tabulate_types,
    tabulate_ways,
)
from benchmarks.support.themes.season_tracks import SeasonTracks, load_season
from benchmarks.support.themes.synthetic_season import OPENING, SyntheticSeason
from benchmarks.support.themes.targets import list_figures
from benchmarks.support.themes.truth import ComposedSegment, EpisodeTruth, SeasonTruth
from benchmarks.support.themes.ways import OURS, PEER, SOUND_ALONE, find_themes
from benchmarks.themes import make_tables, measure_seasons
from whenanime_pipeline.core.themes.segments import Evidence, SeasonThemes, Segment
from whenanime_pipeline.core.themes.tracks.episode_tracks import SOUND_HOP, EpisodeTracks


def composed(kind: str, start: float, end: float, *repeats: str) -> ComposedSegment:
    return ComposedSegment(kind, start, end, kind, repeats)  # type: ignore[arg-type]


def season(*segments: tuple[ComposedSegment, ...], sound: float | None = 300) -> SeasonTruth:
    episodes = tuple(
        EpisodeTruth(f"{n}.mp4", n, 7200, 24.0, 300.0, sound, each)
        for n, each in enumerate(segments, 1)
    )
    return SeasonTruth("season", "hard", "drawn A", episodes)


BOTH = ("pictures", "sound")
OPENING_40 = composed("opening", 10, 50, *BOTH)
ENDING_30 = composed("ending", 250, 280, *BOTH)
TRUTH = season((OPENING_40, ENDING_30), ())


def test_the_truth_as_the_answer_meets_every_target() -> None:
    figures = list_figures(list_results(OURS, TRUTH, answer_truth(TRUTH)))
    judged = {figure.name: figure.is_met for figure in figures if figure.target}
    assert len(judged) >= 15
    assert all(judged.values()), [name for name, met in judged.items() if not met]


def test_scores_of_a_late_answer_with_a_false_theme() -> None:
    late = answer_truth(TRUTH, late=2.0)
    false = Segment("opening", 0, 30, 0.1, 0.1, "likely", Evidence(("sound",), 1))
    row = tabulate_ways(list_results(OURS, TRUTH, [late[0], (false,)])).iloc[0]
    assert row["f1"] == pytest.approx((2 * 66 / 140 + 0) / 2)
    assert (row["false"], row["asked"], row["invented"], row["missed"]) == (1, 2, 1, 0)
    assert (row["worst_story"], row["worst_certain"]) == (30, 4)
    assert row["cut_points"] == pytest.approx((4 * 1 + 2 * 10) / 6)
    assert (row["p50"], row["p99"]) == (2, 2)
    assert row["certain_covers"] == pytest.approx(66 / 70)
    assert row["certain_right"] == pytest.approx(66 / 70)


def test_frames_have_a_row_for_each_theme_and_each_condition() -> None:
    results = list_results(OURS, TRUTH, [(answer_truth(TRUTH)[0][0],), ()])
    bounds = tabulate_bounds(results)
    assert bounds["outcome"].tolist() == ["found", "missed"]
    assert bounds["start_error"].tolist()[0] == 0
    assert tabulate_conditions(results)["condition"].tolist() == ["hard"]
    assert tabulate_types(results)[["found", "true"]].to_numpy().tolist() == [
        ["opening", "opening"]
    ]


def test_nothing_found_anywhere_is_a_table_too() -> None:
    results = list_results(OURS, TRUTH, [(), ()])
    assert tabulate_ways(results).iloc[0]["f1"] == 0.5
    assert {f.name: f.is_met for f in list_figures(results)}[f"{OURS}: F1 of seconds"] is False


def test_one_modality_is_scored_over_themes_that_it_repeats() -> None:
    truth = season(
        (OPENING_40, composed("ending", 250, 280, "pictures")), (composed("opening", 5, 9),)
    )
    found = list_results(SOUND_ALONE, truth, [answer_truth(truth)[0][:1], ()])
    chosen = select_repeated(found, "sound")
    assert [len(result.truth.segments) for result in chosen] == [1]
    assert tabulate_ways(chosen).iloc[0]["f1"] == 1


def test_sound_that_ends_before_a_theme_does_not_repeat_it() -> None:
    found = list_results(SOUND_ALONE, season((OPENING_40, ENDING_30), sound=180), [()])
    assert [s.type for s in select_repeated(found, "sound")[0].truth.segments] == ["opening"]
    silent = list_results(SOUND_ALONE, season((OPENING_40,), sound=None), [()])
    assert select_repeated(silent, "sound") == []


def test_a_weekly_season_is_asked_for_with_what_there_was(tmp_path: Path) -> None:
    truth = replace(season((OPENING_40,), (OPENING_40,), (OPENING_40,)), condition="weekly")
    tracks = SeasonTracks(truth, (), make_tracks(truth))
    asked: list[int] = []

    def find(episodes: Sequence[EpisodeTracks]) -> SeasonThemes:
        asked.append(len(episodes))
        return find_truth(truth, episodes)

    room = BenchmarkContext(tmp_path, tmp_path, None, lambda _: None)
    quiet = SeasonTracks(truth, tuple(tmp_path / e.file for e in truth.episodes), tracks.episodes)
    for file in quiet.files:
        kept = tmp_path / truth.name / "chromaprint" / f"{file.stem}.npy"
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, np.zeros(0, np.uint32))
    results = measure_seasons([quiet], tmp_path, room, find)
    assert asked == [3, 3, 3, 1, 2, 3]
    assert tabulate_ways(results).set_index("way").loc["weekly", "f1"] == 1


def make_points(seed: int, theme: NDArray[np.uint32], at: int) -> NDArray[np.uint32]:
    points = np.random.default_rng(seed).integers(0, 2**32, 1500, np.uint32)
    points[at : at + len(theme)] = theme
    return points


def test_the_peer_finds_what_two_fingerprints_share() -> None:
    theme = np.random.default_rng(1).integers(0, 2**32, 400, np.uint32)
    left, right = make_points(2, theme, 100), make_points(3, theme, 640)
    right[800:820] = 0  # a gap of less than 3.5 s
    pair = compare(left, right, (15, 120))
    assert pair is not None
    assert np.allclose(pair, np.array([[100, 499], [640, 1039]]) * POINT, atol=0.3)
    assert compare(left, right, (60, 120)) is None
    assert compare(left, make_points(4, theme[:50], 7), (15, 120)) is None


def test_the_peers_first_match_decides() -> None:
    theme, other = np.random.default_rng(1).integers(0, 2**32, (2, 300), np.uint32)
    prints = [make_points(5, theme, 10), make_points(6, other, 10), make_points(7, theme, 90)]
    found = find_shared(prints, "opening")
    assert found[1] is None
    assert found[0] is not None
    assert found[2] == pytest.approx((90 * POINT, 389 * POINT))


@pytest.mark.skipif(shutil.which("fpcalc") is None, reason="fpcalc is not installed")
def test_fpcalc_reads_a_composed_file_once(tmp_path: Path) -> None:
    truth = compose_tiny(tmp_path, 1).episodes[0]
    kept = tmp_path / "kept.npy"
    points = read_fingerprint(tmp_path / truth.file, kept)
    assert len(points) * POINT == pytest.approx(truth.seconds, abs=3.5)
    (tmp_path / truth.file).unlink()
    np.testing.assert_array_equal(read_fingerprint(tmp_path / truth.file, kept), points)


def test_synthetic_episodes_share_their_themes_and_nothing_else() -> None:
    episodes = SyntheticSeason(3, minutes=8)
    first, second = episodes[0], episodes[1]
    assert first.sound is not None
    assert second.sound is not None
    assert first.pictures is not None
    begin = [round(episodes.place_themes(n)[0] / SOUND_HOP) for n in (0, 1)]
    rows = round(OPENING / SOUND_HOP)
    shared = [
        e.bands[b : b + rows] for e, b in zip((first.sound, second.sound), begin, strict=True)
    ]
    np.testing.assert_array_equal(shared[0], shared[1])
    between = slice(round(250 / SOUND_HOP), round(340 / SOUND_HOP))
    left, right = first.sound.bands[between].ravel(), second.sound.bands[between].ravel()
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1
    assert len(first.pictures.frames) == 8 * 60 * 8
    assert first.pictures.frames.max() < len(first.pictures.vectors)
    assert len(list(episodes)) == 3
    with pytest.raises(IndexError):
        episodes[3]


def test_finder_of_the_truth_answers_by_fingerprint() -> None:
    find = partial(find_truth, TRUTH)
    assert find(make_tracks(TRUTH)[:1]).episodes["1.mp4"] == answer_truth(TRUTH)[0]


def test_tables_of_a_run_hold_every_condition_and_what_is_wrong() -> None:
    results = list_results(OURS, TRUTH, [(), ()]) + list_results(PEER, TRUTH, answer_truth(TRUTH))
    tables = make_tables(results)
    assert tables["ways"].set_index("way")["f1"].to_dict() == {OURS: 0.5, PEER: 1.0}
    assert tables["conditions, ours"]["condition"].tolist() == ["hard"]
    assert tables["missed and invented, ours"]["outcome"].tolist() == ["missed", "missed"]


def test_finding_themes_is_measured_on_a_season_whose_themes_are_found() -> None:
    cost = measure_matching(3, keep=True)
    assert cost.right == 1
    assert cost.processor > 0
    assert cost.memory > 50e6


def test_a_composed_season_is_indexed_once_and_its_themes_are_found(tmp_path: Path) -> None:
    truth = compose_tiny(tmp_path / "tiny", 3, longer=14)
    log: list[str] = []
    room = BenchmarkContext(tmp_path, tmp_path, None, log.append)
    tracks = load_season(tmp_path / "tiny", tmp_path / "home", truth, log.append)
    assert [line for line in log if line.startswith("indexing")] == [
        f"indexing {episode.file}" for episode in truth.episodes
    ]
    for episode, true in zip(tracks.episodes, truth.episodes, strict=True):
        assert episode.duration == pytest.approx(true.seconds, abs=0.05)
        assert episode.number == true.number
        assert episode.sound is not None
        assert episode.pictures is not None
    again = load_season(tmp_path / "tiny", tmp_path / "home", truth, room.log)
    assert [e.fingerprint for e in again.episodes] == [e.fingerprint for e in tracks.episodes]
    assert len(log) == 3
    results = measure_seasons([again], tmp_path / "homes", room, find_themes)
    score = tabulate_ways(results).set_index("way")
    assert score.loc[OURS, "f1"] > 0.9
