"""Converts pictures of other colour spaces to sRGB, as viewers show them.

Read here, in Python: profiles of a matrix and three curves (Display P3, Adobe RGB, ProPhoto), and
the code points of ITU-T H.273 (cICP in PNG, nclx in AVIF and HEIC). Profiles of tables (printers')
are not applied. HDR pictures (PQ and HLG) are mapped to an SDR screen by the curve of ITU-R BT.2390
over the largest channel, from 1,000 nits to 203, the reference white of ITU-R BT.2408.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Linear = NDArray[np.float32]

_LEVELS = np.arange(256) / 255
_SRGB_TO_XYZ_D50 = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_SRGB_PRIMARIES = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_PRIMARIES = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
"""Chromaticities of red, green and blue by code point; others are shown as sRGB's."""
_D65 = (0.3127, 0.3290)
_PQ, _HLG = 16, 18
_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0
_MAX_TAGS = 100
_MAX_CURVE = 4096
_SAME_MATRIX, _SAME_CURVE = 0.02, 0.006
"""Differences up to which a colour space counts as sRGB."""
_STRIP_PIXELS = 1 << 18
"""Pixels converted at a time, which bounds the memory."""


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """How the levels of a picture become light.

    Attributes:
        curves: `(3, 256)`, linear light of the levels of each channel; 1 is white.
        to_srgb: `(3, 3)`, from its primaries to those of sRGB.
        is_hdr: whether light above 1 is to be expected.
        gamma: exponent of the luminance by which HLG's scene light becomes the display's; 1 for
            all others.
    """

    curves: Linear
    to_srgb: NDArray[np.float64]
    is_hdr: bool = False
    gamma: float = 1.0


def convert_to_srgb(picture: NDArray[np.uint8], space: ColourSpace) -> NDArray[np.uint8]:
    """Convert a picture, `(height, width, 3)`, to sRGB."""
    flat = picture.reshape(-1, 3)
    converted = np.empty_like(flat)
    for start in range(0, len(flat), _STRIP_PIXELS):
        strip = flat[start : start + _STRIP_PIXELS]
        light = np.stack([space.curves[one][strip[:, one]] for one in range(3)], axis=1)
        if space.is_hdr:
            light = _map_tones(light, space.gamma)
        light = light @ space.to_srgb.T.astype(np.float32)
        converted[start : start + _STRIP_PIXELS] = _encode_srgb(light)
    return converted.reshape(picture.shape)


def read_icc_profile(profile: bytes) -> ColourSpace | None:
    """Return the colour space of an ICC profile; None for sRGB, and for what is not read.

    Args:
        profile: content of the profile, untrusted.
    """
    try:
        return _parse_profile(profile)
    except (struct.error, ValueError, KeyError, IndexError, FloatingPointError):
        return None


@lru_cache(maxsize=32)
def space_of_code_points(primaries: int, transfer: int) -> ColourSpace | None:
    """Return the colour space of H.273's code points; None for what is shown as sRGB."""
    if transfer in (_PQ, _HLG):
        decode = _decode_pq if transfer == _PQ else _decode_hlg
        curve = decode(_LEVELS)
    elif primaries not in _PRIMARIES:
        return None
    else:
        curve = _decode_srgb(_LEVELS)
    curves = np.tile(curve.astype(np.float32), (3, 1))
    to_srgb = np.linalg.inv(_to_xyz(_SRGB_PRIMARIES)) @ _to_xyz(
        _PRIMARIES.get(primaries, _SRGB_PRIMARIES)
    )
    gamma = 1.2 if transfer == _HLG else 1.0
    return ColourSpace(curves, to_srgb, transfer in (_PQ, _HLG), gamma)


def _parse_profile(profile: bytes) -> ColourSpace | None:
    (count,) = struct.unpack_from(">L", profile, 128)
    tags: dict[bytes, bytes] = {}
    for number in range(min(count, _MAX_TAGS)):
        name, start, size = struct.unpack_from(">4sLL", profile, 132 + 12 * number)
        tags[name] = profile[start : start + size]
    if profile[16:20] != b"RGB ":
        return None
    if b"cicp" in tags:
        primaries, transfer = tags[b"cicp"][8:10]
        return space_of_code_points(primaries, transfer)
    if profile[20:24] != b"XYZ ":
        return None
    columns = [
        [value / 65536 for value in struct.unpack_from(">lll", tags[name], 8)]
        for name in (b"rXYZ", b"gXYZ", b"bXYZ")
    ]
    to_srgb = np.linalg.inv(_SRGB_TO_XYZ_D50) @ np.array(columns).T
    curves = np.stack([_parse_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")])
    if not np.isfinite(curves).all():
        return None
    same = np.abs(curves - _decode_srgb(_LEVELS)).max() < _SAME_CURVE
    if same and np.abs(to_srgb - np.eye(3)).max() < _SAME_MATRIX:
        return None
    return ColourSpace(curves.astype(np.float32), to_srgb)


def _parse_curve(tag: bytes) -> NDArray[np.float64]:
    """Return the light of each level, `(256,)`, of a `curv` or `para` element."""
    kind = tag[:4]
    if kind == b"curv":
        (count,) = struct.unpack_from(">L", tag, 8)
        if count == 0:
            return _LEVELS
        values = np.frombuffer(tag, ">u2", min(count, _MAX_CURVE), 12)
        if count == 1:
            return np.asarray(_LEVELS ** (float(values[0]) / 256))
        return np.interp(_LEVELS, np.linspace(0, 1, len(values)), values / 65535)
    if kind != b"para":
        raise ValueError("a curve of an unknown kind")
    (function,) = struct.unpack_from(">H", tag, 8)
    stored = struct.unpack_from(f">{(1, 3, 4, 5, 7)[function]}l", tag, 12)
    given = [value / 65536 for value in stored]
    g, a, b, c, d, e, f = _spread_parameters(function, given)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        curved = np.maximum(a * _LEVELS + b, 0) ** g + e
    if not np.isfinite(curved).all():
        raise ValueError("a curve that leaves the range of numbers")
    return np.where(d <= _LEVELS, curved, c * _LEVELS + f)


def _spread_parameters(function: int, given: list[float]) -> list[float]:
    """Return g, a, b, c, d, e, f of the largest of ICC's five parametric functions."""
    g, *rest = given
    if function == 0:
        return [g, 1, 0, 0, 0, 0, 0]
    a, b = rest[:2]
    if function in (1, 2):
        offset = rest[2] if function == 2 else 0.0
        return [g, a, b, 0, -b / a if a else 0.0, offset, offset]
    c, d = rest[2:4]
    e, f = rest[4:6] if function == 4 else (0.0, 0.0)
    return [g, a, b, c, d, e, f]


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Return the matrix from linear light of some primaries to XYZ, with D65 as white."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
    x, y = _D65
    return np.asarray(columns * np.linalg.solve(columns, (x / y, 1, (1 - x - y) / y)))


def _decode_srgb(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def _decode_pq(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light in units of the reference white (SMPTE ST 2084)."""
    root = levels ** (1 / 78.84375)
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.asarray(10_000 / _WHITE_NITS * light ** (1 / 0.1593017578125))


def _encode_pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    power = (light * _WHITE_NITS / 10_000) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _decode_hlg(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scene light, 0 to 1 (ITU-R BT.2100)."""
    high = (np.exp((levels - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(levels <= 0.5, levels**2 / 3, high)


def _map_tones(light: Linear, gamma: float) -> Linear:
    """Map HDR light to 0–1, keeping the ratios of the channels."""
    if gamma != 1.0:
        luminance = np.maximum(light @ np.array([0.2627, 0.6780, 0.0593], np.float32), 1e-6)
        peak = np.float32(_PEAK_NITS / _WHITE_NITS)
        light = (peak * light * luminance[:, None] ** (gamma - 1)).astype(np.float32)
    largest = light.max(axis=1)
    source, gain = _tone_curve()
    mapped: Linear = light * np.interp(largest, source, gain)[:, None].astype(np.float32)
    return mapped


@lru_cache(maxsize=1)
def _tone_curve() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return light from 0 to the peak, and by what to multiply it: BT.2390's EETF."""
    peak = _PEAK_NITS / _WHITE_NITS
    light = np.concatenate([np.linspace(1e-4, 1, 512) ** 2 * peak, [10_000 / _WHITE_NITS]])
    signal = _encode_pq(np.minimum(light, peak)) / _encode_pq(np.array(peak))
    target = float(_encode_pq(np.array(1.0)) / _encode_pq(np.array(peak)))
    knee = 1.5 * target - 0.5
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * target
    )
    mapped = np.where(signal < knee, signal, spline) * float(_encode_pq(np.array(peak)))
    return light, _decode_pq(mapped) / light


@lru_cache(maxsize=1)
def _srgb_table() -> NDArray[np.uint8]:
    light = np.arange(1 << 14) / ((1 << 14) - 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)


def _encode_srgb(light: Linear) -> NDArray[np.uint8]:
    table = _srgb_table()
    encoded: NDArray[np.uint8] = table[
        np.clip(light * (len(table) - 1) + 0.5, 0, len(table) - 1).astype(np.int32)
    ]
    return encoded
