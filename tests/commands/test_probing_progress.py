"""What is printed while videos are looked into."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from sample_videos import episode_path, new_workspace, reopen, scan_videos, write_film

from whenanime_pipeline.commands.index import update_index
from whenanime_pipeline.commands.probing_progress import LINE_INTERVAL, show_probing


def test_a_terminal_has_a_bar() -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with show_probing(console) as on_video:
        on_video("Show/a.ts", 0, 400)
        on_video("Show/b.ts", 300, 400)
        assert "\n" not in out.getvalue()
    assert "reading times of Show/b.ts" in out.getvalue()
    assert "75%" in out.getvalue()


def test_lines_come_where_it_takes_long() -> None:
    out, seconds = StringIO(), iter([0.0, 1.0, LINE_INTERVAL, LINE_INTERVAL, 2 * LINE_INTERVAL - 1])
    console = Console(file=out, width=100)
    with show_probing(console, clock=lambda: next(seconds)) as on_video:
        for done, name in ((0, "a.ts"), (10, "b\n.ts"), (20, "c.ts")):
            on_video(name, done, 40)
    assert out.getvalue() == "reading times of b\\n.ts (25 %)\n"


def test_nothing_is_printed_without_videos() -> None:
    out = StringIO()
    with show_probing(Console(file=out)):
        pass
    assert out.getvalue() == ""


def test_each_video_is_shown_once(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    for number in (1, 2):
        write_film(episode_path(workspace, number), seed=number)
    scan_videos(workspace)
    seen: list[tuple[str, int, int]] = []

    def look() -> None:
        reopen(workspace).probe_readings(progress=lambda *values: seen.append(values))

    look()
    look()
    sizes = [episode_path(workspace, number).stat().st_size for number in (1, 2)]
    names = [episode_path(workspace, number).name for number in (1, 2)]
    assert seen == [(names[0], 0, sum(sizes)), (names[1], sizes[0], sum(sizes))]


def test_the_index_shows_what_it_looks_into(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    write_film(episode_path(workspace, 1), seed=1)
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    update_index(workspace, console, steady_after=0.01)
    assert f"reading times of {episode_path(workspace, 1).name}" in out.getvalue()
