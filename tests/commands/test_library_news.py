"""What `whenanime up` prints of a library: each change, once."""

from pathlib import Path

from sample_videos import index, new_workspace, write_film

from whenanime_pipeline.commands.library_news import (
    LibraryState,
    LibraryWatch,
    describe_changes,
)
from whenanime_pipeline.core.library.known_problems import update_problems
from whenanime_pipeline.defs.resources import LogReporter


def test_each_change_is_a_line() -> None:
    empty = LibraryState(found=1, is_pending=True)
    working = LibraryState(found=1, current="a.mkv", is_pending=True)
    failed = LibraryState(found=1, problems={"a.mkv": "cannot\nbe read"})
    done = LibraryState(found=1, indexed=1)
    assert list(describe_changes(None, empty)) == ["1 episodes found, 0 indexed, 0 problems"]
    assert list(describe_changes(empty, empty)) == []
    assert list(describe_changes(empty, working)) == ["now: a.mkv"]
    assert list(describe_changes(working, failed)) == [
        "a.mkv: cannot be read",
        "waiting for changes",
    ]
    assert list(describe_changes(failed, done)) == [
        "a.mkv: no longer a problem",
        "1 episodes found, 1 indexed, 0 problems",
    ]
    assert list(describe_changes(None, done)) == [
        "1 episodes found, 1 indexed, 0 problems",
        "waiting for changes",
    ]


def test_the_state_of_a_library_follows_its_home(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    watch = LibraryWatch(workspace)
    assert watch.read() == LibraryState()
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    (workspace.videos_folder / "Show - S01E02.mp4").write_text("rubbish")
    index(workspace)
    state = watch.read()
    assert (state.found, state.indexed, list(state.problems)) == (2, 1, ["Show - S01E02.mp4"])
    update_problems(workspace.home.problems_file, {"videos": "is away"})
    assert set(watch.read().problems) == {"videos", "Show - S01E02.mp4"}
    reporter = LogReporter(workspace.home)
    reporter.on_episode_begin("Show - S01E01.mp4")
    state = watch.read()
    assert (state.current, state.is_pending) == ("Show - S01E01.mp4", True)
    reporter.on_episode_end("Show - S01E01.mp4")
    state = watch.read()
    assert (state.current, state.is_pending) == (None, False)
    workspace.home.config_file.write_text("[")
    assert watch.read().found == 0
