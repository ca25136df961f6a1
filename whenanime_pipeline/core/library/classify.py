"""Classifies the entries of a new catalogue: new, replaced, renamed, retitled or unchanged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import EpisodeChange, LibraryDiff
from whenanime_pipeline.core.library.episode import Episode


def classify_changes(
    winners: Sequence[Episode],
    catalogue: Catalogue,
    undecided: Sequence[Episode],
) -> LibraryDiff:
    """Match the entries of a new catalogue with those of the old one.

    Args:
        winners: Entries of all files that have their key.
        catalogue: Old catalogue.
        undecided: Entries of the old catalogue that stay in any case.

    Returns:
        New, replaced, renamed, retitled, touched, unchanged and deleted entries. Each old entry is
        matched with at most one new one.
    """
    undecided_keys = {episode.key for episode in undecided}
    unmatched = {
        episode.key: episode for episode in catalogue.episodes if episode.key not in undecided_keys
    }
    at_path = {episode.path: episode for episode in unmatched.values()}
    stayed, moved = [], []
    for episode in winners:
        old = at_path.get(episode.path)
        if old and old.fingerprint == episode.fingerprint:
            stayed.append(EpisodeChange(unmatched.pop(old.key), episode))
        else:
            moved.append(episode)
    renamed, arrived = _match_moved(moved, unmatched)
    replaced, new = _match_replaced(arrived, unmatched, at_path)
    rekeyed = [change for change in stayed if change.old.key != change.new.key]
    same_key = [change for change in stayed if change.old.key == change.new.key]
    retitled = [
        change for change in same_key if _name_and_info(change.old) != _name_and_info(change.new)
    ]
    same_titles = [
        change for change in same_key if _name_and_info(change.old) == _name_and_info(change.new)
    ]
    return LibraryDiff(
        new=_sort_by_path(new),
        replaced=_sort_by_new_path(replaced),
        renamed=_sort_by_new_path([*renamed, *rekeyed]),
        retitled=_sort_by_new_path(retitled),
        touched=_sort_by_new_path([c for c in same_titles if c.old != c.new]),
        unchanged=_sort_by_path([c.new for c in same_titles if c.old == c.new]),
        deleted=_sort_by_path(list(unmatched.values())),
    )


def _match_moved(
    moved: Sequence[Episode], unmatched: dict[str, Episode]
) -> tuple[list[EpisodeChange], list[Episode]]:
    """Match entries whose content is indexed at another path now; removes them from `unmatched`."""
    vacated: dict[str, list[Episode]] = defaultdict(list)
    for old in unmatched.values():
        vacated[old.fingerprint].append(old)
    renamed: dict[str, EpisodeChange] = {}
    for only_same_key in (True, False):  # of two copies, each keeps its own key if possible
        for episode in moved:
            candidates = vacated.get(episode.fingerprint, [])
            fitting = [old for old in candidates if old.key == episode.key or not only_same_key]
            if fitting and episode.path not in renamed:
                candidates.remove(fitting[0])
                renamed[episode.path] = EpisodeChange(unmatched.pop(fitting[0].key), episode)
    return list(renamed.values()), [each for each in moved if each.path not in renamed]


def _match_replaced(
    arrived: Sequence[Episode], unmatched: dict[str, Episode], at_path: Mapping[str, Episode]
) -> tuple[list[EpisodeChange], list[Episode]]:
    """Match entries with other content by key, else by path; removes them from `unmatched`."""
    replaced, new_keys, new = [], [], []
    for episode in arrived:
        if episode.key in unmatched:
            replaced.append(EpisodeChange(unmatched.pop(episode.key), episode))
        else:
            new_keys.append(episode)
    for episode in new_keys:
        old = at_path.get(episode.path)
        if old and old.key in unmatched:
            replaced.append(EpisodeChange(unmatched.pop(old.key), episode))
        else:
            new.append(episode)
    return replaced, new


def _name_and_info(episode: Episode) -> tuple[object, object]:
    return episode.name, episode.info


def _sort_by_path(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    return tuple(sorted(episodes, key=lambda episode: episode.path))


def _sort_by_new_path(changes: Sequence[EpisodeChange]) -> tuple[EpisodeChange, ...]:
    return tuple(sorted(changes, key=lambda change: change.new.path))
