"""Finds the faces of uploaded pictures, with a bound on how many requests wait."""

from dataclasses import dataclass
from pathlib import Path

from whenanime_app.search.bounded_pool import BoundedExecutor
from whenanime_app.search.face_process import FaceProcess
from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.search.searcher import Searcher
from whenanime_pipeline.core.characters.found_faces import FoundFaces


@dataclass(frozen=True, slots=True)
class PictureFaces:
    """Faces of an uploaded picture.

    Attributes:
        faces: in pixels of the decoded picture, which stands upright.
        width, height: of that picture.
    """

    faces: FoundFaces
    width: int
    height: int


class FaceService:
    """Decodes pictures as searches do, and finds their faces in another process.

    Only one thread waits for that process: a picture that hangs the detector keeps no search
    waiting.
    """

    def __init__(
        self,
        searcher: Searcher,
        home: Path,
        search_executor: BoundedExecutor,
        budget: MemoryBudget,
        *,
        max_waiting: int,
    ) -> None:
        """Make the service; nothing is loaded yet.

        Args:
            searcher: decodes pictures.
            home: home of the library.
            search_executor: threads for searches, which decode.
            budget: memory for pictures being searched or waiting.
            max_waiting: pictures that may wait for the detector.
        """
        self._searcher = searcher
        self._search_executor = search_executor
        self._budget = budget
        self._executor = BoundedExecutor(1, max_waiting)
        self._process = FaceProcess(home)

    async def find_faces(self, data: bytes) -> PictureFaces:
        """Find the faces of a picture.

        Args:
            data: bytes of an uploaded file.

        Raises:
            PictureError: the file cannot be decoded.
            BusyError: too many are waiting, or the detector ended at this picture.
            CharactersError: the detector is missing or blind, or failed at this picture.
        """
        with self._budget.open_reservation() as reservation:
            reservation.grow(len(data))
            picture = await self._search_executor.run(self._searcher.decode_query, data)
            reservation.grow(picture.nbytes)
            faces = await self._executor.run(self._process.find_faces, picture)
        height, width = picture.shape[:2]
        return PictureFaces(faces, width, height)

    def close(self) -> None:
        """Wait for the running picture, drop waiting ones, and end the process."""
        self._executor.close()
        self._process.close()
