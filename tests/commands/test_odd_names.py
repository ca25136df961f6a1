"""Names and outputs as the world has them: no traceback, one line each, and found all the same."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from sample_videos import draw_shots, new_workspace, write_film
from test_command_line import Run, whenanime, whenanime_here

from whenanime_pipeline.core.library.errors import escape_unprintable
from whenanime_pipeline.core.workspace import Workspace

NOT_UTF8 = os.fsdecode(b"Show - S01E03 \xff.mp4")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def test_line_breaks_broken_names_and_latin_terminals(workspace: Workspace, tmp_path: Path) -> None:
    """From the folder through index, catalogue and standard error to search."""
    videos, home = workspace.videos_folder, workspace.home.root
    show = videos / "君の　名は。"
    write_film(show / "第1話.mp4", seed=1)
    write_film(show / "第2話 new\nline.mp4", seed=2)
    write_film(show / "x.mp4", seed=3).rename(show / NOT_UTF8)
    (show / "Show - S01E04 bad\nline.mp4").write_text("rubbish")
    (videos / "bro\x1bken\nshow").mkdir()
    (videos / "bro\x1bken\nshow" / "tvshow.nfo").write_text("<tvshow><title>")
    write_film(videos / "bro\x1bken\nshow" / "01.mp4", seed=5)

    done = whenanime("index", "--home", home, "--videos", videos, PYTHONIOENCODING="latin-1")
    assert done.returncode == 1
    folder = r"\u541b\u306e\u3000\u540d\u306f\u3002"
    lines = sorted(done.stderr.splitlines())
    assert [text.split(": ")[0] for text in lines] == [
        rf"{folder}/Show - S01E03 \udcff.mp4",
        rf"{folder}/Show - S01E04 bad\nline.mp4",
    ]
    reported = done.stdout.splitlines()
    assert rf"indexed {folder}/\u7b2c2\u8a71 new\nline.mp4" in reported
    assert any(text.startswith(r"warning: bro\x1bken\nshow/tvshow.nfo: ") for text in reported)
    assert len(reported) == 3 + 1 + 1  # indexed, warned of, and the sum

    picture = tmp_path / "shot.png"
    Image.fromarray(draw_shots(2, 6)[4]).save(picture)
    for encoding in ("latin-1", "utf-8"):
        words = ("search", str(picture), "--home", str(home), "--limit", "1")
        kept = {"PYTHONIOENCODING": encoding}
        (best,) = whenanime(*words, **kept).stdout.splitlines()
        assert r"new\nline.mp4" in best
        assert ("君の　名は。" in best) == (encoding == "utf-8")
        answer = json.loads(whenanime(*words, "--json", **kept).stdout)
        assert answer["result"][0]["filename"] == "第2話 new\nline.mp4"


def test_only_what_a_terminal_cannot_show_is_escaped() -> None:
    assert escape_unprintable("君の　名は é") == "君の　名は é"
    assert escape_unprintable("a\nb\x1b[31m\u202e\udcff") == r"a\nb\x1b[31m\u202e\udcff"


@pytest.mark.parametrize(
    ("run", "command", "what"),
    [
        (whenanime, "index", "--videos"),
        (whenanime_here, "index", "--home"),
        (whenanime_here, "up", "--videos"),
        (whenanime, "up", "--home"),
    ],
)
def test_a_folder_that_is_not_utf8_is_said_in_one_line(
    tmp_path: Path, run: Run, command: str, what: str
) -> None:
    places = {"--videos": tmp_path / "videos", "--home": tmp_path / "home"}
    places[what] = tmp_path / os.fsdecode(b"\xff")
    for place in places.values():
        place.mkdir()
    done = run(command, *(word for pair in places.items() for word in pair))
    assert done.returncode == 1
    (text,) = done.stderr.splitlines()
    assert r"\udcff: its path is not valid UTF-8; " in text


def test_a_closed_stdout_does_not_stop_the_work(workspace: Workspace) -> None:
    """As in `whenanime index | head -0`."""
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    reading, writing = os.pipe()
    os.close(reading)
    words = ["index", "--home", str(workspace.home.root), "--videos", str(workspace.videos_folder)]
    command = [sys.executable, "-m", "whenanime_pipeline", *words]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=120
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    again = whenanime(*words)
    assert "1 episodes, 0 indexed now" in again.stdout


def test_ctrl_c_ends_quietly_and_the_next_run_resumes(workspace: Workspace) -> None:
    for number in (1, 2):
        write_film(workspace.videos_folder / f"Show - S01E0{number}.mp4", seed=number, seconds=20)
    words = ["index", "--home", str(workspace.home.root), "--videos", str(workspace.videos_folder)]
    command = [sys.executable, "-u", "-m", "whenanime_pipeline", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "indexed Show - S01E01.mp4\n"  # the second one is next
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
        assert process.wait(60) == 130
    again = whenanime(*words)
    assert (again.returncode, again.stderr) == (0, "")
    assert "2 episodes, 1 indexed now" in again.stdout
