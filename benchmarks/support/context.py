"""What a benchmark is given: the films, a place to work in, and a reporter of progress."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class BenchmarkError(Exception):
    """A benchmark cannot run; the message says what it lacks."""


class Options(BaseModel):
    """What can be set of a benchmark; each has its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class BenchmarkContext:
    """Where a benchmark works.

    Attributes:
        scratch: an empty folder of its own, deleted afterwards.
        cache: a folder of the user's for what is slow to make and always the same.
        data: the films, only read; None when none were given.
        log: takes one line of progress.
    """

    scratch: Path
    cache: Path
    data: Path | None
    log: Callable[[str], None]

    def find_films(self, pattern: str) -> list[Path]:
        """Return the given films that match a pattern, sorted.

        Raises:
            BenchmarkError: there are none.
        """
        if self.data is None:
            raise BenchmarkError("this benchmark needs films; give their folder by --data")
        found = sorted(path for path in self.data.glob(pattern) if path.is_file())
        if not found:
            raise BenchmarkError(f"{self.data}: holds no {pattern}")
        return found

    @property
    def library_folder(self) -> Path:
        """The films' videos folder, `library`.

        Raises:
            BenchmarkError: there is none.
        """
        self.find_films("library/**/*.mp4")
        assert self.data is not None
        return self.data / "library"

    def make_folder(self, name: str) -> Path:
        """Return a new folder of the scratch's."""
        folder = self.scratch / name
        folder.mkdir()
        return folder
