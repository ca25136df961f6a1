"""The command as a person or a script meets it: exit codes, lines, JSON, and nothing else."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from PIL import Image
from sample_videos import draw_shots, new_workspace, write_film

from whenanime_pipeline.cli import main
from whenanime_pipeline.commands.search import format_timecode
from whenanime_pipeline.core.workspace import Workspace

Run = Callable[..., subprocess.CompletedProcess[str]]


def whenanime(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHENANIME_")}
    return subprocess.run(
        [sys.executable, "-m", "whenanime_pipeline", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=kept | environment,
    )


def whenanime_here(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has imported already what takes seconds."""
    output, errors = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["whenanime", *map(str, words)])
        with redirect_stdout(output), redirect_stderr(errors), pytest.raises(SystemExit) as end:
            main()
    code = end.value.code
    assert isinstance(code, int)
    said = []
    for stream in (output, errors):
        stream.seek(0)
        said.append(stream.read())
    return subprocess.CompletedProcess(words, code, *said)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def _index(workspace: Workspace, run: Run = whenanime_here) -> subprocess.CompletedProcess[str]:
    return run("index", "--home", workspace.home.root, "--videos", workspace.videos_folder)


def test_index_and_search_from_the_command_line(workspace: Workspace, tmp_path: Path) -> None:
    long = "A very long title that no terminal shows in one line, " * 3
    broken = f"Show/Show - S01E02 - {long.strip(', ')}.mp4"
    write_film(workspace.videos_folder / "Show" / "Show - S01E01.mp4", seed=1)
    (workspace.videos_folder / broken).write_text("rubbish")
    done = _index(workspace, whenanime)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{broken}: ")
    assert len(line) > len(broken) + 10
    assert "2 episodes, 1 indexed now, 1 not indexed" in done.stdout

    again = _index(workspace)
    assert again.returncode == 1
    assert again.stderr == done.stderr
    assert "0 indexed now" in again.stdout
    assert "nothing new" in again.stdout

    picture = tmp_path / "shot.png"
    Image.fromarray(draw_shots(1, 6)[4]).save(picture)
    # Neither videos nor options are needed to search, and the folder last indexed is remembered.
    found = whenanime("search", picture, "--json", WHENANIME_HOME=str(workspace.home.root))
    answer = json.loads(found.stdout)
    best = answer["result"][0]
    assert best["filename"] == "Show - S01E01.mp4"
    assert 2.0 <= best["at"] < 2.5
    reported = whenanime("search", picture, "--home", workspace.home.root)
    assert re.match(r" *[\d.]+% (certain|likely ) +00:02\.", reported.stdout)

    foreign = tmp_path / "foreign.png"
    Image.effect_noise((320, 180), 90).save(foreign)
    reported = whenanime_here("search", foreign, "--home", workspace.home.root)
    first, *rest = reported.stdout.splitlines()
    assert "not in this library" in first
    assert rest
    assert all("% similar " in one for one in rest)

    (workspace.videos_folder / broken).unlink()
    mended = whenanime_here("index", "--home", workspace.home.root)
    assert (mended.returncode, mended.stderr) == (0, "")


def test_an_empty_folder_is_no_error(workspace: Workspace) -> None:
    done = _index(workspace)
    assert done.returncode == 0
    assert "no video" in done.stdout


def test_a_film_that_is_not_read_is_named(workspace: Workspace) -> None:
    (workspace.videos_folder / "Film.iso").write_bytes(b"disc")
    done = _index(workspace)
    assert done.returncode == 1
    assert "holds no video" not in done.stdout
    assert done.stderr.startswith("Film.iso: is a disc image, which is not read; ")


@pytest.mark.parametrize(
    ("run", "words", "said"),
    [
        (whenanime, ["index", "--videos", "nowhere"], "nowhere"),
        (whenanime, ["export", "full"], "full: holds other files"),
        (whenanime_here, ["search", "nowhere.png"], "nothing is indexed yet"),
        (whenanime_here, ["index", "--videos", "here", "--home", "taken"], "taken: is a file"),
        (whenanime_here, ["index", "--videos", "here", "--home", "taken/below"], "taken/below/"),
        (
            whenanime_here,
            ["index", "--videos", "here", "--home", "/proc/nowhere"],
            "/proc/nowhere: No such",
        ),
        (whenanime_here, ["up", "--videos", "nowhere"], "nowhere: there is no such folder"),
        (whenanime_here, ["up", "--videos", "taken"], "taken: is not a folder"),
        (whenanime_here, ["demo", "--videos", "full"], "full: holds other files"),
        (whenanime_here, ["bench", "nosuch"], "no benchmark 'nosuch'"),
        (whenanime_here, ["export", "new"], "nothing is indexed yet"),
    ],
)
def test_errors_are_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "taken").write_text("a file where the home should be")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.mp4").write_text("mine")
    done = run(*words)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert said in line
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("run", "command", "option"),
    [
        (whenanime, "serve", "--port"),
        (whenanime_here, "up", "--port"),
        (whenanime_here, "up", "--dagster-port"),
    ],
)
def test_a_port_in_use_is_reported_before_the_start(
    workspace: Workspace, run: Run, command: str, option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        places = ["--home", str(workspace.home.root), "--videos", str(workspace.videos_folder)]
        done = run(command, *places, option, port)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: 127.0.0.1:{port}: ")
    assert line.endswith(f"by {option}")


def test_a_setting_of_the_page_that_is_none_is_named(workspace: Workspace) -> None:
    places = ["--home", str(workspace.home.root), "--videos", str(workspace.videos_folder)]
    done = whenanime("serve", *places, WHENANIME_VIDEO_ROOT="ftp://me:hush@host/videos")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: WHENANIME_VIDEO_ROOT: ")
    assert "hush" not in line


def test_a_wrong_option_names_the_file_and_the_option(workspace: Workspace) -> None:
    workspace.home.config_file.write_text("[sampling]\nfsp = 8\n")
    done = _index(workspace)
    assert done.returncode == 1
    assert "config.toml" in done.stderr
    assert "sampling.fsp" in done.stderr


def test_options_may_begin_with_a_mark_and_must_be_utf8(workspace: Workspace) -> None:
    workspace.home.config_file.write_bytes(b"\xef\xbb\xbf[sampling]\nfps = 8\n")
    assert _index(workspace).returncode == 0
    workspace.home.config_file.write_bytes("[library]\ntitle = 'é'\n".encode("latin-1"))
    done = _index(workspace)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "config.toml: not UTF-8 text" in line


def test_a_file_that_is_being_copied_is_waited_for(workspace: Workspace, tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", seed=3, seconds=6).read_bytes()
    target = workspace.videos_folder / "Show - S01E01.mp4"
    target.write_bytes(whole[: len(whole) // 3])
    grown = threading.Event()

    def copy() -> None:
        with target.open("ab") as file:
            for part in range(len(whole) // 3, len(whole), len(whole) // 6):
                grown.wait(1.0)  # a slow disk: the file is another one at each look
                file.write(whole[part : part + len(whole) // 6])
                file.flush()

    copying = threading.Thread(target=copy)
    copying.start()
    done = _index(workspace)
    copying.join()
    assert (done.returncode, done.stderr) == (0, "")
    assert "warning" not in done.stdout
    assert target.read_bytes() == whole


def test_doctor_runs_all_checks(workspace: Workspace) -> None:
    done = whenanime("doctor", "--home", workspace.home.root, "--videos", workspace.videos_folder)
    for what in ("extra pipeline", "extra app", "extra text", "onnxruntime", "videos", "model",
                 "index", "training"):  # fmt: skip
        assert f"{what}: " in done.stdout
    assert done.returncode == 1
    assert "broken  videos" in done.stdout  # there is none in the folder yet
    write_film(workspace.videos_folder / "a.mp4", seed=1, seconds=1)
    mended = whenanime_here(
        "doctor", "--home", workspace.home.root, "--videos", workspace.videos_folder
    )
    assert mended.returncode == 0


def test_doctor_continues_after_a_failed_check(workspace: Workspace) -> None:
    """A catalogue that is damaged, options that are no text, and an index that is no file."""
    write_film(workspace.videos_folder / "a.mp4", seed=1, seconds=1)
    workspace.home.catalogue_file.write_text("{")
    workspace.home.config_file.write_bytes("title = 'é'".encode("latin-1"))
    (workspace.home.snapshots / "LATEST").mkdir(parents=True)
    done = whenanime_here("doctor", "--home", workspace.home.root)
    assert (done.returncode, done.stderr) == (1, "")
    for what in ("videos", "options", "index"):
        assert f"broken  {what}: {workspace.home.root}" in done.stdout
    assert "ok      model: " in done.stdout


@pytest.mark.parametrize(
    ("second", "text"),
    [(0, "00:00.0"), (754.53, "12:34.5"), (59.96, "01:00.0"), (3723.4, "1:02:03.4")],
)
def test_seconds_are_formatted_as_clock_times(second: float, text: str) -> None:
    assert format_timecode(second) == text
