"""What `whenanime up` says about the library: one line when something changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from whenanime_pipeline.core.file_cache import FileCache
from whenanime_pipeline.core.library.errors import LibraryError
from whenanime_pipeline.core.library.known_problems import compare_problems, load_problems
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.snapshot.manifest import LATEST_FILE
from whenanime_pipeline.core.settings import SettingsError
from whenanime_pipeline.core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LibraryState:
    """A library as its operator sees it.

    Attributes:
        found: number of episodes.
        indexed: number of those whose frames are described.
        current: path of the episode that is worked on.
        is_pending: whether there is work that has not failed.
        problems: path to reason, of what cannot be used or indexed.
    """

    found: int = 0
    indexed: int = 0
    current: str | None = None
    is_pending: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)


class LibraryWatch:
    """Reads the state of a library over and over; looks episodes up only when something changed.

    Args:
        workspace: of the library.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._statuses: FileCache[LibraryState] = FileCache()

    def read(self) -> LibraryState:
        """Return the state as it is now."""
        home = self._workspace.home
        current = read_current_episode(home.in_progress_file)
        files = [
            *(home.catalogue_file, home.problems_file, home.in_progress_file),
            *(home.snapshots / LATEST_FILE, home.config_file),
        ]
        known = self._statuses.get(files, self._look_up)
        return LibraryState(
            known.found, known.indexed, current, known.is_pending or bool(current), known.problems
        )

    def _look_up(self) -> LibraryState:
        home = self._workspace.home
        problems = load_problems(home.problems_file)
        try:
            # The settings of a workspace are those of its beginning.
            statuses = Workspace(home, self._workspace.videos_folder).load_statuses()
        except (LibraryError, SearchError, SettingsError):
            return LibraryState(problems=problems)  # `watch_videos` says so
        for status in statuses:
            if status.failure is not None:
                problems.setdefault(status.episode.path, status.failure)
        return LibraryState(
            found=len(statuses),
            indexed=sum(status.is_ready for status in statuses),
            is_pending=any(
                status.is_pending and status.episode.path not in problems for status in statuses
            ),
            problems=problems,
        )


def describe_changes(before: LibraryState | None, now: LibraryState) -> Iterator[str]:
    """Yield a line for each change; all that matters when there is no state before."""
    old = before or LibraryState()
    changes = compare_problems(old.problems, now.problems)
    for path, reason in changes.new.items():
        yield f"{path}: {' '.join(reason.split())}"
    for path in changes.over:
        yield f"{path}: no longer a problem"
    if before is None or (old.found, old.indexed) != (now.found, now.indexed):
        yield f"{now.found} episodes found, {now.indexed} indexed, {len(now.problems)} problems"
    if now.current and now.current != old.current:
        yield f"now: {now.current}"
    if not now.is_pending and (before is None or old.is_pending):
        yield "waiting for changes"


class _InProgress(BaseModel):
    path: str | None


def read_current_episode(path: Path) -> str | None:
    """Return the episode that is noted as being worked on."""
    try:
        return _InProgress.model_validate_json(path.read_bytes()).path
    except (OSError, ValidationError):
        return None
