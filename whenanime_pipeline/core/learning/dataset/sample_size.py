"""When there are too few validation frames for their figures to say much."""

MIN_FRAMES = 20
"""Frames below which they do not: the best and the worst of ten are luck."""


def small_sample_warning(count: int) -> str | None:
    """Return what to tell of figures from so many validation frames; None when they are enough."""
    if count >= MIN_FRAMES:
        return None
    return (
        f"only {count} validation frames: figures from fewer than {MIN_FRAMES} say little; take more "
        "frames a video, or index more episodes"
    )
