"""A demo that was killed while it drew can be given again."""

import subprocess
import sys
from pathlib import Path

import psutil

from whenanime_pipeline.commands.demo import may_draw_in
from whenanime_pipeline.core.sample.sample_library import TRUTH_FILE, make_sample_library

_DRAW = """
import os, sys
from pathlib import Path
from whenanime_pipeline.core.sample.sample_library import make_sample_library

def reported(*_):
    Path(sys.argv[2]).write_text(" ".join(str(child.pid) for child in active_children()))
    os.kill(os.getpid(), 9)

if __name__ == "__main__":
    from multiprocessing import active_children
    make_sample_library(Path(sys.argv[1]), size=(64, 36), episodes=2, progress=reported)
"""


def test_a_drawing_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    videos, pids, script = tmp_path / "videos", tmp_path / "pids", tmp_path / "draw.py"
    script.write_text(_DRAW)
    killed = subprocess.run([sys.executable, script, videos, pids], check=False, timeout=240)
    assert killed.returncode == -9
    assert not (videos / TRUTH_FILE).exists()
    # Those that drew for it end too: they would write what is begun again.
    drawing = [int(pid) for pid in pids.read_text().split()]
    assert drawing
    left = [psutil.Process(pid) for pid in drawing if psutil.pid_exists(pid)]
    assert not psutil.wait_procs(left, timeout=30)[1]

    assert may_draw_in(videos)
    truth = make_sample_library(videos, size=(64, 36), episodes=2)
    assert all((videos / entry.path).stat().st_size == entry.bytes for entry in truth.files)


def test_a_folder_of_other_files_is_not_drawn_in(tmp_path: Path) -> None:
    assert may_draw_in(tmp_path)
    (tmp_path / "mine.mp4").touch()
    assert not may_draw_in(tmp_path)
