"""Small real videos, indexed, to make datasets of."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.extraction import ensure_training_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, FileState, SeriesInfo
from whenanime_pipeline.core.library.fingerprint import fingerprint_file
from whenanime_pipeline.core.search.episode_indexing import ensure_frames
from whenanime_pipeline.core.search.status import EpisodeStatus, load_episode_statuses
from whenanime_pipeline.core.settings import SamplingOptions

Picture = NDArray[np.uint8]
FPS = 8


def draw_scene(seed: int) -> Picture:
    """Return a picture with large and small shapes, `(90, 160, 3)`, unlike any other seed's."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 255, (5, 8, 3), np.uint8)
    picture: Picture = cv2.resize(cells, (160, 90), interpolation=cv2.INTER_CUBIC)
    return picture


def write_film(
    path: Path, scenes: Sequence[Picture], *, each: float = 1.0, size: tuple[int, int] = (160, 90)
) -> Path:
    """Write a video that shows each picture for some seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "14"})
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.codec_context.thread_count = 1
        for picture in scenes:
            scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(scaled, format="rgb24")
            for _ in range(round(each * FPS)):
                frame.pts = None
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


class CataloguedLibrary:
    """A home and a folder of videos, all of them catalogued."""

    def __init__(self, folder: Path, *, sampling: SamplingOptions | None = None) -> None:
        self.home, self.videos = Home(folder / "home"), folder / "videos"
        self.sampling = sampling or SamplingOptions()
        self.videos.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, seeds: Sequence[int], *, size: tuple[int, int] = (160, 90)) -> Path:
        """Write an episode that shows one scene a second."""
        return write_film(
            self.videos / f"{name}.mp4", [draw_scene(one) for one in seeds], size=size
        )

    @property
    def statuses(self) -> list[EpisodeStatus]:
        """All videos as they are now."""
        paths = sorted(path for path in self.videos.rglob("*.m*") if path.is_file())
        episodes = [self._episode(path, number) for number, path in enumerate(paths, 1)]
        return load_episode_statuses(self.home, episodes, self.sampling, "model")

    def _episode(self, path: Path, number: int) -> Episode:
        found, name = path.stat(), path.relative_to(self.videos).as_posix()
        state = FileState(name, found.st_size, found.st_mtime_ns)
        content = fingerprint_file(self.videos, state)
        assert content is not None
        return Episode(
            key=name.rsplit(".", 1)[0],
            path=name,
            fingerprint=content,
            size=state.size,
            mtime_ns=state.mtime_ns,
            name=EpisodeName("Show", season=1, number=number),
            info=SeriesInfo("Show"),
        )

    def ensure_frames(self) -> list[EpisodeStatus]:
        """Extract the frames of all videos."""
        for status in self.statuses:
            ensure_frames(self.home, self.videos, status)
        return self.statuses

    def ensure_training_frames(
        self, options: FrameOptions, *, where: Callable[[EpisodeStatus], bool] = lambda _: True
    ) -> list[EpisodeStatus]:
        """Index, and extract the training frames of all videos, or of some."""
        statuses = self.ensure_frames()
        for status in statuses:
            if where(status):
                ensure_training_frames(self.home, self.videos, status, options)
        return statuses
