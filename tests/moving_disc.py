"""Frames of a drawn scene that a disc crosses, as a frame reader returns them."""

from collections import Counter

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.transform import Transform

Picture = NDArray[np.uint8]

CONTENT = 7
"""Ordinal of the content."""
COUNT = 60
"""Number of frames."""
SIZE = 320, 180
CROPPED = np.array([[0.5, 0, 0.3], [0, 0.5, 36 / 320], [0, 0, 1.0]])
"""Transform of `MovingDisc.crop` onto a frame."""
IMPRECISE = np.array([[0.52, 0, 0.31], [0, 0.52, 31 / 320], [0, 0, 1.0]])
"""The same with an error as of another keyframe's."""


class MovingDisc:
    """Reads the frames, and counts the reads."""

    def __init__(self) -> None:
        self.scene = draw_random_picture(3, SIZE)
        self.reads: Counter[bool] = Counter()
        """Number of frames read, by `half`."""
        self.missing: set[int] = set()
        """Frames that no longer exist."""

    def frame(self, number: int) -> Picture:
        """Return a frame in RGB."""
        picture = self.scene.copy()
        cv2.circle(picture, (60 + 4 * number, 90), 18, (255, 255, 255), -1)
        return picture

    def gray(self, number: int) -> Picture:
        """Return a frame in gray levels."""
        gray: Picture = cv2.cvtColor(self.frame(number), cv2.COLOR_RGB2GRAY)
        return gray

    def crop(self, number: int) -> Picture:
        """Return a quarter of a frame's area, in RGB."""
        return np.ascontiguousarray(self.frame(number)[36:126, 96:256])

    def __call__(self, content: int, frame: int, *, half: bool) -> Picture | None:
        """Read a frame in gray levels."""
        assert content == CONTENT
        self.reads[half] += 1
        if frame in self.missing:
            return None
        gray = self.gray(frame)
        small: Picture = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return small if half else gray


def make_segment(
    keyframe: int, transform: Transform, *, vote_weight: float, mirrored: bool = False
) -> CandidateSegment:
    """Return the whole film as a segment; of the embedding where no local features voted."""
    hypothesis = PoseHypothesis(
        keyframe, transform, 9 if vote_weight else 0, vote_weight, 0.0 if vote_weight else 0.8
    )
    return CandidateSegment(CONTENT, 0, COUNT - 1, (hypothesis,), mirrored=mirrored)
