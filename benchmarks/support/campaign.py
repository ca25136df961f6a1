"""Killing `whenanime index` and doing it again, and two of it at once."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.support.asker import Asker, Known
from benchmarks.support.command import Finished, IndexRun, index
from benchmarks.support.traces import differences, same_graph, stamps, told
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.snapshot.local_build import FOLDER as LOCAL
from whenanime_pipeline.core.search.snapshot.manifest import latest_id, read_manifest

_MOST_RUNS = 3  # after a kill, one run shall do; more would be a finding


@dataclass(frozen=True, slots=True)
class Course:
    """A way from one home to another: what an undisturbed `whenanime index` does.

    Attributes:
        start: the home before; each run works on a copy.
        end: the home after.
        videos: the folder that is indexed.
        seconds: the undisturbed run takes.
        moments: what can be asked for at the start already.
    """

    start: Home
    end: Home
    videos: Path
    seconds: float
    moments: Sequence[Known] = ()


@dataclass(slots=True)
class Outcome:
    """What became of one disturbed run.

    Attributes:
        killed: when.
        ended_before: whether the run was done before the kill came.
        reached: what stood in the home at the kill.
        exit_codes: of the runs after it.
        differences: from the undisturbed end.
        same_graph: whether even the graph's bytes are the same.
        twice: works that were done again though they were done.
        unfinished: runs that Dagster thinks are still going on.
        snapshots: that were published on the way, less those of the undisturbed run.
        asked, failures: of the questions asked throughout.
    """

    killed: str
    ended_before: bool = False
    reached: str = ""
    exit_codes: list[int] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    same_graph: bool = False
    twice: list[str] = field(default_factory=list)
    unfinished: int = 0
    snapshots: int = 0
    asked: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All that is not as it shall be."""
        found = [*self.differences, *self.twice, *self.failures]
        if self.exit_codes[-1:] != [0]:
            found.append(f"exit codes {self.exit_codes}")
        if self.unfinished:
            found.append(f"{self.unfinished} runs are left unfinished")
        if self.snapshots:
            found.append(f"{self.snapshots} more snapshots than undisturbed")
        return found

    def row(self) -> dict[str, object]:
        """Return a record of it."""
        return {
            "killed": self.killed,
            "reached": "the end" if self.ended_before else self.reached,
            "exit codes after": " ".join(map(str, self.exit_codes)),
            "same graph": self.same_graph,
            "asked": self.asked,
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


PHASES: Mapping[str, Callable[[Home, Course], bool]] = {
    "the catalogue is stored": lambda home, course: (
        home.catalogue.exists() and _bytes(home.catalogue) != _bytes(course.start.catalogue)
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
    "it stands beside the published one": lambda home, course: (
        _newest(home) != _newest(course.start)
    ),
    "it is published": lambda home, course: (
        latest_id(home.snapshots) != latest_id(course.start.snapshots)
    ),
}
"""What can be seen of where a run is, from outside."""


def undisturbed(start: Home, end: Home, videos: Path, moments: Sequence[Known] = ()) -> Course:
    """Index once without being disturbed, on a copy of the home.

    Raises:
        RuntimeError: that does not work.
    """
    _copy(start, end)
    done = index(end, videos)
    if done.exit_code:
        raise RuntimeError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    return Course(start, end, videos, done.seconds, moments)


def kill_and_repeat(course: Course, home: Home, second: float) -> Outcome:
    """Kill `whenanime index` at a second, do it again until it succeeds, and look what came of it.

    Args:
        course: the way, undisturbed.
        home: a copy of the start, made here.
        second: after the start of the process.
    """
    return _disturb(course, home, f"{second:.2f} s", lambda run: run.kill_at(second))


def kill_in_phase(course: Course, home: Home, phase: str) -> Outcome:
    """Kill `whenanime index` as soon as it is in one of `PHASES`, and go on as above.

    Seconds seldom meet what takes milliseconds, and that is where most could go wrong.
    """
    began = PHASES[phase]
    return _disturb(course, home, phase, lambda run: run.kill_when(lambda: began(home, course)))


def _disturb(
    course: Course, home: Home, at: str, kill: Callable[[IndexRun], Finished | None]
) -> Outcome:
    outcome = Outcome(at)
    _copy(course.start, home)
    asker = Asker(home, course.moments) if course.moments else None
    with asker or nullcontext():
        with IndexRun(home, course.videos) as run:
            outcome.ended_before = kill(run) is not None
        before = stamps(home)
        outcome.reached = _reached(home, course)
        while outcome.exit_codes[-1:] != [0] and len(outcome.exit_codes) < _MOST_RUNS:
            outcome.exit_codes.append(index(home, course.videos).exit_code)
    if asker:
        outcome.asked, outcome.failures = asker.asked, asker.failures
    _compare(outcome, home, course)
    after = stamps(home)
    outcome.twice += [f"made again: {name}" for name in before if after.get(name) != before[name]]
    return outcome


def two_at_once(course: Course, home: Home) -> Outcome:
    """Run `whenanime index` twice at the same time.

    Args:
        course: the way, undisturbed.
        home: a copy of the start, made here.
    """
    outcome = Outcome("not")
    _copy(course.start, home)
    with IndexRun(home, course.videos) as one, IndexRun(home, course.videos) as other:
        outcome.exit_codes = [one.end().exit_code, other.end().exit_code]
    if outcome.exit_codes[0]:
        outcome.differences.append(f"exit code of the first: {outcome.exit_codes[0]}")
    _compare(outcome, home, course)
    return outcome


def _compare(outcome: Outcome, home: Home, course: Course) -> None:
    outcome.differences += differences(home, course.end)
    outcome.same_graph = same_graph(home, course.end)
    news = told(home)
    outcome.unfinished = news.unfinished
    outcome.twice += [
        f"{asset} of {episode}: {times} times"
        for (asset, episode), times in news.worked.items()
        if times > 1
    ]
    outcome.snapshots = _sequence(home) - _sequence(course.end)


def _reached(home: Home, course: Course) -> str:
    """Say how far a run had come, in the files it leaves."""
    done, all_files = set(stamps(home)), set(stamps(course.end))
    new = all_files - set(stamps(course.start))
    parts = [path.name for path in home.root.rglob(".*.part")]
    building = (home.snapshots / ".building").exists()
    published = latest_id(home.snapshots) == latest_id(course.end.snapshots)
    steps = [f"{len(done & new)} of {len(new)} files"]
    steps += ["one being written"] if parts else []
    steps += ["snapshot being built"] if building else []
    steps += ["published"] if published else []
    return ", ".join(steps)


def _sequence(home: Home) -> int:
    latest = latest_id(home.snapshots)
    return read_manifest(home.snapshots / latest).sequence if latest else 0


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _copy(source: Home, target: Home) -> None:
    if source.root.exists():
        shutil.copytree(source.root, target.root)
