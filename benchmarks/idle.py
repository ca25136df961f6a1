"""Disk writes of `whenanime up` at rest.

Runs it on four episodes and a file that cannot be used, and measures what its processes write to
the disk while nothing changes, and then how soon a dropped-in episode can be searched; compared
with another build in the same run, when one is given. Then counts the files and stored ticks that a
day of scans of that library leaves, in simulated time.
"""

import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import sleep

from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.idle_server import Build, IdleServer
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.simulated_daemon import STEP, SimulatedDaemon
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import make_sample_library
from whenanime_pipeline.core.workspace import Workspace

_EPISODES = 4
_SETTLING_ROUNDS = 8
_AUTOMATION_EVERY = 40
_MAX_SHARE = 0.03
_MAX_FILES = 20
_CHECKOUT = Path(__file__).resolve().parents[1]


class Options(BaseOptions):
    """Options of the benchmark."""

    minutes: float = Field(default=10.0, gt=0, description="how long is measured")
    settling: float = Field(default=3.0, ge=0, description="minutes before, with all indexed")
    hours: float = Field(default=24.0, ge=0, description="simulated hours of scans")
    other: str = Field(default="", description="PYTHONPATH of another build to compare with")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    room.log("drawing the sample library")
    drawn = room.scratch / "drawn"
    make_sample_library(drawn, size=(160, 90), episodes=3)
    films = sorted(path for path in drawn.rglob("*.m??") if path.is_file())
    builds = [Build("this build", str(_CHECKOUT))]
    if options.other:
        builds.append(Build("the other build", options.other))
    folders = [room.make_folder(f"build-{number}") for number in range(len(builds))]
    for folder in folders:
        _fill(folder / "videos", films[:_EPISODES])
    figures = _measure_servers(room, options, builds, folders, films[_EPISODES])
    if options.hours:
        room.log(f"simulating {options.hours:g} hours of scans")
        figures += count_traces(folders[0], options.hours * 3600)
    return Report("idle", extract_description(__doc__), figures)


def _fill(videos: Path, films: list[Path]) -> None:
    videos.mkdir()
    for number, film in enumerate(films, 1):
        shutil.copyfile(film, videos / f"Show - S01E{number:02}{film.suffix}")
    # It claims the same episode as the first.
    shutil.copyfile(films[1], videos / f"Show - S01E01 720p{films[1].suffix}")


def _measure_servers(
    room: BenchmarkContext,
    options: Options,
    builds: list[Build],
    folders: list[Path],
    new_film: Path,
) -> list[Figure]:
    with ExitStack() as stack:
        room.log("indexing")
        servers = [
            stack.enter_context(IdleServer(build, folder))
            for build, folder in zip(builds, folders, strict=True)
        ]
        for server in servers:
            server.wait_for_episodes(_EPISODES)
        room.log(f"waiting for {options.settling:g} minutes")
        sleep(options.settling * 60)
        room.log(f"measuring for {options.minutes:g} minutes")
        halves = _measure_writes(servers, options.minutes * 30)
        room.log("dropping an episode in")
        for server in servers:
            server.drop_in(new_film, f"Show - S01E09{new_film.suffix}")
        with ThreadPoolExecutor() as pool:
            seconds = list(pool.map(lambda s: s.wait_for_episodes(_EPISODES + 1), servers))
    figures = []
    for server, (first, second), found in zip(servers, halves, seconds, strict=True):
        name = server.build.name
        figures += [
            Figure(f"{name}: written in an hour", (first + second) / 2 / 1e6, "MB"),
            Figure(f"{name}: in an hour, by the second half", second / 1e6, "MB"),
            Figure(f"{name}: a dropped-in episode can be searched after", found, "s"),
        ]
    if len(halves) > 1:
        share = sum(halves[0]) / sum(halves[1])
        target = Target("≤", _MAX_SHARE)
        figures.append(Figure("written, as a share of the other build", share, target=target))
    return figures


def _measure_writes(servers: list[IdleServer], seconds: float) -> list[tuple[float, float]]:
    """Return the bytes an hour that each server writes in two following spans of time."""
    marks = []
    for pause in (0.0, seconds, seconds):
        sleep(pause)
        marks.append([server.written_bytes for server in servers])
    return [
        ((middle - first) * 3600 / seconds, (last - middle) * 3600 / seconds)
        for first, middle, last in zip(*marks, strict=True)
    ]


def count_traces(folder: Path, seconds: float) -> list[Figure]:
    """Count what scans of a library leave.

    Args:
        folder: with `home` and `videos`.
        seconds: simulated time.
    """
    home, videos = Home(folder / "home"), folder / "videos"
    os.environ |= {"WHENANIME_HOME": str(home.root), "WHENANIME_VIDEOS": str(videos)}
    daemon = SimulatedDaemon(Workspace(home, videos))
    daemon.run_for(_SETTLING_ROUNDS * STEP)
    files, ticks = _count_files(home), _count_ticks(home)
    count = daemon.run_for(seconds, automation_every=_AUTOMATION_EVERY)
    return [
        Figure("simulated scans of the folder", count),
        Figure(
            "files more in the home", _count_files(home) - files, target=Target("≤", _MAX_FILES)
        ),
        Figure("ticks more in the storage", _count_ticks(home) - ticks),
    ]


def _count_files(home: Home) -> int:
    return sum(path.is_file() for path in home.root.rglob("*"))


def _count_ticks(home: Home) -> int:
    with sqlite3.connect(home.dagster / "schedules" / "schedules.db") as connection:
        count: int = connection.execute("SELECT count(*) FROM job_ticks").fetchone()[0]
    return count
