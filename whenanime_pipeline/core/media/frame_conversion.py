"""From a decoded frame to what a viewer sees: deinterlaced, scaled, upright; in RGB or as video."""

import struct
from fractions import Fraction

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

UNLIMITED_SIDE = 1 << 20
"""Pixels: a `long_side` that no picture reaches."""
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED
# By measurement on 1080p: AREA is the fastest that does not alias (FAST_BILINEAR differs four times
# as much between two encodes of one film), and full chroma takes away a bias of 2 gray levels.
_CONVERSION = Interpolation.AREA | Interpolation.FULL_CHR_H_INT
# From BT.601 to BT.709 it is 1.5 to 3 gray levels off without rounding, or without full chroma.
_VIDEO_CONVERSION = _CONVERSION | Interpolation.ACCURATE_RND
_IDENTITY_MATRIX = (1, 0, 0, 1)
_HD_HEIGHT = 577  # players take untagged pictures up to 576 lines for BT.601, larger for BT.709


def fit_display_size(
    width: int, height: int, aspect: Fraction | None, long_side: int
) -> tuple[int, int]:
    """Return the size to scale a frame to, as displayed but not yet turned upright.

    Args:
        width: Stored width in pixels.
        height: Stored height in pixels.
        aspect: Width of a pixel by its height; None or 0 for square.
        long_side: Upper limit of the longer side; smaller frames keep their own size.

    Returns:
        Width and height in pixels, at least 1.
    """
    shown = width * (aspect or 1)
    scale = min(Fraction(1), long_side / Fraction(max(shown, height)))
    return max(1, round(shown * scale)), max(1, round(height * scale))


def read_display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return (a, b, c, d) of the frame's display matrix: x' = a·x + c·y, y' = b·x + d·y.

    Looking at `side_data` ties the frame into a reference cycle, so that its pixels stay until the
    garbage collector runs: not for every frame of a film.
    """
    if Type.DISPLAYMATRIX not in frame.side_data:
        return _IDENTITY_MATRIX
    cells = struct.unpack("=9i", bytes(frame.side_data[Type.DISPLAYMATRIX]))  # type: ignore[typeddict-item]
    return cells[0], cells[1], cells[3], cells[4]


def apply_display_matrix(
    picture: NDArray[np.uint8], matrix: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Turn a picture as its display matrix says, to the nearest of the eight orientations.

    Args:
        picture: (h, w, 3).
        matrix: From `read_display_matrix`.

    Returns:
        (h, w, 3) or (w, h, 3), contiguous.
    """
    a, b, c, d = matrix
    turned = abs(b) > abs(a)
    if turned:
        picture = picture.transpose(1, 0, 2)
    mirror_x, mirror_y = (c < 0, b < 0) if turned else (a < 0, d < 0)
    return np.ascontiguousarray(picture[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1])


class FrameConverter:
    """Turns frames of one stream into RGB pictures; keeps its scalers between frames.

    Args:
        aspect: The stream's sample aspect ratio, None for square pixels.
        long_side: Upper limit of a picture's longer side in pixels; never scaled up.
    """

    def __init__(self, aspect: Fraction | None, long_side: int) -> None:
        self._aspect = aspect
        self._long_side = long_side
        self._scaler = VideoReformatter()
        self._converter = VideoReformatter()
        self._encodable = VideoReformatter()
        self._turned = VideoReformatter()
        self._field = _FieldPicker()
        self._rotation: int | None = None
        self._matrix = _IDENTITY_MATRIX

    def to_picture(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return (h, w, 3) RGB of a frame as displayed."""
        small = self._scale_to_rgb(frame)
        return apply_display_matrix(small.to_ndarray(), self._orientation(frame, small))  # type: ignore[arg-type]

    def to_rgb_frame(self, frame: VideoFrame) -> VideoFrame:
        """Return a frame as displayed, in rgb24."""
        return VideoFrame.from_ndarray(self.to_picture(frame), format="rgb24")

    def to_video_frame(self, frame: VideoFrame) -> VideoFrame:
        """Return a frame as displayed, as every player takes it: yuv420p, BT.709, even sides."""
        if frame.rotation != self._rotation or self._matrix == _IDENTITY_MATRIX:
            fitting = fit_display_size(frame.width, frame.height, self._aspect, self._long_side)
            small = _to_yuv420p(
                self._encodable, self._deinterlace(frame), fitting, _guess_colorspace(frame)
            )
            if self._orientation(frame, small) == _IDENTITY_MATRIX:
                return small
        picture = self.to_rgb_frame(frame)
        return _to_yuv420p(self._turned, picture, (picture.width, picture.height), None)

    def _orientation(self, frame: VideoFrame, small: VideoFrame) -> tuple[int, int, int, int]:
        """Return the frame's display matrix, read from its small copy when it changes."""
        if frame.rotation != self._rotation:
            self._rotation, self._matrix = frame.rotation, read_display_matrix(small)
        return self._matrix

    def _deinterlace(self, frame: VideoFrame) -> VideoFrame:
        return self._field.pick(frame) if frame.interlaced_frame else frame

    def _scale_to_rgb(self, frame: VideoFrame) -> VideoFrame:
        """Scale to the displayed size, in RGB, not turned yet."""
        width, height = fit_display_size(frame.width, frame.height, self._aspect, self._long_side)
        whole = self._deinterlace(frame)
        if not frame.format.is_rgb:
            # Scaling in YUV and converting the small picture takes a third less than both at once.
            whole = self._scaler.reformat(
                whole, width, height, "yuv444p", interpolation=Interpolation.AREA, threads=1
            )
        return self._converter.reformat(
            whole,
            width,
            height,
            "rgb24",
            src_colorspace=_guess_colorspace(frame),
            interpolation=_CONVERSION,
            threads=1,
        )


def _to_yuv420p(
    scaler: VideoReformatter, frame: VideoFrame, size: tuple[int, int], colorspace: int | None
) -> VideoFrame:
    """Return a frame in yuv420p, in which pairs of pixels share their colour: with even sides."""
    width, height = (max(2, side - side % 2) for side in size)
    return scaler.reformat(
        frame,
        width,
        height,
        "yuv420p",
        src_colorspace=colorspace,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=_VIDEO_CONVERSION,
        threads=1,
    )


def _guess_colorspace(frame: VideoFrame) -> int | None:
    if frame.colorspace != _UNSPECIFIED:
        return None
    return Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601


class _FieldPicker:
    """The top field of interlaced frames.

    One field is one moment, so nothing is combed or mixed, and unlike bwdif it needs no
    neighbouring frames, which lets the decoder go on skipping frames that nobody looks at.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None

    def pick(self, frame: VideoFrame) -> VideoFrame:
        shape = (frame.width, frame.height, frame.format.name)
        if self._graph is None or shape != self._shape:
            self._graph, self._shape = Graph(), shape
            source = self._graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1, 90_000),
            )
            self._graph.link_nodes(
                source, self._graph.add("field", "top"), self._graph.add("buffersink")
            ).configure()
        self._graph.vpush(frame)
        return self._graph.vpull()
