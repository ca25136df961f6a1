"""Finds the faces in the stored frames of one video, tracks them, and cuts them out."""

from collections.abc import Callable, Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.errors import DetectorExitedError, FacesError
from whenanime_pipeline.core.characters.faces.face_crops import crop_face
from whenanime_pipeline.core.characters.faces.face_frames import FaceFrame, select_face_frames
from whenanime_pipeline.core.characters.faces.stored_faces import (
    FacesReport,
    FacesWriter,
    StoredFace,
)
from whenanime_pipeline.core.characters.faces.tracking import track_faces
from whenanime_pipeline.core.characters.found_faces import FaceDetector, FoundFaces
from whenanime_pipeline.core.media.picture_codec import encode_stored_frame
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, read_picture

Progress = Callable[[float, float], None]
MAX_FAILURES = 20
"""Frames of a video at which the detector may fail; each costs seconds."""


class FaceFinder:
    """Looks for the faces of one video, a shot at a time.

    Attributes:
        failed: number of frames at which the detector failed.
        tracks: number of tracks so far.
    """

    def __init__(self, frames: FramesFile, detector: FaceDetector, embedder: Embedder) -> None:
        """Prepare to look.

        Args:
            frames: stored frames of the video.
            detector: finds the faces.
            embedder: its embeddings join faces into tracks.
        """
        self._frames = frames
        self._detector = detector
        self._embedder = embedder
        self.failed = self.tracks = 0

    def find_in_shot(self, looks: list[FaceFrame]) -> Iterator[StoredFace]:
        """Yield the faces of a shot.

        Args:
            looks: frames of the shot in order of time.

        Raises:
            FacesError: the detector failed at too many frames.
            FramesError: a stored frame is damaged.
        """
        found, crops = [], []
        for look in looks:
            picture = read_picture(self._frames, look.frame)
            faces = self._find(picture)
            found.append(faces)
            crops.append([crop_face(picture, box) for box in faces.boxes])
        vectors = [self._embedder.embed(own) for own in crops]
        numbers = track_faces([faces.boxes for faces in found], vectors)
        for look, faces, own, cut in zip(looks, found, numbers, crops, strict=True):
            for row, track in enumerate(own.tolist()):
                yield StoredFace(
                    shot=look.shot,
                    track=self.tracks + track,
                    frame=look.frame,
                    second=look.second,
                    box=faces.boxes[row],
                    score=float(faces.scores[row]),
                    landmarks=faces.landmarks[row],
                    crop=encode_stored_frame(cut[row]),
                )
        self.tracks += max((int(own.max()) + 1 for own in numbers if len(own)), default=0)

    def _find(self, picture: NDArray[np.uint8]) -> FoundFaces:
        try:
            return self._detector.find_faces(picture)
        except DetectorExitedError as error:
            self.failed += 1
            if self.failed > MAX_FAILURES:
                raise FacesError(f"the detector failed at {self.failed} frames: {error}") from error
            none = np.zeros((0, 4), np.float32)
            return FoundFaces.make(none, none[:, 0])


def write_faces(
    frames: FramesFile,
    writer: FacesWriter,
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress | None = None,
) -> FacesReport:
    """Find and write the faces of a video.

    Args:
        frames: its stored frames.
        writer: of the file, opened.
        detector: finds the faces.
        embedder: its embeddings join faces into tracks.
        progress: receives the frames done and of all.

    Raises:
        CharactersError: the detector fails.
        FramesError: a stored frame is damaged.
    """
    looks = select_face_frames(frames)
    finder = FaceFinder(frames, detector, embedder)
    done = 0
    for _, group in groupby(looks, key=lambda look: look.shot):
        shot = list(group)
        for face in finder.find_in_shot(shot):
            writer.add(face)
        done += len(shot)
        if progress is not None:
            progress(done, len(looks))
    report = FacesReport(detector.id, embedder.model_id, len(looks), finder.failed, finder.tracks)
    writer.finish(report)
    return report
