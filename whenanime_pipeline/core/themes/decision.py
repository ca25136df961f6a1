"""Decides how sure a segment is, by the witnesses that speak for it.

Only what two independent witnesses tell is certain, since a player may skip it unasked: sound and
pictures, three other episodes, the text of credits, or a chapter of the file.
"""

from collections.abc import Sequence

import numpy as np

from whenanime_pipeline.core.media.chapter_themes import find_theme_kinds
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.themes.found import Found
from whenanime_pipeline.core.themes.segments import Confidence, Evidence, Witness
from whenanime_pipeline.core.themes.tracks.episode_tracks import TextTrack

_MANY = 3
"""Other episodes that share a segment, from which they are a witness of their own."""
_CREDIT_SAMPLES = 3
"""Samples of an ending from which its text says something."""
_CREDITS = 0.01
"""Share of the picture that credits cover at least."""
_CREDITS_OVER_REST = 3.0
"""How much more text they are than what is seen elsewhere near the beginning and the end."""
_AGREEING = 0.8
"""Intersection over union of a chapter and a segment that tell the same."""
_CERTAIN_SECONDS = 1.0
"""Largest error of a bound of a certain segment."""


def decide(
    found: Found, chapters: Sequence[Chapter], text: TextTrack | None = None
) -> tuple[Confidence, Evidence]:
    """Return how sure a segment is, and by what.

    Args:
        found: the segment, in its episode's own time.
        chapters: of the file.
        text: of the episode; None without the text detector.
    """
    witnesses: set[Witness] = set()
    if found.sound is not None:
        witnesses.add("sound")
    if found.pictures is not None:
        witnesses.add("pictures")
    if found.partners >= _MANY:
        witnesses.add("partners")
    if text is not None and found.type == "ending" and _shows_credits(found, text):
        witnesses.add("text")
    verdict = _ask_chapters(found, chapters)
    if verdict:
        witnesses.add("chapter")
    evidence = Evidence(tuple(sorted(witnesses)), found.partners, found.sound, found.pictures)
    if verdict is False:
        return "likely", evidence
    is_exact = max(found.start_error, found.end_error) < _CERTAIN_SECONDS
    if len(witnesses) >= 2 and is_exact and found.part is not None:
        return "certain", evidence
    return ("likely" if witnesses else "possible"), evidence


def _shows_credits(found: Found, text: TextTrack) -> bool:
    """Tell whether an ending shows text most of the time, and far more than the rest does."""
    is_inside = (text.seconds >= found.start) & (text.seconds < found.end)
    if is_inside.sum() < _CREDIT_SAMPLES or is_inside.all():
        return False
    inside, outside = (float(np.median(text.share[one])) for one in (is_inside, ~is_inside))
    return inside >= max(_CREDITS, _CREDITS_OVER_REST * outside)


def _ask_chapters(found: Found, chapters: Sequence[Chapter]) -> bool | None:
    """Return whether the chapters tell the same; None if they say nothing about it."""
    kinds = find_theme_kinds([chapter.title for chapter in chapters])
    for chapter, kind in zip(chapters, kinds, strict=True):
        overlap = min(chapter.end, found.end) - max(chapter.start, found.start)
        union = max(chapter.end, found.end) - min(chapter.start, found.start)
        if kind is not None and overlap > 0.5 * found.seconds:
            return kind == found.type and overlap >= _AGREEING * union
    return None
