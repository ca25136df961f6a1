"""Killing `whenanime index` and doing it again, and two of it at once."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.support.home_comparison import (
    compare_homes,
    file_stamps,
    is_same_graph,
    read_dagster_history,
)
from benchmarks.support.index_process import FinishedProcess, IndexProcess, run_index
from benchmarks.support.query_client import KnownFrame, QueryClient
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.manifest import LOCAL, read_latest_id, read_manifest

_MOST_RUNS = 3  # after a kill, one run shall do; more would be a finding


@dataclass(frozen=True, slots=True)
class BaselineRun:
    """A way from one home to another: what an undisturbed `whenanime index` does.

    Attributes:
        start: the home before; each run works on a copy.
        end: the home after.
        videos: the folder that is indexed.
        seconds: the undisturbed run takes.
        known_frames: what can be asked for at the start already.
    """

    start: Home
    end: Home
    videos: Path
    seconds: float
    known_frames: Sequence[KnownFrame] = ()


@dataclass(slots=True)
class InterruptedRun:
    """What became of one disturbed run.

    Attributes:
        kill_point: when.
        finished_before_kill: whether the run was done before the kill came.
        progress_at_kill: what stood in the home at the kill.
        exit_codes: of the runs after it.
        differences: from the undisturbed end.
        same_graph: whether even the graph's bytes are the same.
        repeated_work: works that were done again though they were done.
        unfinished_runs: runs that Dagster thinks are still going on.
        extra_snapshots: that were published on the way, less those of the undisturbed run.
        asked, failures: of the questions asked throughout.
    """

    kill_point: str
    finished_before_kill: bool = False
    progress_at_kill: str = ""
    exit_codes: list[int] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    same_graph: bool = False
    repeated_work: list[str] = field(default_factory=list)
    unfinished_runs: int = 0
    extra_snapshots: int = 0
    query_count: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All that is not as it shall be."""
        found = [*self.differences, *self.repeated_work, *self.failures]
        if self.exit_codes[-1:] != [0]:
            found.append(f"exit codes {self.exit_codes}")
        if self.unfinished_runs:
            found.append(f"{self.unfinished_runs} runs are left unfinished")
        if self.extra_snapshots:
            found.append(f"{self.extra_snapshots} more snapshots than undisturbed")
        return found

    def to_row(self) -> dict[str, object]:
        """Return a record of it."""
        return {
            "killed": self.kill_point,
            "reached": "the end" if self.finished_before_kill else self.progress_at_kill,
            "exit codes after": " ".join(map(str, self.exit_codes)),
            "same graph": self.same_graph,
            "asked": self.query_count,
            "problems": "; ".join(self.problems),
        }


def _building(home: Home, name: str = "") -> bool:
    return (home.snapshots / ".building" / name).exists()


def _stems(home: Home, pattern: str) -> set[str]:
    """Return which videos have a file of some kind."""
    return {path.stem for path in home.root.glob(pattern)}


def _newest(home: Home) -> str | None:
    """Return the newest snapshot there is, published or not."""
    names = [path.name for path in home.snapshots.glob("0*")]
    return max(names, default=None)


PHASES: Mapping[str, Callable[[Home, BaselineRun], bool]] = {
    "the catalogue is stored": lambda home, course: (
        home.catalogue_file.exists()
        and _bytes(home.catalogue_file) != _bytes(course.start.catalogue_file)
    ),
    "frames are being written": lambda home, _: any(home.root.glob("frames/*/.*.part")),
    "features are being written": lambda home, _: any(home.root.glob("features/*/*/.*.part")),
    "pictures are being described": lambda home, _: bool(
        _stems(home, "features/*/*/*.parquet") - _stems(home, "local/*/*/*.npz")
    ),
    "local features are being written": lambda home, _: any(home.root.glob("local/*/*/.*.part")),
    "a snapshot is begun": lambda home, _: _building(home),
    "its index is being written": lambda home, _: _building(home, "index.hnsw"),
    "its local features are being written": lambda home, _: _building(home, LOCAL),
    "it stands next to the published one": lambda home, course: (
        _newest(home) != _newest(course.start)
    ),
    "it is published": lambda home, course: (
        read_latest_id(home.snapshots) != read_latest_id(course.start.snapshots)
    ),
}
"""What can be seen of where a run is, from outside."""


def run_baseline(
    start: Home, end: Home, videos: Path, known_frames: Sequence[KnownFrame] = ()
) -> BaselineRun:
    """Index once without being disturbed, on a copy of the home.

    Raises:
        RuntimeError: that does not work.
    """
    _copy(start, end)
    done = run_index(end, videos)
    if done.exit_code:
        raise RuntimeError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return BaselineRun(start, end, videos, done.seconds, known_frames)


def kill_and_resume(course: BaselineRun, home: Home, second: float) -> InterruptedRun:
    """Kill `whenanime index` at a second, do it again until it succeeds, and look what came of it.

    Args:
        course: the way, undisturbed.
        home: a copy of the start, made here.
        second: after the start of the process.
    """
    return _interrupt(course, home, f"{second:.2f} s", lambda run: run.kill_after(second))


def kill_in_phase(course: BaselineRun, home: Home, phase: str) -> InterruptedRun:
    """Kill `whenanime index` as soon as it is in one of `PHASES`, and go on as above.

    Seconds seldom meet what takes milliseconds, and that is where most could go wrong.
    """
    began = PHASES[phase]
    return _interrupt(course, home, phase, lambda run: run.kill_when(lambda: began(home, course)))


def _interrupt(
    course: BaselineRun, home: Home, at: str, kill: Callable[[IndexProcess], FinishedProcess | None]
) -> InterruptedRun:
    outcome = InterruptedRun(at)
    _copy(course.start, home)
    asker = QueryClient(home, course.known_frames) if course.known_frames else None
    with asker or nullcontext():
        with IndexProcess(home, course.videos) as run:
            outcome.finished_before_kill = kill(run) is not None
        before = file_stamps(home)
        outcome.progress_at_kill = _describe_progress(home, course)
        while outcome.exit_codes[-1:] != [0] and len(outcome.exit_codes) < _MOST_RUNS:
            outcome.exit_codes.append(run_index(home, course.videos).exit_code)
    if asker:
        outcome.query_count, outcome.failures = asker.query_count, asker.failures
    _compare(outcome, home, course)
    after = file_stamps(home)
    outcome.repeated_work += [
        f"made again: {name}" for name in before if after.get(name) != before[name]
    ]
    return outcome


def run_concurrently(course: BaselineRun, home: Home) -> InterruptedRun:
    """Run `whenanime index` twice at the same time.

    Args:
        course: the way, undisturbed.
        home: a copy of the start, made here.
    """
    outcome = InterruptedRun("not")
    _copy(course.start, home)
    with IndexProcess(home, course.videos) as one, IndexProcess(home, course.videos) as other:
        outcome.exit_codes = [one.wait().exit_code, other.wait().exit_code]
    if outcome.exit_codes[0]:
        outcome.differences.append(f"exit code of the first: {outcome.exit_codes[0]}")
    _compare(outcome, home, course)
    return outcome


def _compare(outcome: InterruptedRun, home: Home, course: BaselineRun) -> None:
    outcome.differences += compare_homes(home, course.end)
    outcome.same_graph = is_same_graph(home, course.end)
    news = read_dagster_history(home)
    outcome.unfinished_runs = news.unfinished_runs
    outcome.repeated_work += [
        f"{asset} of {episode}: {times} times"
        for (asset, episode), times in news.work_counts.items()
        if times > 1
    ]
    outcome.extra_snapshots = _sequence(home) - _sequence(course.end)


def _describe_progress(home: Home, course: BaselineRun) -> str:
    """Say how far a run had come, in the files it leaves."""
    done, all_files = set(file_stamps(home)), set(file_stamps(course.end))
    new = all_files - set(file_stamps(course.start))
    parts = [path.name for path in home.root.rglob(".*.part")]
    building = (home.snapshots / ".building").exists()
    published = read_latest_id(home.snapshots) == read_latest_id(course.end.snapshots)
    steps = [f"{len(done & new)} of {len(new)} files"]
    steps += ["one being written"] if parts else []
    steps += ["snapshot being built"] if building else []
    steps += ["published"] if published else []
    return ", ".join(steps)


def _sequence(home: Home) -> int:
    latest = read_latest_id(home.snapshots)
    return read_manifest(home.snapshots / latest).sequence if latest else 0


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _copy(source: Home, target: Home) -> None:
    if source.root.exists():
        shutil.copytree(source.root, target.root)
