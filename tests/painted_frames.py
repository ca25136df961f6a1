"""Frames, films and a network small enough to train within a test."""

from pathlib import Path

import av
import cv2
import numpy as np
import torch

from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork, NetworkOptions
from whenanime_pipeline.core.learning.pictures import Picture
from whenanime_pipeline.core.learning.training.frame_set import (
    FrameSet,
    concatenate_frame_sets,
    frames_from_pictures,
)

SMALL = NetworkOptions("shufflenet_v2_x0_5", stages=3, dimension=32, size=64, grid=2)


def paint_frame(seed: int, *, moved: int = 0) -> Picture:
    """A picture of a dozen coloured shapes; `moved` pixels of one of them make a neighbour."""
    rng = np.random.default_rng(seed)
    picture = np.full((90, 160, 3), rng.integers(256, size=3), np.uint8)
    for number in range(12):
        x, y, radius = (int(value) for value in rng.integers((0, 0, 6), (160, 90, 30)))
        colour = [int(value) for value in rng.integers(256, size=3)]
        cv2.circle(picture, (x + (moved if number > 8 else 0), y), radius, colour, -1)
    return picture


def small_network(seed: int = 0) -> EmbeddingNetwork:
    torch.manual_seed(seed)
    return EmbeddingNetwork(SMALL)


def paint_films(films: int = 12) -> FrameSet:
    """Films of four frames each, in which some shapes move on."""
    sets = []
    for film in range(films):
        moving = (paint_frame(film, moved=step * 14) for step in range(4))
        single = frames_from_pictures(moving, side=96, name="")
        sets.append(
            FrameSet(
                pictures=single.pictures,
                thumbnails=single.thumbnails,
                films=np.zeros(4, np.int64),
                seconds=np.arange(4.0),
                names=(f"{film}",),
            )
        )
    return concatenate_frame_sets(sets)


def write_painted_film(path: Path, pictures: list[Picture], *, each: int = 24) -> None:
    """Write pictures one after the other, each shown for `each` frames of a 24 fps film."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for picture in pictures:
            for _ in range(each):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
