"""Groups the files of a folder by the name of their episode."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import FolderObservation, VideoShape
from whenanime_pipeline.core.library.episode import Episode, FileState
from whenanime_pipeline.core.library.identity.keys import build_episode_key
from whenanime_pipeline.core.library.identity.version_groups import NamedFile


@dataclass(slots=True)
class NameGroups:
    """Files by the name of their episode.

    Attributes:
        alone: Entries of files that have a key and share their name with no other file: nearly all.
        others: The other files by the plain key of their name.
        paths: Paths of all files.
    """

    alone: list[Episode] = field(default_factory=list)
    others: dict[str, list[NamedFile]] = field(default_factory=lambda: defaultdict(list))
    paths: set[str] = field(default_factory=set)


def group_by_name(
    observation: FolderObservation,
    catalogue: Catalogue,
    contents: Mapping[str, str],
    undecided: Sequence[Episode],
) -> NameGroups:
    """Group all files that are or become entries by the key of their episode name.

    Args:
        observation: Files with names.
        catalogue: Old catalogue.
        contents: Path to fingerprint, for all steady files.
        undecided: Entries of the old catalogue that stay as they are.
    """
    old = {episode.path: episode for episode in catalogue.episodes}
    claims = {claim.path: claim for claim in catalogue.claims}
    groups = NameGroups(paths={*contents, *(episode.path for episode in undecided)})
    others, first = groups.others, dict[str, FileState]()

    def add(file: FileState, base: str) -> None:
        name, previous = observation.names[file.path], old.get(file.path)
        same = previous if previous and build_episode_key(previous.name) == base else None
        others[base].append(
            NamedFile(
                path=file.path,
                size=file.size,
                mtime_ns=file.mtime_ns,
                fingerprint=contents[file.path],
                name=name,
                previous=same,
                claim=claims.get(file.path),
                parts=observation.parts.get(file.path, ()),
            )
        )

    for episode in undecided:
        others[build_episode_key(episode.name)].append(_make_undecided(episode))
    for file in observation.files:
        if file.path not in contents:
            continue
        base = build_episode_key(observation.names[file.path])
        if base in first:
            add(first.pop(base), base)
        if base in others:
            add(file, base)
        else:
            first[base] = file
    for base, file in first.items():
        previous = old.get(file.path)
        if previous and (
            previous.name is observation.names[file.path]
            or build_episode_key(previous.name) == base
        ):
            groups.alone.append(_update_entry(previous, file, contents[file.path], observation))
        else:
            add(file, base)
    return groups


def _make_undecided(entry: Episode) -> NamedFile:
    return NamedFile(
        path=entry.path,
        size=entry.size,
        mtime_ns=entry.mtime_ns,
        fingerprint=entry.fingerprint,
        name=entry.name,
        previous=entry,
        is_undecided=True,
        parts=entry.parts,
    )


def _update_entry(
    entry: Episode, file: FileState, content: str, observation: FolderObservation
) -> Episode:
    """Return the entry of a file that keeps its key; the same object where nothing changed."""
    name, info = observation.names[file.path], observation.infos[file.path]
    parts = observation.parts.get(file.path, ())
    new = Episode(entry.key, file.path, content, file.size, file.mtime_ns, name, info, parts)
    return entry if new == entry else new


def select_unprobed(groups: NameGroups, shapes: Mapping[str, VideoShape]) -> list[NamedFile]:
    """Return the files whose header says whether they are versions of another file.

    Args:
        groups: Files by the name of their episode.
        shapes: What is known already, by fingerprint.
    """
    unprobed: dict[str, NamedFile] = {}
    for files in groups.others.values():
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
