"""The problems that were reported: files and folders that cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from whenanime_pipeline.core.files import write_json

Problems = Mapping[str, str]
"""Path to reason."""
_PROBLEMS = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class ProblemChanges:
    """How the problems of a scan differ from those of the previous one.

    Attributes:
        new: those that are new, or have another reason.
        over: paths of those that are gone.
    """

    new: Problems
    over: tuple[str, ...]


def compare_problems(before: Problems, now: Problems) -> ProblemChanges:
    """Return what is new and what is over."""
    new = {path: reason for path, reason in now.items() if before.get(path) != reason}
    return ProblemChanges(new, tuple(path for path in before if path not in now))


def load_problems(path: Path) -> dict[str, str]:
    """Read the problems of the previous scan; none where there is no file, or another build's."""
    try:
        return _PROBLEMS.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return {}


def update_problems(path: Path, now: Problems) -> ProblemChanges:
    """Store the problems of a scan, if they differ from the previous ones, and return how."""
    changes = compare_problems(load_problems(path), now)
    if changes.new or changes.over:
        write_json(path, dict(sorted(now.items())))
    return changes
