"""Converts failed runs and storage errors of a home to `CommandError`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from whenanime_pipeline.commands.errors import CommandError, format_error
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.orchestration.job_runner import RunFailedError

_FULL = 4_000_000
"""Free bytes below which a disk counts as full: less than an episode's frames."""


@contextmanager
def convert_storage_errors(home: Home) -> Iterator[None]:
    """Convert errors of runs and of the home's storage while the block runs.

    Raises:
        CommandError: a run failed, or the home or Dagster's storage in it cannot be used; the
            message is one line, and mentions a full disk.
    """
    try:
        yield
    except RunFailedError as error:
        raise CommandError(_format_reason(error, home)) from error
    except (OSError, DBAPIError) as error:
        raise CommandError(_format_reason(error, home)) from error


def _format_reason(error: Exception, home: Home) -> str:
    reason = (
        f"{home.dagster}: {error.orig}" if isinstance(error, DBAPIError) else format_error(error)
    )
    reason = "; ".join(filter(None, map(str.strip, reason.splitlines())))
    free = shutil.disk_usage(home.root).free if home.root.is_dir() else None
    if free is None or free > _FULL:
        return reason
    return f"{reason}. The disk of {home.root} is full; make room and start again, nothing is lost"
