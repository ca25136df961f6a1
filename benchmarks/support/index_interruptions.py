"""Kills and resumes `whenanime index`, or runs it twice concurrently, and checks the result."""

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

_MAX_RUNS = 3
"""Most runs after a kill; one should be enough."""


@dataclass(frozen=True, slots=True)
class BaselineRun:
    """An uninterrupted run of `whenanime index`.

    Attributes:
        start: home before the run; each run works on a copy.
        end: home after the run.
        videos: videos folder.
        seconds: duration of the run.
        known_frames: frames that are indexed at the start.
    """

    start: Home
    end: Home
    videos: Path
    seconds: float
    known_frames: Sequence[KnownFrame] = ()


@dataclass(slots=True)
class InterruptedRun:
    """Outcome of an interrupted run.

    Attributes:
        kill_point: time or phase of the kill.
        finished_before_kill: whether the run ended before the kill.
        progress_at_kill: state of the home at the kill.
        exit_codes: exit codes of the runs after the kill.
        differences: differences to the home after the baseline run.
        same_graph: whether the graph is byte-identical.
        repeated_work: work that was done again although it was finished.
        unfinished_runs: Dagster runs that have not ended.
        extra_snapshots: published snapshots in excess of the baseline's.
        query_count: number of queries throughout.
        failures: queries without a right answer, one line each.
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
        """All problems, one line each."""
        found = [*self.differences, *self.repeated_work, *self.failures]
        if self.exit_codes[-1:] != [0]:
            found.append(f"exit codes {self.exit_codes}")
        if self.unfinished_runs:
            found.append(f"{self.unfinished_runs} unfinished runs")
        if self.extra_snapshots:
            found.append(f"{self.extra_snapshots} more snapshots than the baseline")
        return found

    def to_row(self) -> dict[str, object]:
        """Return a row for the report."""
        return {
            "killed": self.kill_point,
            "progress": "the end" if self.finished_before_kill else self.progress_at_kill,
            "exit codes after": " ".join(map(str, self.exit_codes)),
            "same graph": self.same_graph,
            "queries": self.query_count,
            "problems": "; ".join(self.problems),
        }


def _building(home: Home, name: str = "") -> bool:
    return (home.snapshots / ".building" / name).exists()


def _stems(home: Home, pattern: str) -> set[str]:
    """Return the stems of files that match a pattern."""
    return {path.stem for path in home.root.glob(pattern)}


def _newest(home: Home) -> str | None:
    """Return the newest snapshot, published or not."""
    names = [path.name for path in home.snapshots.glob("0*")]
    return max(names, default=None)


PHASES: Mapping[str, Callable[[Home, BaselineRun], bool]] = {
    "the catalogue is stored": lambda home, baseline: (
        home.catalogue_file.exists()
        and _bytes(home.catalogue_file) != _bytes(baseline.start.catalogue_file)
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
    "it stands next to the published one": lambda home, baseline: (
        _newest(home) != _newest(baseline.start)
    ),
    "it is published": lambda home, baseline: (
        read_latest_id(home.snapshots) != read_latest_id(baseline.start.snapshots)
    ),
}
"""Phases of a run → whether a home shows that the run has reached it."""


def run_baseline(
    start: Home, end: Home, videos: Path, known_frames: Sequence[KnownFrame] = ()
) -> BaselineRun:
    """Index a copy of a home without interruption.

    Args:
        start: home to copy.
        end: the copy, made here.
        videos: videos folder.
        known_frames: frames that are indexed at the start.

    Raises:
        RuntimeError: the command failed.
    """
    _copy(start, end)
    done = run_index(end, videos)
    if done.exit_code:
        raise RuntimeError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return BaselineRun(start, end, videos, done.seconds, known_frames)


def kill_and_resume(baseline: BaselineRun, home: Home, second: float) -> InterruptedRun:
    """Kill `whenanime index`, run it again until it succeeds, and compare with the baseline.

    Args:
        baseline: uninterrupted run.
        home: copy of its start, made here.
        second: time of the kill, in seconds after the start of the process.
    """
    return _interrupt(baseline, home, f"{second:.2f} s", lambda run: run.kill_after(second))


def kill_in_phase(baseline: BaselineRun, home: Home, phase: str) -> InterruptedRun:
    """Kill `whenanime index` as soon as it reaches one of `PHASES`; then as `kill_and_resume`.

    Kills at random times seldom hit the phases of milliseconds in which most could go wrong.
    """
    began = PHASES[phase]
    return _interrupt(
        baseline, home, phase, lambda run: run.kill_when(lambda: began(home, baseline))
    )


def _interrupt(
    baseline: BaselineRun,
    home: Home,
    at: str,
    kill: Callable[[IndexProcess], FinishedProcess | None],
) -> InterruptedRun:
    outcome = InterruptedRun(at)
    _copy(baseline.start, home)
    client = QueryClient(home, baseline.known_frames) if baseline.known_frames else None
    with client or nullcontext():
        with IndexProcess(home, baseline.videos) as run:
            outcome.finished_before_kill = kill(run) is not None
        before = file_stamps(home)
        outcome.progress_at_kill = _describe_progress(home, baseline)
        while outcome.exit_codes[-1:] != [0] and len(outcome.exit_codes) < _MAX_RUNS:
            outcome.exit_codes.append(run_index(home, baseline.videos).exit_code)
    if client:
        outcome.query_count, outcome.failures = client.query_count, client.failures
    _compare(outcome, home, baseline)
    after = file_stamps(home)
    outcome.repeated_work += [
        f"made again: {name}" for name in before if after.get(name) != before[name]
    ]
    return outcome


def run_concurrently(baseline: BaselineRun, home: Home) -> InterruptedRun:
    """Run `whenanime index` twice concurrently.

    Args:
        baseline: uninterrupted run.
        home: copy of its start, made here.
    """
    outcome = InterruptedRun("not killed")
    _copy(baseline.start, home)
    with IndexProcess(home, baseline.videos) as one, IndexProcess(home, baseline.videos) as other:
        outcome.exit_codes = [one.wait().exit_code, other.wait().exit_code]
    if outcome.exit_codes[0]:
        outcome.differences.append(f"exit code of the first: {outcome.exit_codes[0]}")
    _compare(outcome, home, baseline)
    return outcome


def _compare(outcome: InterruptedRun, home: Home, baseline: BaselineRun) -> None:
    outcome.differences += compare_homes(home, baseline.end)
    outcome.same_graph = is_same_graph(home, baseline.end)
    history = read_dagster_history(home)
    outcome.unfinished_runs = history.unfinished_runs
    outcome.repeated_work += [
        f"{asset} of {episode}: {times} times"
        for (asset, episode), times in history.work_counts.items()
        if times > 1
    ]
    outcome.extra_snapshots = _sequence(home) - _sequence(baseline.end)


def _describe_progress(home: Home, baseline: BaselineRun) -> str:
    """Describe the progress of a run by the files in the home."""
    done, all_files = set(file_stamps(home)), set(file_stamps(baseline.end))
    new = all_files - set(file_stamps(baseline.start))
    parts = [path.name for path in home.root.rglob(".*.part")]
    building = (home.snapshots / ".building").exists()
    published = read_latest_id(home.snapshots) == read_latest_id(baseline.end.snapshots)
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
