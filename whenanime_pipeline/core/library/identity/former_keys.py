"""Follows the keys of episodes that move, so that addresses made before find them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from whenanime_pipeline.core.library.episode import Episode

MAX_FORMER_KEYS = 8
"""Former keys of one episode that are remembered: the latest ones."""


def follow_moves(
    former: Mapping[str, str], moves: Mapping[str, str], present: Collection[str]
) -> dict[str, str]:
    """Return former keys after some episodes moved.

    Args:
        former: Former key to key, the oldest first.
        moves: Key before to key now, of episodes whose content stayed.
        present: Keys of all episodes now.

    Returns:
        Former key to today's. A key that an episode has now is nobody's former key, and former keys
        of episodes that are gone are forgotten.
    """
    followed = {old: moves.get(new, new) for old, new in former.items()}
    for old, new in moves.items():
        if old != new:
            followed.pop(old, None)  # the latest move stands last
            followed[old] = new
    kept: dict[str, list[str]] = defaultdict(list)
    for old, new in followed.items():
        if new in present and old not in present:
            kept[new].append(old)
    latest = {old for olds in kept.values() for old in olds[-MAX_FORMER_KEYS:]}
    return {old: new for old, new in followed.items() if old in latest}


def list_part_moves(before: Sequence[Episode], after: Sequence[Episode]) -> dict[str, str]:
    """Return key before to key now, of entries whose files were joined to a film or separated.

    Args:
        before: Entries of the old catalogue.
        after: Entries of the new one.
    """
    if not any(episode.parts for episode in (*before, *after)):
        return {}
    present = {episode.key for episode in after}
    by_file = {file.fingerprint: episode for episode in after for file in episode.files}
    moves: dict[str, str] = {}
    for old in before:
        found = [by_file[file.fingerprint] for file in old.files if file.fingerprint in by_file]
        joined = [new for new in found if old.parts or new.parts]
        if joined and old.key not in present:
            moves[old.key] = joined[0].key
    return moves
