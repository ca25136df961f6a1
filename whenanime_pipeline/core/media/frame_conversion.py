"""Converts decoded frames for display: deinterlaced, scaled and upright, in RGB or yuv420p."""

import struct
from fractions import Fraction

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import Transfer
from whenanime_pipeline.core.media.tone_mapping import HDR_TRANSFERS, ToneMapper

UNLIMITED_SIDE = 1 << 20
"""A `long_side` in pixels that no picture reaches."""
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED
# Measured on 1080p: AREA is the fastest filter without aliasing (FAST_BILINEAR differs four times
# as much between two encodes of one film), and full chroma removes a bias of 2 gray levels.
_CONVERSION = Interpolation.AREA | Interpolation.FULL_CHR_H_INT
# Without accurate rounding or full chroma, BT.601 to BT.709 is off by 1.5 to 3 gray levels.
_VIDEO_CONVERSION = _CONVERSION | Interpolation.ACCURATE_RND
_IDENTITY_MATRIX = (1, 0, 0, 1)
HD_WIDTH, HD_HEIGHT = 1280, 577
"""Size from which mpv assumes BT.709 for untagged pictures, else BT.601."""


def fit_display_size(
    width: int, height: int, aspect: Fraction | None, long_side: int
) -> tuple[int, int]:
    """Return a frame's display size after scaling, before it is turned upright.

    Args:
        width: Stored width in pixels.
        height: Stored height in pixels.
        aspect: Width of a pixel divided by its height; None or 0 for square pixels.
        long_side: Upper limit of the longer side in pixels; smaller frames keep their size.

    Returns:
        Width and height in pixels, at least 1.
    """
    shown = width * (aspect or 1)
    scale = min(Fraction(1), long_side / Fraction(max(shown, height)))
    return max(1, round(shown * scale)), max(1, round(height * scale))


def read_display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return (a, b, c, d) of the frame's display matrix: x' = a·x + c·y, y' = b·x + d·y.

    Reading `side_data` ties the frame into a reference cycle, which keeps its pixels until the
    garbage collector runs: do not call it for every frame of a film.
    """
    if Type.DISPLAYMATRIX not in frame.side_data:
        return _IDENTITY_MATRIX
    cells = struct.unpack("=9i", bytes(frame.side_data[Type.DISPLAYMATRIX]))  # type: ignore[typeddict-item]
    return cells[0], cells[1], cells[3], cells[4]


def apply_display_matrix(
    picture: NDArray[np.uint8], matrix: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Orient a picture by its display matrix, to the nearest of the eight orientations.

    Args:
        picture: (h, w, 3).
        matrix: (a, b, c, d) from `read_display_matrix`.

    Returns:
        (h, w, 3) or (w, h, 3), contiguous.
    """
    a, b, c, d = matrix
    transposed = abs(b) > abs(a)
    if transposed:
        picture = picture.transpose(1, 0, 2)
    mirror_x, mirror_y = (c < 0, b < 0) if transposed else (a < 0, d < 0)
    return np.ascontiguousarray(picture[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1])


class FrameConverter:
    """Converts frames of one stream to RGB or yuv420p; keeps its scalers between frames.

    Args:
        aspect: Sample aspect ratio of the stream, None for square pixels.
        long_side: Upper limit of a picture's longer side in pixels; never scaled up.
        for_display: Whether people see the pictures: HDR is tone-mapped, and untagged colours are
            guessed as players do. Sampling does neither, so that stored frames stay comparable.
    """

    def __init__(
        self, aspect: Fraction | None, long_side: int, *, for_display: bool = False
    ) -> None:
        self._for_display = for_display
        self._tone_mapper = ToneMapper()
        self._deep_converter = VideoReformatter()
        self._aspect = aspect
        self._long_side = long_side
        self._scaler = VideoReformatter()
        self._converter = VideoReformatter()
        self._yuv_scaler = VideoReformatter()
        self._rotated_yuv_scaler = VideoReformatter()
        self._field_picker = _FieldPicker()
        self._rotation: int | None = None
        self._matrix = _IDENTITY_MATRIX

    def to_picture(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return a frame as displayed: (h, w, 3) RGB."""
        small = self._scale_to_rgb(frame)
        return apply_display_matrix(small.to_ndarray(), self._orientation(frame, small))  # type: ignore[arg-type]

    def to_rgb_frame(self, frame: VideoFrame) -> VideoFrame:
        """Return a frame as displayed, in rgb24."""
        return VideoFrame.from_ndarray(self.to_picture(frame), format="rgb24")

    def to_video_frame(self, frame: VideoFrame) -> VideoFrame:
        """Return a frame as displayed, for any player: yuv420p, BT.709, even sides."""
        is_upright = frame.rotation != self._rotation or self._matrix == _IDENTITY_MATRIX
        if is_upright and self._find_transfer(frame) is None:
            size = self._fit(frame)
            small = _to_yuv420p(
                self._yuv_scaler, self._deinterlace(frame), size, self._guess_colorspace(frame)
            )
            if self._orientation(frame, small) == _IDENTITY_MATRIX:
                return small
        picture = self.to_rgb_frame(frame)
        return _to_yuv420p(self._rotated_yuv_scaler, picture, (picture.width, picture.height), None)

    def _fit(self, frame: VideoFrame) -> tuple[int, int]:
        """Return a frame's display size; `opaque` holds its own aspect where aspects differ."""
        own = frame.opaque
        aspect = own if isinstance(own, Fraction) else self._aspect
        return fit_display_size(frame.width, frame.height, aspect, self._long_side)

    def _orientation(self, frame: VideoFrame, small: VideoFrame) -> tuple[int, int, int, int]:
        """Return the frame's display matrix, read from its small copy when the rotation changes."""
        if frame.rotation != self._rotation:
            self._rotation, self._matrix = frame.rotation, read_display_matrix(small)
        return self._matrix

    def _deinterlace(self, frame: VideoFrame) -> VideoFrame:
        return self._field_picker.pick(frame) if frame.interlaced_frame else frame

    def _scale_to_rgb(self, frame: VideoFrame) -> VideoFrame:
        """Scale to the display size in RGB, not yet upright."""
        width, height = self._fit(frame)
        whole = self._deinterlace(frame)
        transfer = self._find_transfer(frame)
        if transfer is not None:
            return self._map_tones(whole, width, height, transfer)
        if not frame.format.is_rgb:
            # Scaling in YUV and then converting takes a third less time than both at once.
            whole = self._scaler.reformat(
                whole, width, height, "yuv444p", interpolation=Interpolation.AREA, threads=1
            )
        return self._converter.reformat(
            whole,
            width,
            height,
            "rgb24",
            src_colorspace=self._guess_colorspace(frame),
            interpolation=_CONVERSION,
            threads=1,
        )

    def _find_transfer(self, frame: VideoFrame) -> Transfer | None:
        return HDR_TRANSFERS.get(int(frame.color_trc)) if self._for_display else None

    def _map_tones(
        self, frame: VideoFrame, width: int, height: int, transfer: Transfer
    ) -> VideoFrame:
        """Scale to the display size in RGB of a standard screen; ten bits until then."""
        whole = self._scaler.reformat(
            frame, width, height, "yuv444p10le", interpolation=Interpolation.AREA, threads=1
        )
        deep = self._deep_converter.reformat(
            whole,
            width,
            height,
            "gbrp10le",
            src_colorspace=self._guess_colorspace(frame),
            interpolation=_CONVERSION,
            threads=1,
        )
        mapped = self._tone_mapper.apply(deep, transfer)
        return self._converter.reformat(mapped, width, height, "rgb24", threads=1)

    def _guess_colorspace(self, frame: VideoFrame) -> int | None:
        if frame.colorspace != _UNSPECIFIED:
            return None
        is_wide = self._for_display and frame.width >= HD_WIDTH
        is_hd = is_wide or frame.height >= HD_HEIGHT
        return Colorspace.ITU709 if is_hd else Colorspace.ITU601


def _to_yuv420p(
    scaler: VideoReformatter, frame: VideoFrame, size: tuple[int, int], colorspace: int | None
) -> VideoFrame:
    """Return a frame in yuv420p, whose chroma subsampling requires even sides."""
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


class _FieldPicker:
    """Returns the top field of interlaced frames.

    One field shows one moment, without combing or blending. Unlike bwdif it needs no neighbouring
    frames, so that the decoder can still skip frames without a tick.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None

    def pick(self, frame: VideoFrame) -> VideoFrame:
        """Return the top field of a frame, at half its height."""
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
