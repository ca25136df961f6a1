"""Decides by its name whether a file is a video that can be indexed, and why another is not."""

import os
from collections.abc import Mapping
from types import MappingProxyType

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".f4v", ".3gp", ".3g2", ".mkv", ".mk3d", ".webm", ".avi"}
    | {".divx", ".ts", ".m2ts", ".mts", ".m2t", ".tp", ".trp", ".mpg", ".mpeg", ".mpe", ".vob"}
    | {".ogv", ".ogm", ".wmv", ".asf", ".flv", ".rm", ".rmvb"}
)
"""Suffixes of the containers that are indexed, in lower case."""
_REMUX = "convert it to .mkv, for example by ffmpeg -i FILE -c copy FILE.mkv"
_ELEMENTARY = f"is a bare stream of pictures without times, which is not read; {_REMUX}"
_BY_HAND = "save its main title as .mkv, for example by MakeMKV"
_IMAGE = f"is a disc image, which is not read; {_BY_HAND}"
_RECORDING = f"is a recording in a container that is not read; {_REMUX}"
_UNREAD: Mapping[str, str] = MappingProxyType(
    dict.fromkeys((".iso", ".img"), _IMAGE)
    | dict.fromkeys((".m2v", ".m1v", ".264", ".h264", ".265", ".h265", ".hevc"), _ELEMENTARY)
    | dict.fromkeys((".vc1", ".ivf", ".y4m"), _ELEMENTARY)
    | dict.fromkeys((".wtv", ".dvr-ms", ".mxf", ".nut", ".dv", ".evo"), _RECORDING)
)
"""Suffixes of other files that hold a film, with what to say of them."""
UNREAD_DISC_FOLDERS = frozenset({"hvdvd_ts"})
"""Names in lower case of the folders of discs that are not read."""
UNREAD_DISC_REASON = f"is the folder of an HD DVD, which is not read; {_BY_HAND}"
_PARTIAL_SUFFIXES = (".part", ".partial", ".temp", ".tmp", ".crdownload", ".!qb")


def is_video_name(name: str) -> bool:
    """Whether a file name is that of a video to index, neither hidden nor partial."""
    return _complete_suffix(name) in VIDEO_SUFFIXES


def explain_unread_video(name: str) -> str | None:
    """Return why a file that holds a film by its name is not indexed, and what to do.

    Args:
        name: Name of a file.

    Returns:
        The reason, to follow "path: "; None for a video to index and for a file of another kind.
    """
    return _UNREAD.get(_complete_suffix(name))


def explain_unread_disc(reason: str) -> str:
    """Return why the folder of a disc is not indexed, and what to do.

    Args:
        reason: What its playlists lack.
    """
    return f"is the folder of a disc without a title that can be read ({reason}); {_BY_HAND}"


def _complete_suffix(name: str) -> str:
    """Return a file's suffix in lower case; empty for a hidden or partial file."""
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122 - a name, called per file
    unfinished = name.startswith(".") or stem.endswith(_PARTIAL_SUFFIXES)
    return "" if unfinished else suffix
