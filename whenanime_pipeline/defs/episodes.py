"""Work on several episodes in one run: one after the other, each recorded when it is done."""

from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.search.work import EpisodeError
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import Metadata, failures_table
from whenanime_pipeline.defs.resources import Reporter


def one_by_one(
    workspace: Workspace,
    keys: Sequence[str],
    reporter: Reporter,
    bring: Callable[[EpisodeStatus], None],
) -> dict[str, str]:
    """Do something with each of a run's episodes; one that cannot be read fails alone.

    Args:
        workspace: of the library.
        keys: of the episodes.
        reporter: told of each.
        bring: does it, and raises `EpisodeError` where it cannot be done.

    Returns:
        The paths of the episodes that failed, with the reasons.
    """
    failures: dict[str, str] = {}
    for status in _statuses(workspace, keys):
        path = status.episode.path
        reporter.begin(path)
        try:
            bring(status)
        except EpisodeError as error:
            failures[path] = error.reason
            reporter.failed(path, error.reason)
        else:
            reporter.finished(path)
    return failures


def tell(context: dg.AssetExecutionContext, asset: dg.AssetKey, key: str, what: Metadata) -> None:
    """Record one finished episode now: a run that dies later keeps it."""
    context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=what))


def name_failures(failures: Mapping[str, str]) -> None:
    """End the run as failed when an episode did, and name all that did.

    Raises:
        dg.Failure: there are failures.
    """
    if failures:
        raise dg.Failure(
            "\n".join(f"{path}: {reason}" for path, reason in sorted(failures.items())),
            metadata={"failed": failures_table(failures)},
            allow_retries=False,
        )


def _statuses(workspace: Workspace, keys: Sequence[str]) -> list[EpisodeStatus]:
    """Return the episodes of some keys; keys that were deleted since the run began are left out."""
    found = workspace.statuses(keys)
    if len(found) < len(keys):
        # News of an episode goes out before the catalogue that holds it is stored.
        with workspace.home.lock("catalogue"):
            found = workspace.statuses(keys)
    return found
