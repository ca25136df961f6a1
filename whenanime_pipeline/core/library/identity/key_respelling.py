"""Gives the episodes of a catalogue of an earlier build keys as they are spelled now."""

from dataclasses import replace
from typing import TYPE_CHECKING

from whenanime_pipeline.core.library.identity.distinct_words import hash_path
from whenanime_pipeline.core.library.identity.former_keys import follow_moves
from whenanime_pipeline.core.library.identity.keys import build_episode_key

if TYPE_CHECKING:
    from whenanime_pipeline.core.library.catalogue import Catalogue


def respell_keys(catalogue: "Catalogue") -> "Catalogue":
    """Return a catalogue whose keys are spelled again from the names it holds.

    The old keys are remembered as former ones. Everything else stays, `keys_version` included.
    """
    moves: dict[str, str] = {}
    taken: set[str] = set()
    for episode in catalogue.episodes:
        key = build_episode_key(episode.name)
        if key in taken:  # names that differed in control characters alone
            key = build_episode_key(episode.name, hash_path(episode.path))
        taken.add(key)
        moves[episode.key] = key
    episodes = [replace(episode, key=moves[episode.key]) for episode in catalogue.episodes]
    return replace(
        catalogue,
        episodes=tuple(sorted(episodes, key=lambda episode: episode.key)),
        claims=tuple(
            replace(claim, key=moves.get(claim.key, claim.key)) for claim in catalogue.claims
        ),
        former_keys=follow_moves(catalogue.former_keys, moves, taken),
    )
