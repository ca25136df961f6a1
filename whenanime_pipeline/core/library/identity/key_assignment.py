"""Assigns keys to files: one to each episode, whatever its files are called.

Files of one episode name are versions of one video, of which one is indexed, or different videos,
which are all indexed under keys of their own. A key once given stays with its file for as long as
the file says the same episode.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import (
    FolderObservation,
    KeyClaim,
    Namesake,
    VideoShape,
)
from whenanime_pipeline.core.library.episode import Episode
from whenanime_pipeline.core.library.identity.key_choice import KnownKeys, choose_keys
from whenanime_pipeline.core.library.identity.name_groups import NameGroups
from whenanime_pipeline.core.library.identity.version_groups import (
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
        namesakes: Entries that share their episode name with another entry.
    """

    winners: list[Episode] = field(default_factory=list)
    claims: list[KeyClaim] = field(default_factory=list)
    namesakes: list[Namesake] = field(default_factory=list)


def assign_keys(
    groups: NameGroups,
    shapes: Mapping[str, VideoShape],
    observation: FolderObservation,
    catalogue: Catalogue,
) -> KeyAssignment:
    """Assign keys to the files of all episode names.

    Args:
        groups: Files by the name of their episode; consumed.
        shapes: What is known of headers, by fingerprint.
        observation: Metadata of the files.
        catalogue: Old catalogue.
    """
    known = KnownKeys(catalogue, groups.paths)
    result = KeyAssignment(winners=groups.alone)
    for base, files in groups.others.items():
        videos = group_versions(files, shapes)
        indexed = [choose_version(video, shapes) for video in videos]
        keys = choose_keys(base, videos, indexed, known)
        for key, video, chosen in zip(keys, videos, indexed, strict=True):
            _add_video(result, observation, key, video, chosen)
        if len(keys) > 1:
            first = keys.index(base) if base in keys else 0
            result.namesakes += [
                Namesake(one.path, key, indexed[first].path, str(one.name))
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
            claim = KeyClaim(file.path, size, time, content, key, chosen.path, says, file.parts)
            result.claims.append(claim)
        elif not file.is_undecided:
            info = observation.infos[file.path]
            entry = Episode(key, file.path, content, size, time, file.name, info, file.parts)
            result.winners.append(entry)
