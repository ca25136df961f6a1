"""Reads a snapshot, an immutable folder with everything that a search needs."""

import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

from whenanime_pipeline.core.files import compute_checksum
from whenanime_pipeline.core.media.picture_codec import STORED_FRAME_TYPE
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.errors import (
    ContentGoneError,
    FramesError,
    SnapshotError,
    SnapshotMessage,
)
from whenanime_pipeline.core.search.frames.shot_boundaries import Shot, detect_shots
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.frames.timeline import Timeline
from whenanime_pipeline.core.search.local.local_index import LocalIndex
from whenanime_pipeline.core.search.local.postings import Postings
from whenanime_pipeline.core.search.local.version import local_id
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord, read_episodes
from whenanime_pipeline.core.search.snapshot.manifest import (
    EPISODES_FILE,
    Content,
    Manifest,
    read_manifest,
)

PICTURE_TYPE = STORED_FRAME_TYPE
"""The media type of stored frames."""
_OPEN_FILES = 512
"""Most open frames files, below the usual limit of 1,024 per process."""


class Snapshot:
    """An opened snapshot. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Read the tables; frames files are opened on demand.

        Raises:
            SnapshotError: the snapshot is incomplete, damaged or of a newer version.
        """
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.episodes: list[EpisodeRecord] = read_episodes(folder / EPISODES_FILE)
        self.contents: dict[int, Content] = {c.ordinal: c for c in self.manifest.contents}
        self.episodes_by_content: dict[int, list[EpisodeRecord]] = {}
        for episode in self.episodes:
            self.episodes_by_content.setdefault(episode.content, []).append(episode)
        self._open: OrderedDict[int, FramesFile] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """Id of the snapshot."""
        return self.manifest.id

    @property
    def picture_type(self) -> str:
        """The media type of stored frames."""
        return PICTURE_TYPE

    def picture(self, content: int, frame: int) -> bytes:
        """Return a stored frame, encoded.

        Raises:
            LookupError: there is no such content or frame.
            FramesError: the file is damaged.
        """
        return self._frames(content).picture(frame)

    def runs(self, content: int, frame: int) -> list[tuple[float, float]]:
        """Return the time runs of a frame: seconds of the first and last sample of each.

        Raises:
            LookupError: there is no such content or frame.
            FramesError: the file is damaged.
        """
        return self._frames(content).runs(frame)

    def timeline(self, content: int) -> Timeline:
        """Return the timeline of a content.

        Raises:
            LookupError: there is no such content, or it has no frame.
            FramesError: the file is damaged.
        """
        return Timeline(*self._frames(content).read_time_runs())

    def shots(self, content: int) -> list[Shot]:
        """Return the shots of a content, in order of time.

        Raises:
            LookupError: there is no such content.
            FramesError: the file is damaged.
        """
        file = self._frames(content)
        return detect_shots(*file.read_time_runs(), file.hashes())

    def load_index(self, *, ef: int | None = None) -> HnswIndex:
        """Read the index into memory.

        Args:
            ef: candidates that a search visits; None for the library's option.

        Raises:
            SnapshotError: the index is damaged or of an unknown kind.
        """
        if len(self.manifest.segments) != 1:
            raise SnapshotError(f"{self.folder}: an index of several segments is not read here")
        segment = self.manifest.segments[0]
        return HnswIndex.load(
            self.folder / segment.path,
            self.manifest.dimension,
            segment.count,
            self.manifest.index.model_copy(update={} if ef is None else {"ef": ef}),
        )

    def load_local(self) -> LocalIndex | None:
        """Map the local features.

        Returns:
            The index; None for a snapshot without local features or with those of another version
            of the extraction, which is searched by embeddings alone.

        Raises:
            SnapshotError: the files are damaged.
            ModelError: the shipped vocabulary is missing or damaged.
        """
        section = self.manifest.local
        if section is None or section.id != local_id():
            return None
        postings = [Postings.open(self.folder / segment.path) for segment in section.segments]
        left_out = {
            ordinal: content.left_out.ranges
            for ordinal, content in self.contents.items()
            if content.left_out
        }
        return LocalIndex(Vocabulary.load(), postings, self.contents, left_out)

    def _frames(self, content: int) -> FramesFile:
        with self._lock:
            found = self._open.get(content)
            if found is not None:
                self._open.move_to_end(content)
                return found
            file = FramesFile(self._frames_path(self.contents[content]))
            if len(file) != self.contents[content].frames:
                raise FramesError(f"{file.path}: {len(file)} frames; the manifest says otherwise")
            self._open[content] = file
            if len(self._open) > _OPEN_FILES:
                # Not closed, as another thread may be reading from it.
                self._open.popitem(last=False)
            return file

    def _frames_path(self, content: Content) -> Path:
        """Return the path of a content's frames file.

        The snapshot's folder is deleted some publications later; a reader then finds the same
        frames in later snapshots, as long as these have the content.

        Raises:
            ContentGoneError: no snapshot has the content any more.
        """
        own = self.folder / content.path
        if own.exists():
            return own
        for folder in sorted(self.folder.parent.iterdir(), reverse=True):
            path = folder / content.path
            if path.exists() and _has_content(folder, content):
                return path
        raise ContentGoneError(f"{own}: cleared away, and in no other snapshot")


def check_files(folder: Path) -> Manifest:
    """Verify that a snapshot is complete: existence, size and checksum of all files.

    Returns:
        The manifest.

    Raises:
        SnapshotError: a file is missing or differs from the manifest.
    """
    manifest = read_manifest(folder)
    for file in manifest.files:
        path = folder / file.path
        try:
            status = path.stat()
            stamp = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
            same = status.st_size == file.bytes and (
                file.checksum is None or _checksum(path, stamp) == file.checksum
            )
        except OSError as error:
            raise SnapshotError(
                SnapshotMessage.UNREADABLE_FILE(path=str(path), why=str(error))
            ) from error
        if not same:
            raise SnapshotError(SnapshotMessage.CHANGED_FILE(path=str(path)))
    return manifest


@lru_cache(maxsize=64)
def _checksum(path: Path, _stamp: tuple[int, ...]) -> str:
    """Return a file's checksum, cached per process until the file changes.

    An index takes 2 s per gigabyte, and is verified before each batch and each publication.
    """
    return compute_checksum(path)


def _has_content(folder: Path, content: Content) -> bool:
    """Return whether a snapshot has a content under the same ordinal."""
    try:
        contents = read_manifest(folder).contents
    except SnapshotError:
        return False
    wanted = content.ordinal, content.identity
    return any((one.ordinal, one.identity) == wanted for one in contents)
