"""Finds the stored frames of contents, and links them into a snapshot."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.search.snapshot.manifest import Content, Manifest
from whenanime_pipeline.core.search.status import EpisodeStatus


def locate_frames(
    statuses: Iterable[EpisodeStatus], parent: Manifest | None, parent_folder: Path | None
) -> dict[tuple[str, str], Path]:
    """Return identity of a content → the file of its frames.

    Args:
        statuses: statuses of all episodes.
        parent: manifest of the published snapshot, which has the frames of episodes that are not
            ready; None without one.
        parent_folder: its folder.
    """
    frames: dict[tuple[str, str], Path] = {}
    if parent is not None and parent_folder is not None:
        frames = {content.identity: parent_folder / content.path for content in parent.contents}
    return frames | {
        (s.sampling.id, s.episode.fingerprint): s.frames_file for s in statuses if s.is_ready
    }


def link_frames(
    folder: Path, contents: Iterable[Content], located: Mapping[tuple[str, str], Path]
) -> None:
    """Link the frames of contents into a snapshot's new folder.

    Args:
        folder: folder of the snapshot; made here.
        contents: contents of the snapshot.
        located: identity of a content → the file of its frames.
    """
    (folder / "frames").mkdir(parents=True)
    for content in contents:
        link_or_copy(located[content.identity], folder / content.path)
