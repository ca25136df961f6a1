"""Where each entry of the new catalogue comes from: which one it replaces, renames or leaves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import EpisodeChange, LibraryDiff
from whenanime_pipeline.core.library.episode import Episode


def classify_changes(
    winners: Sequence[Episode],
    catalogue: Catalogue,
    contents: Mapping[str, str],
    undecided: Sequence[Episode],
) -> LibraryDiff:
    """Compare the entries that shall be with those that were.

    Args:
        winners: The entries of all files that have their key.
        catalogue: The catalogue.
        contents: Path to fingerprint, of all steady files.
        undecided: Entries of the catalogue that stay whatever is found.

    Returns:
        New, replaced, renamed, retitled, touched, unchanged and deleted entries. Each old entry is
        the origin of one new one at most.
    """
    kept_keys = {episode.key for episode in undecided}
    free = {episode.key: episode for episode in catalogue.episodes if episode.key not in kept_keys}
    at_path = {episode.path: episode for episode in free.values()}
    stayed, moved = [], []
    for episode in winners:
        old = at_path.get(episode.path)
        if old and old.fingerprint == episode.fingerprint:
            stayed.append(EpisodeChange(free.pop(old.key), episode))
        else:
            moved.append(episode)
    renamed, arrived = _match_moved(moved, free, contents)
    replaced, new = _match_replaced(arrived, free, at_path)
    rekeyed = [change for change in stayed if change.old.key != change.new.key]
    same_key = [change for change in stayed if change.old.key == change.new.key]
    titled = [
        change for change in same_key if _name_and_info(change.old) != _name_and_info(change.new)
    ]
    titles_kept = [
        change for change in same_key if _name_and_info(change.old) == _name_and_info(change.new)
    ]
    return LibraryDiff(
        new=_sort_by_path(new),
        replaced=_sort_by_new_path(replaced),
        renamed=_sort_by_new_path([*renamed, *rekeyed]),
        retitled=_sort_by_new_path(titled),
        touched=_sort_by_new_path([c for c in titles_kept if c.old.state != c.new.state]),
        unchanged=_sort_by_path([c.new for c in titles_kept if c.old.state == c.new.state]),
        deleted=_sort_by_path(list(free.values())),
    )


def _match_moved(
    moved: Sequence[Episode], free: dict[str, Episode], contents: Mapping[str, str]
) -> tuple[list[EpisodeChange], list[Episode]]:
    """Find the entries whose content left their path for another one; takes them out of `free`."""
    vacated: dict[str, list[Episode]] = defaultdict(list)
    for old in free.values():
        if contents.get(old.path) != old.fingerprint:
            vacated[old.fingerprint].append(old)
    renamed: dict[str, EpisodeChange] = {}
    for only_same_key in (True, False):  # of two copies, each keeps its own key if it can
        for episode in moved:
            options = vacated.get(episode.fingerprint, [])
            fitting = [old for old in options if old.key == episode.key or not only_same_key]
            if fitting and episode.path not in renamed:
                options.remove(fitting[0])
                renamed[episode.path] = EpisodeChange(free.pop(fitting[0].key), episode)
    return list(renamed.values()), [each for each in moved if each.path not in renamed]


def _match_replaced(
    arrived: Sequence[Episode], free: dict[str, Episode], at_path: Mapping[str, Episode]
) -> tuple[list[EpisodeChange], list[Episode]]:
    """Find the entries whose key, else whose path, has another content; empties `free` of them."""
    replaced, unknown, new = [], [], []
    for episode in arrived:
        if episode.key in free:
            replaced.append(EpisodeChange(free.pop(episode.key), episode))
        else:
            unknown.append(episode)
    for episode in unknown:
        old = at_path.get(episode.path)
        if old and old.key in free:
            replaced.append(EpisodeChange(free.pop(old.key), episode))
        else:
            new.append(episode)
    return replaced, new


def _name_and_info(episode: Episode) -> tuple[object, object]:
    return episode.name, episode.info


def _sort_by_path(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    return tuple(sorted(episodes, key=lambda episode: episode.path))


def _sort_by_new_path(changes: Sequence[EpisodeChange]) -> tuple[EpisodeChange, ...]:
    return tuple(sorted(changes, key=lambda change: change.new.path))
