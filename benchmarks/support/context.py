"""Context of a benchmark: films, folders to work in, and a log."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class BenchmarkError(Exception):
    """A benchmark cannot run; the message says why."""


class Options(BaseModel):
    """Base class of the options of benchmarks."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class BenchmarkContext:
    """Folders and log of a benchmark.

    Attributes:
        scratch: empty folder, deleted afterwards.
        cache: folder that persists, for files that are slow to make and always the same.
        data: folder of films, only read; None if none was given.
        log: takes one line of progress.
    """

    scratch: Path
    cache: Path
    data: Path | None
    log: Callable[[str], None]

    def find_films(self, pattern: str) -> list[Path]:
        """Return the given films that match a pattern, sorted.

        Raises:
            BenchmarkError: no film matches, or no folder was given.
        """
        if self.data is None:
            raise BenchmarkError("this benchmark needs films; give their folder by --data")
        found = sorted(path for path in self.data.glob(pattern) if path.is_file())
        if not found:
            raise BenchmarkError(f"{self.data}: holds no {pattern}")
        return found

    @property
    def library_folder(self) -> Path:
        """The videos folder `library` within the films.

        Raises:
            BenchmarkError: it has no films, or no folder was given.
        """
        self.find_films("library/**/*.mp4")
        assert self.data is not None
        return self.data / "library"

    def make_folder(self, name: str) -> Path:
        """Make a new folder in the scratch folder."""
        folder = self.scratch / name
        folder.mkdir()
        return folder
