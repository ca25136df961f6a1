"""Assigns keys to files: one to each episode, whatever its files are called.

Files of one episode name are versions of one video, of which one is indexed, or different videos,
which are all indexed under keys of their own. A key once given stays with its file for as long as
the file says the same episode.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import (
    FolderObservation,
    KeyClaim,
    ToldApart,
    VideoShape,
)
from whenanime_pipeline.core.library.distinct_words import find_distinct_words, hash_path
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.library.keys import build_episode_key
from whenanime_pipeline.core.library.version_groups import (
    NamedFile,
    choose_version,
    group_versions,
)


@dataclass(slots=True)
class KeyAssignment:
    """Which file has which key.

    Attributes:
        winners: Entries of the files that are indexed, without undecided ones.
        claims: Other versions of them.
        apart: Entries that share their episode name with another entry.
    """

    winners: list[Episode] = field(default_factory=list)
    claims: list[KeyClaim] = field(default_factory=list)
    apart: list[ToldApart] = field(default_factory=list)


class _KnownKeys:
    """Keys of the old catalogue, looked up where files share a name.

    Attributes:
        catalogue: Old catalogue.
        present: Paths of all files.
    """

    def __init__(self, catalogue: Catalogue, present: Collection[str]) -> None:
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


def group_by_name(
    observation: FolderObservation,
    catalogue: Catalogue,
    contents: Mapping[str, str],
    undecided: Sequence[Episode],
) -> dict[str, list[NamedFile]]:
    """Group all files that are or become entries by the key of their episode name.

    Args:
        observation: Files with names.
        catalogue: Old catalogue.
        contents: Path to fingerprint, for all steady files.
        undecided: Entries of the old catalogue that stay as they are.
    """
    old = {episode.path: episode for episode in catalogue.episodes}
    claims = {claim.path: claim for claim in catalogue.claims}
    groups: dict[str, list[NamedFile]] = defaultdict(list)
    for file in observation.files:
        content = contents.get(file.path)
        if content is None:
            continue
        name, previous = observation.names[file.path], old.get(file.path)
        base = build_episode_key(name)
        if previous and previous.name is not name and build_episode_key(previous.name) != base:
            previous = None
        claim = claims.get(file.path)
        groups[base].append(
            NamedFile(file.path, file.size, file.mtime_ns, content, name, previous, claim)
        )
    for episode in undecided:
        groups[build_episode_key(episode.name)].append(
            NamedFile(
                episode.path,
                episode.size,
                episode.mtime_ns,
                episode.fingerprint,
                episode.name,
                previous=episode,
                is_undecided=True,
            )
        )
    return groups


def assign_keys(
    groups: Mapping[str, Sequence[NamedFile]],
    observation: FolderObservation,
    catalogue: Catalogue,
) -> KeyAssignment:
    """Assign keys to the files of all episode names.

    Args:
        groups: Files by the key of their episode name, as of `group_by_name`.
        observation: Metadata of the files, and shapes.
        catalogue: Old catalogue.
    """
    present = {file.path for files in groups.values() for file in files}
    known = _KnownKeys(catalogue, present)
    result = KeyAssignment()
    for base, files in groups.items():
        videos = group_versions(files, observation.shapes)
        indexed = [choose_version(video, observation.shapes) for video in videos]
        keys = _choose_keys(base, videos, indexed, known)
        for key, video, chosen in zip(keys, videos, indexed, strict=True):
            _add_video(result, observation, key, video, chosen)
        if len(keys) > 1:
            first = keys.index(base) if base in keys else 0
            result.apart += [
                ToldApart(one.path, key, indexed[first].path, str(one.name))
                for key, one in zip(keys, indexed, strict=True)
                if one is not indexed[first]
            ]
    return result


def _add_video(
    result: KeyAssignment,
    observation: FolderObservation,
    key: str,
    video: Sequence[NamedFile],
    chosen: NamedFile,
) -> None:
    for file in video:
        size, time, content = file.size, file.mtime_ns, file.fingerprint
        if file is not chosen:
            says = str(file.name)
            result.claims.append(KeyClaim(file.path, size, time, content, key, chosen.path, says))
        elif not file.is_undecided:
            info = observation.infos[file.path]
            result.winners.append(Episode(key, file.path, content, size, time, file.name, info))


def _choose_keys(
    base: str,
    videos: Sequence[Sequence[NamedFile]],
    indexed: Sequence[NamedFile],
    known: "_KnownKeys",
) -> list[str]:
    """Return a key for each video of one episode name.

    A video keeps the key of its file, else of the file that it takes over from, else that of its
    content under another path. What is left gets the plain key, and words that tell it apart.
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
            keys[number] = _tell_apart(indexed[number], holder, set(keys.values()))
    return [keys[number] for number in range(len(videos))]


def _list_own_keys(base: str, video: Sequence[NamedFile], chosen: NamedFile) -> list[str]:
    """Return the keys that files of a video have: that of the chosen one first, then the plain."""
    own = {file.previous.key for file in video if file.previous}
    first = chosen.previous.key if chosen.previous else base
    return sorted(own, key=lambda key: (key != first, key != base, key))


def _claimed_keys(video: Sequence[NamedFile]) -> set[str]:
    """Return the keys of entries whose other versions the files of a video were."""
    return {file.claim.key for file in video if file.claim}


def _keys_of_content(base: str, video: Sequence[NamedFile], known: "_KnownKeys") -> set[str]:
    """Return the keys that the contents of a video had at paths that are gone."""
    had = {key for file in video for key in known.vacated[file.fingerprint]}
    return had & set(known.by_name[base])


def _rank_plainness(file: NamedFile) -> tuple[object, ...]:
    """Order files for the plain key: first the one whose name says least beside the episode."""
    version = file.version
    return version.is_copy_folder, len(version.core), file.path


def _tell_apart(file: NamedFile, holder: str, taken: set[str]) -> str:
    """Return a key with the words that tell a file from the holder of the plain key."""
    words = find_distinct_words(file.path, holder)
    key = build_episode_key(file.name, words)
    return (
        key if key not in taken else build_episode_key(file.name, f"{words} {hash_path(file.path)}")
    )


def select_unprobed(
    groups: Mapping[str, Sequence[NamedFile]], shapes: Mapping[str, VideoShape]
) -> list[NamedFile]:
    """Return the files whose header says whether they are versions of another file.

    Args:
        groups: Files by the key of their episode name.
        shapes: What is known already, by fingerprint.
    """
    unprobed: dict[str, NamedFile] = {}
    for files in groups.values():
        if len(files) < 2:
            continue
        cores: dict[str, list[NamedFile]] = defaultdict(list)
        for file in files:
            cores[file.version.core].append(file)
        for alike in cores.values():
            if len({file.fingerprint for file in alike}) > 1:
                unprobed |= {
                    file.fingerprint: file
                    for file in alike
                    if file.fingerprint not in shapes and not file.is_undecided
                }
    return list(unprobed.values())
