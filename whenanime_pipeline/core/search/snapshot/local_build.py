"""The local features of the next snapshot: files taken over, and a new one for what is new."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from whenanime_pipeline.core.files import compute_checksum, flush_to_disk, link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.local.stored import VideoFeatures, read_local_features
from whenanime_pipeline.core.search.local.version import local_id
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.snapshot.local_segments import plan_segments
from whenanime_pipeline.core.search.snapshot.manifest import (
    Content,
    LocalSection,
    LocalSegment,
    Manifest,
    StoredFile,
)

LOCAL_FOLDER = "local"
"""Of a snapshot's inverted files."""


def select_local_contents(
    home: Home, contents: Iterable[Content], parent: Manifest | None
) -> frozenset[int]:
    """Return which contents of the next snapshot have local features.

    Args:
        home: of the library.
        contents: the next snapshot's.
        parent: the published one; its files serve if they were made as files are made now.

    Returns:
        Their ordinals.
    """
    known = {content for segment in _reusable_segments(parent) for content in segment.contents}
    return frozenset(
        content.ordinal
        for content in contents
        if content.ordinal in known or _features_path(home, content).exists()
    )


def write_local(
    folder: Path,
    home: Home,
    contents: Iterable[Content],
    parent: Manifest | None,
    sequence: int,
) -> LocalSection | None:
    """Put the local features of the next snapshot into its folder.

    Args:
        folder: where it is being built.
        home: of the library.
        contents: its contents.
        parent: the published one, and its files.
        sequence: the next snapshot's number, after which a new file is called.

    Returns:
        What is there now; None when no content has local features.

    Raises:
        FramesError: a content's file is damaged; it is taken away, to be made again.
        OSError: the disk is full or cannot be written.
    """
    everything = {content.ordinal: content for content in contents}
    chosen = select_local_contents(home, everything.values(), parent)
    if not chosen:
        return None
    read = {ordinal: partial(_read, home, everything[ordinal]) for ordinal in chosen}
    old = _reusable_segments(parent)
    wanted = {n: size for segment in old for n, size in segment.contents.items() if n in chosen}
    wanted |= {ordinal: len(read[ordinal]()) for ordinal in chosen - wanted.keys()}
    there = partial(_has_features, home, everything)
    step = plan_segments(old, wanted, there)
    segments = list(step.kept)
    for segment in step.kept:
        assert parent is not None
        _link_folder(home.snapshots / parent.id / segment.path, folder / segment.path)
    if step.merged:
        path = f"{LOCAL_FOLDER}/{sequence:06d}"
        parts = [(ordinal, read[ordinal]) for ordinal in step.merged]
        Postings.write(folder / path, parts, Vocabulary.load().size)
        segments.append(LocalSegment(path=path, contents={n: wanted[n] for n in step.merged}))
    for segment in segments:
        for file in (folder / segment.path).iterdir():
            flush_to_disk(file)
        flush_to_disk(folder / segment.path)
    flush_to_disk(folder / LOCAL_FOLDER)
    return LocalSection(id=local_id(), segments=tuple(segments))


def list_local_files(
    folder: Path, section: LocalSection | None, parent: Manifest | None
) -> list[StoredFile]:
    """List the files of local features, with their checksums.

    Args:
        folder: the snapshot's.
        section: what is in it.
        parent: the published snapshot; what was taken over from it is not read again.
    """
    known = {file.path: file for file in (parent.files if parent else ())}
    kept = {segment.path for segment in _reusable_segments(parent)}
    listed = []
    for segment in section.segments if section else ():
        for file in sorted((folder / segment.path).iterdir()):
            path = f"{segment.path}/{file.name}"
            if segment.path in kept:
                listed.append(known[path])
            else:
                listed.append(
                    StoredFile(
                        path=path, bytes=file.stat().st_size, checksum=compute_checksum(file)
                    )
                )
    return listed


def _reusable_segments(parent: Manifest | None) -> tuple[LocalSegment, ...]:
    if parent is None or parent.local is None or parent.local.id != local_id():
        return ()
    return parent.local.segments


def _features_path(home: Home, content: Content) -> Path:
    return home.local_features_file(local_id(), content.sampling_id, content.fingerprint)


def _has_features(home: Home, contents: Mapping[int, Content], ordinal: int) -> bool:
    return _features_path(home, contents[ordinal]).exists()


def _read(home: Home, content: Content) -> VideoFeatures:
    path = _features_path(home, content)
    try:
        return read_local_features(path, content.frames)
    except FramesError as error:
        path.unlink(missing_ok=True)
        raise FramesError(
            f"{path}: was damaged, and is taken away; index again to renew it"
        ) from error


def _link_folder(source: Path, target: Path) -> None:
    """Give a folder's files a second place."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        link_or_copy(file, target / file.name)
