"""`whenanime themes`: lists, and files that players read, never over those of others."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sample_videos import copy_indexed, published_folder, reopen
from test_command_line import whenanime_here
from theme_seasons import make_season, make_segment, store_season

from whenanime_pipeline.commands.theme_files import FORMATS, ExportOptions, write_theme_files
from whenanime_pipeline.commands.themes import list_episodes
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.export.episode import ExportedEpisode
from whenanime_pipeline.core.themes.labels.edits import label_template
from whenanime_pipeline.core.themes.season_groups import group_seasons
from whenanime_pipeline.core.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two episodes of three seconds, the first with an opening and a likely ending."""
    workspace = copy_indexed(tmp_path, count=2)
    (season,) = group_seasons(workspace.load_catalogue())
    first, second = (episode.fingerprint for episode in season.episodes)
    themes = make_season(
        {
            first: (
                make_segment("opening", 0.5, 1.5, template="T1", is_first=True),
                make_segment("ending", 2.0, 3.0, template="T2", confidence="likely", is_first=True),
            ),
            second: (),
        }
    )
    store_season(workspace, themes)
    assert reopen(workspace).publish_snapshot()[1]
    return workspace


def run(workspace: Workspace, *words: str | Path) -> tuple[int, str, str]:
    done = whenanime_here(
        "themes", *words, "--home", workspace.home.root, "--videos", workspace.videos_folder
    )
    return done.returncode, done.stdout, done.stderr


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def test_episodes_are_listed_with_their_themes(workspace: Workspace) -> None:
    code, said, errors = run(workspace)
    first, second = said.splitlines()
    assert (code, errors) == (0, "")
    assert first.endswith("S01E01.mp4: opening 00:00.5–00:01.5, ending 00:02.0–00:03.0 (likely)")
    assert second.endswith("S01E02.mp4: no themes")
    assert run(workspace, "Show")[1] == said
    code, _, errors = run(workspace, "Another")
    assert (code, errors) == (1, "error: Another: no series of this library; there are Show\n")


def test_json_has_the_evidence(workspace: Workspace) -> None:
    first, second = json.loads(run(workspace, "--json")[1])
    assert first["themes"][0] == {
        "type": "opening", "start": 0.5, "end": 1.5, "startError": 0.1, "endError": 0.2,
        "confidence": "certain", "template": "T1", "first": True, "skippable": True,
        "evidence": {
            "witnesses": ["pictures", "sound"], "partners": 3, "sound": 0.97, "pictures": 0.95
        },
    }  # fmt: skip
    assert (second["themes"], second["computed"]) == ([], True)


def test_nothing_is_written_into_the_videos_unless_asked(workspace: Workspace) -> None:
    before = names(workspace.videos_folder)
    code, _, errors = run(workspace, "--export", "edl")
    assert (code, errors) == (1, "error: give either --output DIR or --beside-videos\n")
    for kind in ("edl", "chapters", "jellyfin", "labels"):
        target = workspace.home.root.parent / kind
        code, said, _ = run(workspace, "--export", kind, "--output", target)
        assert code == 0
        assert said == f"{target}: 1 written, 0 unchanged, 0 deleted\n"
        assert len(names(target)) == 1
    assert names(workspace.videos_folder) == before
    labels = json.loads((workspace.home.root.parent / "labels/labels.json").read_text())
    assert [one["themes"] for one in labels.values()] == [
        [{"type": "opening", "start": 0.5, "end": 1.5}],
        [],
    ]


def test_files_next_to_videos_follow_the_themes(workspace: Workspace) -> None:
    target = workspace.videos_folder / "Show - S01E01.edl"
    assert run(workspace, "--export", "edl", "--beside-videos")[0] == 0
    assert target.read_text() == "0.700\t1.300\t3\n"
    assert "0 written, 1 unchanged" in run(workspace, "--export", "edl", "--beside-videos")[1]
    label_template(workspace.home, "T2", changes={"confirmed": True})
    assert "1 written" in run(workspace, "--export", "edl", "--beside-videos")[1]
    assert target.read_text() == "0.700\t1.300\t3\n2.200\t2.800\t3\n"
    only = ("--type", "ending")
    assert "1 written" in run(workspace, "--export", "edl", "--beside-videos", *only)[1]
    assert target.read_text() == "2.200\t2.800\t3\n"
    run(workspace, "--export", "edl", "--beside-videos", "--keep-first")
    assert not target.exists()  # both are new here
    run(workspace, "--export", "edl", "--beside-videos")
    for template in ("T1", "T2"):
        label_template(workspace.home, template, changes={"never_skip": True})
    assert "1 deleted" in run(workspace, "--export", "edl", "--beside-videos")[1]
    assert not target.exists()
    assert [one for one in names(workspace.videos_folder) if not one.endswith(".mp4")] == []


def test_files_of_others_are_left_alone(workspace: Workspace) -> None:
    target = workspace.videos_folder / "Show - S01E01.edl"
    target.write_text("0.0\t1.0\t0\n")
    other = workspace.videos_folder / "Show - S01E02.edl"
    other.write_text("mine\n")
    code, said, errors = run(workspace, "--export", "edl", "--beside-videos")
    assert (code, "0 written" in said) == (1, True)
    assert errors == f"{target}: was not written here; --force overwrites it\n"
    assert target.read_text() == "0.0\t1.0\t0\n"
    assert run(workspace, "--export", "edl", "--beside-videos", "--force")[0] == 0
    assert target.read_text() == "0.700\t1.300\t3\n"
    assert other.read_text() == "mine\n"
    target.write_text(target.read_text() + "5\t6\t3\n")  # by hand, since
    assert run(workspace, "--export", "edl", "--beside-videos")[0] == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--export", "srt", "--output", "x"), "--export srt: not one of edl, chapters"),
        (("--export", "labels", "--beside-videos"), "labels are one file for all videos"),
        (("--export", "edl", "--output", "x", "--beside-videos"), "give either --output"),
        (("--export", "edl", "--output", "x", "--type", "eyecatch"), "--type eyecatch: not one"),
    ],
)
def test_wrong_options_are_named(workspace: Workspace, words: tuple[str, ...], reason: str) -> None:
    code, _, errors = run(workspace, *words)
    assert code == 1
    assert reason in errors


def test_a_mistake_in_the_word_is_a_warning(workspace: Workspace) -> None:
    workspace.home.theme_labels_file.write_text("templates:\n  T1: [\n")
    code, said, errors = run(workspace)
    assert (code, len(said.splitlines())) == (0, 2)
    assert errors.startswith(f"warning: {workspace.home.theme_labels_file}:")
    assert published_folder(workspace).exists()


def test_films_of_several_files_are_left_out(tmp_path: Path) -> None:
    opening = (make_segment("opening", 10.0, 90.0),)
    episodes = [
        ExportedEpisode("Film/1", "Film CD1.avi", 7200.0, opening, is_in_parts=True),
        ExportedEpisode("Film/2", "Other.avi", 5400.0, opening),
    ]
    for kind, written, left_out in (("edl", 1, ["Film CD1.avi"]), ("labels", 1, [])):
        options = ExportOptions(FORMATS[FORMATS.index(kind)], ("opening",))
        done = write_theme_files(Home(tmp_path / "home"), tmp_path / kind, episodes, options)
        assert (done.written, done.in_parts, done.problems) == (written, left_out, {})
    assert names(tmp_path / "edl") == ["Other.edl"]


def test_videos_that_share_a_file_and_differ_are_named(tmp_path: Path) -> None:
    episodes = [
        ExportedEpisode("Show/1", "One.mkv", 1440.0, (make_segment("opening", 10.0, 90.0),)),
        ExportedEpisode("Show/2", "One.mp4", 1440.0, (make_segment("opening", 20.0, 99.0),)),
    ]
    options = ExportOptions("edl", ("opening",))
    done = write_theme_files(Home(tmp_path / "home"), tmp_path, episodes, options)
    assert done.problems == {str(tmp_path / "One.edl"): "is the file of several videos that differ"}
    assert names(tmp_path) == ["theme-exports.json", "theme-exports.lock"]


def test_titles_of_discs_have_times_of_several_files(workspace: Workspace) -> None:
    episodes, _ = list_episodes(workspace.home, None)
    path = "Film/BDMV/STREAM/00800.m2ts"
    title = replace(episodes[0], record=replace(episodes[0].record, path=path))
    assert [one.exported.is_in_parts for one in (episodes[0], title)] == [False, True]
