"""What can go wrong with stored themes and with the operator's word on them."""

from pathlib import Path

from whenanime_pipeline.core.search.errors import SearchError


class ThemesError(SearchError):
    """Stored themes cannot be read or written; the message names the file and what to do."""


class DamagedThemesError(ThemesError):
    """A file of a season's themes is damaged; it can be computed again."""


class LabelsError(ThemesError):
    """The operator's `themes.yaml` cannot be used.

    Attributes:
        path: the file.
        line: number of the line, from 1; None where the file as a whole cannot be used.
        reason: what is wrong, and what to do about it.
    """

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        self.path, self.line, self.reason = path, line, reason
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {reason}")
