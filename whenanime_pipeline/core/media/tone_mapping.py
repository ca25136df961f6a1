"""Maps HDR pictures (PQ and HLG) to what a standard screen shows, by a table of colours.

The curve is that of ITU-R BT.2390 from a peak of 1,000 to 203 cd/m², applied to the largest channel
so that hues stay, with a higher knee: pictures graded for a standard screen keep their contrast.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import Transfer

HDR_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}
"""FFmpeg's AVColorTransferCharacteristic of HDR pictures."""
_NODES = 33
"""Nodes of the table in each channel; between them FFmpeg interpolates."""
_REFERENCE_WHITE = 203.0
"""cd/m² of a standard picture's white, by ITU-R BT.2408."""
_PEAK = 1_000.0
"""cd/m² of the brightest highlights."""
_KNEE_SHARE = 0.25
"""Share of the way from white to peak by which the knee lies below white; BT.2390 has 0.5."""
_GAMMA = 2.4
"""Of the standard screen, by ITU-R BT.1886."""
_BT2020_TO_BT709 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008349],
        [-0.018151, -0.100579, 1.118730],
    ]
)
_PQ_M1, _PQ_M2 = 0.1593017578125, 78.84375
_PQ_C1, _PQ_C2, _PQ_C3 = 0.8359375, 18.8515625, 18.6875
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_GAMMA = 1.2


def map_tones(signal: NDArray[np.float64], transfer: Transfer) -> NDArray[np.float64]:
    """Return what a standard screen shows of HDR colours.

    Args:
        signal: (..., 3) R'G'B' with primaries of BT.2020, 0 to 1.
        transfer: Transfer function.

    Returns:
        (..., 3) R'G'B' with primaries of BT.709, 0 to 1.
    """
    light = _decode_pq(signal) if transfer == "pq" else _decode_hlg(signal)
    brightest = light.max(axis=-1, keepdims=True)
    scale = _compress(brightest) / np.maximum(brightest, 1e-6)
    shown = (light * scale) @ _BT2020_TO_BT709.T / _REFERENCE_WHITE
    mapped: NDArray[np.float64] = np.clip(shown, 0, 1) ** (1 / _GAMMA)
    return mapped


def _decode_pq(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light in cd/m²."""
    power = signal ** (1 / _PQ_M2)
    light: NDArray[np.float64] = 10_000 * (
        np.maximum(power - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * power)
    ) ** (1 / _PQ_M1)
    return light


def _encode_pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    power = (light / 10_000) ** _PQ_M1
    signal: NDArray[np.float64] = ((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2
    return signal


def _decode_hlg(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light in cd/m² on the nominal screen of 1,000 cd/m².

    The system gamma is applied to each channel and not to luma, as encoders do that make HLG of
    standard pictures: strong colours keep their saturation.
    """
    scene = np.where(
        signal <= 0.5, signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
    )
    light: NDArray[np.float64] = _PEAK * np.maximum(scene, 0) ** _HLG_GAMMA
    return light


def _compress(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light above the knee compressed to the standard white, by BT.2390's spline."""
    peak = _encode_pq(np.array(_PEAK))
    value = np.minimum(_encode_pq(light) / peak, 1.0)
    white = float(_encode_pq(np.array(_REFERENCE_WHITE)) / peak)
    knee = (1 + _KNEE_SHARE) * white - _KNEE_SHARE
    t = (value - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * white
    )
    return _decode_pq(np.where(value < knee, value, spline) * peak)


class ToneMapper:
    """Maps frames of one size by FFmpeg's `lut3d`; made again where the size changes."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[int, int, Transfer] | None = None

    def apply(self, frame: VideoFrame, transfer: Transfer) -> VideoFrame:
        """Return an RGB frame as a standard screen shows it, in its format."""
        shape = (frame.width, frame.height, transfer)
        if self._graph is None or shape != self._shape:
            self._graph, self._shape = _make_graph(frame, transfer), shape
        self._graph.vpush(frame)
        return self._graph.vpull()


def map_rgb_tones(picture: NDArray[np.uint8], transfer: Transfer) -> NDArray[np.uint8]:
    """Return a picture that was stored without tone mapping as a standard screen shows it.

    Args:
        picture: (h, w, 3) R'G'B' with primaries of BT.2020.
        transfer: Its transfer function.

    Returns:
        (h, w, 3) RGB.
    """
    frame = VideoFrame.from_ndarray(picture, format="rgb24")
    mapped: NDArray[np.uint8] = ToneMapper().apply(frame, transfer).to_ndarray()  # type: ignore[assignment]
    return mapped


def _make_graph(frame: VideoFrame, transfer: Transfer) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 90_000),
    )
    with TemporaryDirectory(prefix="tones-") as folder:  # the filter reads tables from files alone
        table = Path(folder) / "tones.cube"
        table.write_text(_format_table(transfer))
        chain = graph.add("lut3d", f"file={table}:interp=tetrahedral")
        graph.link_nodes(source, chain, graph.add("buffersink")).configure()
    return graph


@cache
def _format_table(transfer: Transfer) -> str:
    """Return the table as a .cube file: red runs fastest."""
    axis = np.linspace(0, 1, _NODES)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    mapped = map_tones(np.stack([red, green, blue], axis=-1).reshape(-1, 3), transfer)
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in mapped)
    return f"LUT_3D_SIZE {_NODES}\n{rows}\n"
