"""`whenanime themes FILE`: suggests the themes of one video that is in no library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.themes.segments import Segment
from whenanime_pipeline.core.themes.tagger.registry import load_tagger
from whenanime_pipeline.core.themes.tracks.file_tracks import read_file_tracks
from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector, find_text_model

_DIGITS = 2


@dataclass(frozen=True, slots=True)
class TaggedVideo:
    """A video with the themes that the tagger suggests.

    Attributes:
        path: of the video.
        duration: seconds.
        tagger: id of the tagger.
        has_sound: whether it was listened to.
        has_text: whether text was looked for.
        segments: suggestions in order of time, never certain.
    """

    path: Path
    duration: float
    tagger: str
    has_sound: bool
    has_text: bool
    segments: tuple[Segment, ...]


def tag_video(
    path: Path,
    home: Home | None = None,
    *,
    progress: Callable[[float, float], None] | None = None,
) -> TaggedVideo:
    """Suggest the opening and the ending of a video.

    Args:
        path: video, in or outside of a library; it is only read.
        home: whose tagger is used; None for the one that ships.
        progress: receives the current second and the duration (0 if unknown).

    Raises:
        MediaError: the video cannot be read.
        TaggerError: the tagger in use is missing or damaged.
        ModelError: the text detector is damaged.
    """
    tagger = load_tagger(home)
    model = find_text_model()
    detector = TextDetector.load(model) if model is not None else None
    # Always the base model: the tagger of a home takes embeddings of that one as well.
    tracks = read_file_tracks(path, Embedder.load(base_model_folder()), detector, progress=progress)
    return TaggedVideo(
        path=path,
        duration=tracks.duration,
        tagger=tagger.id,
        has_sound=tracks.sound is not None,
        has_text=tracks.text is not None,
        segments=tagger.tag(tracks),
    )


def describe_tagged(video: TaggedVideo) -> Mapping[str, Any]:
    """Return a tagged video as plain values for JSON."""
    return {
        "file": str(video.path),
        "duration": round(video.duration, _DIGITS),
        "tagger": video.tagger,
        "sound": video.has_sound,
        "text": video.has_text,
        "themes": [
            {
                "type": one.type,
                "start": round(one.start, _DIGITS),
                "end": round(one.end, _DIGITS),
                "confidence": one.confidence,
            }
            for one in video.segments
        ],
    }


def format_tagged(video: TaggedVideo) -> list[str]:
    """Return lines for a person, one a suggestion."""
    if not video.segments:
        return [f"{video.path}: no opening or ending found"]
    return [
        f"{video.path}: {one.type} {_format_time(one.start)} – {_format_time(one.end)}, "
        f"{one.confidence}"
        for one in video.segments
    ]


def _format_time(second: float) -> str:
    """65.4 → "1:05.4"."""
    tenths = round(second * 10)
    hours, minutes = divmod(tenths // 600, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{tenths // 10 % 60:02d}.{tenths % 10}"
