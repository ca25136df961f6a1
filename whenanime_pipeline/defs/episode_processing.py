"""Work on several episodes in one run: one after the other, each recorded when it is done."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import dagster as dg

from whenanime_pipeline.core.models.registry import read_name_in_use
from whenanime_pipeline.core.search.episode_indexing import EpisodeError
from whenanime_pipeline.core.search.status import EpisodeStatus, load_episode_statuses
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.metadata import Metadata, failures_table_value
from whenanime_pipeline.defs.resources import Reporter


def statuses_for_learning(
    workspace: Workspace, keys: Collection[str] | None = None
) -> list[EpisodeStatus]:
    """Return how far the episodes are, as `Workspace.statuses` does, but for their features.

    Learning reads no features, so that it goes on where the model in use is gone or damaged: a
    training can be the way out of that.
    """
    home = workspace.home
    found = load_episode_statuses(
        home,
        workspace.load_catalogue().episodes,
        workspace.settings.sampling,
        read_name_in_use(home),
    )
    return [one for one in found if keys is None or one.episode.key in keys]


def process_episodes(
    workspace: Workspace,
    keys: Sequence[str],
    reporter: Reporter,
    process: Callable[[EpisodeStatus], None],
    *,
    with_features: bool = False,
) -> dict[str, str]:
    """Do something with each of a run's episodes; one that cannot be read fails alone.

    Args:
        workspace: of the library.
        keys: of the episodes.
        reporter: receives the progress of each.
        process: does it, and raises `EpisodeError` where it cannot be done.
        with_features: whether it needs to know of features, and so the model in use.

    Returns:
        The paths of the episodes that failed, with the reasons.
    """
    failures: dict[str, str] = {}
    workspace.probe_readings(keys)
    look = workspace.load_statuses if with_features else partial(statuses_for_learning, workspace)
    for status in _statuses(workspace, keys, look):
        path = status.episode.path
        reporter.on_episode_begin(path)
        try:
            process(status)
        except EpisodeError as error:
            failures[path] = error.reason
            reporter.on_episode_failure(path, error.reason)
        else:
            reporter.on_episode_end(path)
    return failures


def log_materialization(
    context: dg.AssetExecutionContext, asset: dg.AssetKey, key: str, metadata: Metadata
) -> None:
    """Record one finished episode now: a run that dies later keeps it."""
    context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=metadata))


def raise_failures(failures: Mapping[str, str]) -> None:
    """End the run as failed when an episode did, and name all that did.

    Raises:
        dg.Failure: there are failures.
    """
    if failures:
        raise dg.Failure(
            "\n".join(f"{path}: {reason}" for path, reason in sorted(failures.items())),
            metadata={"failed": failures_table_value(failures)},
            allow_retries=False,
        )


def _statuses(
    workspace: Workspace,
    keys: Sequence[str],
    find_statuses: Callable[[Collection[str]], list[EpisodeStatus]],
) -> list[EpisodeStatus]:
    """Return the episodes of some keys; keys that were deleted since the run began are left out."""
    found = find_statuses(keys)
    if len(found) < len(keys):
        # News of an episode goes out before the catalogue that holds it is stored.
        with workspace.home.lock("catalogue"):
            found = find_statuses(keys)
    return found
