"""Files of one episode, from the folder through `whenanime index` to what is searched."""

import shutil
from pathlib import Path

import av
import pytest
from sample_videos import (
    draw_shots,
    index,
    new_workspace,
    published_folder,
    reopen,
    write_film,
)
from test_command_line import whenanime

from whenanime_app.library.shared_names import SharedNamesReader
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.change_detection import detect_settled_changes
from whenanime_pipeline.core.media import probe
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.workspace import Workspace

EPISODE = "Show/Season 01/Show - S01E01.mp4"
SECOND = "Show/Season 01/Show - S01E01v2.mp4"
COPY = "Show/Plex Versions/Optimized for TV/Show - S01E01.mp4"
UNCUT = "Show/Season 01/Show - S01E01 uncut.mp4"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def write(workspace: Workspace, path: str, *, seed: int, seconds: float = 3.0) -> None:
    write_film(workspace.videos_folder / path, seed=seed, seconds=seconds)


def found_path(workspace: Workspace, seed: int) -> str:
    """Return the file in which a picture of a film is found."""
    engine = SearchEngine.open(published_folder(workspace))
    return engine.search(draw_shots(seed, 6)[3])[0].episode.path


def read_keys(workspace: Workspace) -> dict[str, str]:
    catalogue = load_catalogue(workspace.home.catalogue_file)
    return {episode.path: episode.key for episode in catalogue.episodes}


def test_copy_of_a_media_server_is_listed_and_takes_over(workspace: Workspace) -> None:
    write(workspace, EPISODE, seed=1)
    write(workspace, COPY, seed=2)
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed, outcome.problems) == (1, 1, {})
    assert list(outcome.notices) == [COPY]
    assert found_path(workspace, seed=1) == EPISODE
    (shared,) = SharedNamesReader(workspace.home).read().files
    assert (shared.kind, shared.filename, shared.other) == (
        "version", "Show - S01E01.mp4", "Show - S01E01.mp4",
    )  # fmt: skip
    (workspace.videos_folder / EPISODE).unlink()
    assert index(workspace).indexed == 1
    assert read_keys(workspace) == {COPY: "Show/S01E01"}
    assert found_path(workspace, seed=2) == COPY


def test_other_version_is_searched_until_the_better_one_is_indexed(workspace: Workspace) -> None:
    write(workspace, EPISODE, seed=1)
    index(workspace)
    write(workspace, SECOND, seed=2)
    opened = reopen(workspace)
    old = opened.load_catalogue()
    diff = detect_settled_changes(
        opened.videos_folder, old, probe=opened.probe_video, interval=0.01
    )
    opened.save_catalogue(old.apply(diff))
    assert read_keys(workspace) == {SECOND: "Show/S01E01"}
    assert opened.measure_pending_changes() == 0
    outcome = index(workspace)
    assert (outcome.episodes, outcome.indexed) == (1, 1)
    assert found_path(workspace, seed=2) == SECOND


def test_different_videos_of_one_name_are_both_searched(workspace: Workspace) -> None:
    write(workspace, EPISODE, seed=1)
    write(workspace, UNCUT, seed=2, seconds=4.0)
    outcome = index(workspace)
    assert (outcome.indexed, outcome.problems) == (2, {})
    assert read_keys(workspace) == {EPISODE: "Show/S01E01", UNCUT: "Show/S01E01 {uncut}"}
    assert found_path(workspace, seed=1) == EPISODE
    assert found_path(workspace, seed=2) == UNCUT
    (shared,) = SharedNamesReader(workspace.home).read().files
    assert (shared.kind, shared.says) == ("namesake", "Show S01E01")


def test_headers_are_read_once_and_nothing_is_decoded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(workspace, EPISODE, seed=1)
    write(workspace, SECOND, seed=2)
    write(workspace, "Show/Season 01/Show - S01E02.mp4", seed=3)
    opened, probed = reopen(workspace), list[Path]()

    def note(path: Path) -> object:
        probed.append(path)
        return opened.probe_video(path)

    def refuse(*_: object) -> None:
        raise AssertionError("a picture is decoded")

    monkeypatch.setattr(av.VideoCodecContext, "decode", refuse, raising=False)
    monkeypatch.setattr(probe, "TickFrameReader", refuse)
    folder, known = opened.videos_folder, opened.load_catalogue()
    for _ in range(2):
        diff = detect_settled_changes(folder, known, probe=note, interval=0.01)  # type: ignore[arg-type]
        known = known.apply(diff)
        assert sorted(path.name for path in probed) == ["Show - S01E01.mp4", "Show - S01E01v2.mp4"]
    assert {(round(one.duration or 0), one.height) for one in known.shapes.values()} == {(3, 96)}


def test_command_says_it_on_standard_error_and_exits_0(workspace: Workspace) -> None:
    write(workspace, EPISODE, seed=1)
    write(workspace, COPY, seed=2)
    write(workspace, UNCUT, seed=3)
    write(workspace, "Show/Sample/x.mp4", seed=4)
    (workspace.videos_folder / "Show/Sample/.ignore").touch()
    places = ("--home", workspace.home.root, "--videos", workspace.videos_folder)
    done = whenanime("index", *places)
    assert done.returncode == 0
    version, namesake = done.stderr.splitlines()
    assert version == (
        f"notice: {COPY}: is another version of Show S01E01; {EPISODE} is indexed, and this one "
        "when that is gone"
    )
    assert namesake == (
        f"notice: {UNCUT}: says it is Show S01E01, as does {EPISODE}; both are indexed, this one "
        "as Show/S01E01 {uncut}"
    )
    assert "1 videos left out by .ignore files or [library] ignore" in done.stdout


def test_left_out_files_leave_the_index(workspace: Workspace) -> None:
    write(workspace, EPISODE, seed=1)
    write(workspace, "Extras/Show - S01E02.mp4", seed=2)
    assert index(workspace).episodes == 2
    workspace.home.config_file.write_text('[library]\nignore = ["/extras/", "Extras"]\n')
    outcome = index(workspace)
    assert (outcome.episodes, outcome.left_out, outcome.problems) == (1, 1, {})
    assert SharedNamesReader(workspace.home).read().left_out == 1
    assert found_path(workspace, seed=1) == EPISODE
    workspace.home.config_file.unlink()
    assert index(workspace).indexed == 0  # its frames are there still
    assert set(read_keys(workspace)) == {EPISODE, "Extras/Show - S01E02.mp4"}


def test_status_without_a_catalogue_names_nothing(tmp_path: Path) -> None:
    assert SharedNamesReader(Home(tmp_path)).read().files == ()
    (tmp_path / "catalogue.json").write_text("{")
    assert SharedNamesReader(Home(tmp_path)).read().left_out == 0
    shutil.rmtree(tmp_path)
