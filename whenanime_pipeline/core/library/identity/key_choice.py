"""Chooses the keys of the videos of one episode name."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.identity.distinct_words import find_distinct_words, hash_path
from whenanime_pipeline.core.library.identity.keys import build_episode_key
from whenanime_pipeline.core.library.identity.version_groups import NamedFile


class KnownKeys:
    """Keys of the old catalogue, looked up where files share a name.

    Attributes:
        catalogue: Old catalogue.
        present: Paths of all files.
    """

    def __init__(self, catalogue: Catalogue, present: Collection[str]) -> None:
        """Keep both; nothing is looked up yet."""
        self.catalogue = catalogue
        self.present = present

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """Keys by the key of the episode name; a default mapping."""
        keys: dict[str, list[str]] = defaultdict(list)
        for episode in self.catalogue.episodes:
            keys[build_episode_key(episode.name)].append(episode.key)
        return keys

    @cached_property
    def vacated(self) -> Mapping[str, Sequence[str]]:
        """Keys by fingerprint, of entries whose path is gone; a default mapping."""
        keys: dict[str, list[str]] = defaultdict(list)
        for episode in self.catalogue.episodes:
            if episode.path not in self.present:
                keys[episode.fingerprint].append(episode.key)
        return keys


def choose_keys(
    base: str,
    videos: Sequence[Sequence[NamedFile]],
    indexed: Sequence[NamedFile],
    known: KnownKeys,
) -> list[str]:
    """Return a key for each video of one episode name.

    A video keeps the key of its file, else of the file that it takes over from, else that of its
    content under another path. What is left gets the plain key, and words that tell it apart.

    Args:
        base: Plain key of the name.
        videos: Files of each video.
        indexed: The file of each video that is indexed.
        known: Keys of the old catalogue.

    Returns:
        A key a video, all different.
    """
    if len(videos) == 1 and len(videos[0]) == 1:
        (file,) = videos[0]
        if file.previous or not file.claim:
            return [file.previous.key if file.previous else base]
    wanted = [
        [_list_own_keys(base, *pair) for pair in zip(videos, indexed, strict=True)],
        [sorted(_claimed_keys(video) & {base, *known.by_name[base]}) for video in videos],
        [sorted(_keys_of_content(base, video, known)) for video in videos],
    ]
    keys: dict[int, str] = {}
    for preference in wanted:
        for number, candidates in enumerate(preference):
            free = [key for key in candidates if key not in keys.values()]
            if number not in keys and free:
                keys[number] = free[0]
    left = [number for number in range(len(videos)) if number not in keys]
    for number in sorted(left, key=lambda number: _rank_plainness(indexed[number])):
        if base not in keys.values():
            keys[number] = base
        else:
            holder = next(indexed[n].path for n, key in keys.items() if key == base)
            keys[number] = _distinguish(indexed[number], holder, set(keys.values()))
    return [keys[number] for number in range(len(videos))]


def _list_own_keys(base: str, video: Sequence[NamedFile], chosen: NamedFile) -> list[str]:
    """Return the keys that files of a video have: that of the chosen one first, then the plain."""
    own = {file.previous.key for file in video if file.previous}
    first = chosen.previous.key if chosen.previous else base
    return sorted(own, key=lambda key: (key != first, key != base, key))


def _claimed_keys(video: Sequence[NamedFile]) -> set[str]:
    """Return the keys of entries whose other versions the files of a video were."""
    return {file.claim.key for file in video if file.claim}


def _keys_of_content(base: str, video: Sequence[NamedFile], known: KnownKeys) -> set[str]:
    """Return the keys that the contents of a video had at paths that are gone."""
    had = {key for file in video for key in known.vacated[file.fingerprint]}
    return had & set(known.by_name[base])


def _rank_plainness(file: NamedFile) -> tuple[object, ...]:
    """Order files for the plain key: first the one whose name says least more than the episode."""
    version = file.version
    return version.is_copy_folder, len(version.core), file.path


def _distinguish(file: NamedFile, holder: str, taken: set[str]) -> str:
    """Return a key with the words that tell a file from the holder of the plain key."""
    words = find_distinct_words(file.path, holder)
    key = build_episode_key(file.name, words)
    return (
        key if key not in taken else build_episode_key(file.name, f"{words} {hash_path(file.path)}")
    )
