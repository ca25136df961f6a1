"""Shows a season's templates: a row of stored frames of each, from its first appearance."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, read_picture
from whenanime_pipeline.core.search.frames.timeline import Timeline
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.themes.segments import SeasonThemes, Template
from whenanime_pipeline.core.themes.timeline_picture import COLOURS

_SHOWN = 8
"""Frames of a template."""
_MOST_TEMPLATES = 8
_CELL = (108, 61)  # width and height in pixels
_BAR = 4  # width in pixels of the colour of its type
_QUALITY = 70


def draw_templates(themes: SeasonThemes, statuses: Mapping[str, EpisodeStatus]) -> bytes | None:
    """Draw the first templates of a season, as JPEG.

    Args:
        themes: of the season.
        statuses: by fingerprint; frames are read from their files.

    Returns:
        The picture; None when no template's first appearance has frames.
    """
    rows = [
        row
        for template in themes.templates[:_MOST_TEMPLATES]
        if (row := _draw_row(template, statuses)) is not None
    ]
    if not rows:
        return None
    sheet = cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1])


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode an RGB picture `(height, width, 3)` as PNG."""
    return bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1])


def _draw_row(
    template: Template, statuses: Mapping[str, EpisodeStatus]
) -> NDArray[np.uint8] | None:
    first = template.members[0]
    status = statuses.get(first.fingerprint)
    if status is None or not status.frames_file.exists():
        return None
    seconds = np.linspace(first.start, first.end, _SHOWN + 2)[1:-1]
    with FramesFile(status.frames_file) as frames:
        try:
            timeline = Timeline(*frames.read_time_runs())
        except LookupError:
            return None
        cells = [_fit(read_picture(frames, timeline.at(float(at)).frame)) for at in seconds]
    bar = np.full((_CELL[1], _BAR, 3), COLOURS[template.type], np.uint8)
    return np.concatenate([bar, *cells], 1)


def _fit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    fitted: NDArray[np.uint8] = cv2.resize(picture, _CELL, interpolation=cv2.INTER_AREA)
    return fitted
