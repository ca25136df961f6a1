"""Ensures that an episode's faces are stored, once, however many processes ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.characters.errors import CharactersError, FacesError
from whenanime_pipeline.core.characters.faces import face_crops, face_frames, tracking
from whenanime_pipeline.core.characters.faces.face_finding import Progress, write_faces
from whenanime_pipeline.core.characters.faces.stored_faces import (
    FacesFile,
    FacesReport,
    FacesWriter,
)
from whenanime_pipeline.core.characters.found_faces import FaceDetector
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.episode_indexing import EpisodeError, discard_damaged
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus


@dataclass(frozen=True, slots=True)
class FacesResult:
    """Result of ensuring an episode's faces.

    Attributes:
        faces: number of faces.
        report: what came of looking for them.
        bytes: of the stored file.
        seconds: the work took; None when it had been done before.
    """

    faces: int
    report: FacesReport
    bytes: int
    seconds: float | None


def faces_file(home: Home, status: EpisodeStatus, detector_id: str) -> Path:
    """Return where an episode's faces belong, by how and from what they are made."""
    versions = (face_frames.CODE_VERSION, tracking.CODE_VERSION, face_crops.CODE_VERSION)
    faces_id = "-".join((detector_id, *map(str, versions)))
    return home.faces_file(faces_id, status.sampling.id, status.episode.fingerprint)


def list_pending_faces(
    home: Home, statuses: Iterable[EpisodeStatus], detector_id: str
) -> list[EpisodeStatus]:
    """Return the episodes that can be searched for and whose faces are not stored."""
    return [
        status
        for status in statuses
        if status.is_ready and not faces_file(home, status, detector_id).exists()
    ]


def ensure_faces(
    home: Home,
    status: EpisodeStatus,
    detector: FaceDetector,
    embedder: Embedder,
    *,
    progress: Progress | None = None,
) -> FacesResult:
    """Ensure that the faces of an episode with stored frames are stored too.

    Args:
        home: of the library.
        status: the episode and where its files belong.
        detector: finds the faces.
        embedder: the model in use; its embeddings join faces into tracks. A later model leaves
            them as they are.
        progress: receives the frames done and of all.

    Raises:
        EpisodeError: its stored frames are damaged, or the detector fails at too many of them.
        OSError: the home cannot be written to.
    """
    target, path = faces_file(home, status, detector.id), status.episode.path
    with home.lock("-".join(("faces", *target.with_suffix("").parts[-3:]))):
        stored = read_result(target)
        if stored is not None:
            return stored
        began = monotonic()
        try:
            with FramesFile(status.frames_file) as frames, FacesWriter(target) as writer:
                report = write_faces(frames, writer, detector, embedder, progress)
        except FramesError as error:
            raise discard_damaged(status.frames_file, path, error) from error
        except CharactersError as error:
            raise EpisodeError(path, f"its faces cannot be found: {error}") from error
        return FacesResult(writer.count, report, target.stat().st_size, monotonic() - began)


def read_result(path: Path) -> FacesResult | None:
    """Return what is stored; None where it is missing or damaged."""
    try:
        with FacesFile(path) as faces:
            faces.check_batches()
            return FacesResult(len(faces), faces.report, path.stat().st_size, None)
    except FacesError:
        return None
