"""When there are too few validation frames for their figures to say much."""

FEW = 20
"""Frames below which they do not: the best and the worst of ten are luck."""


def few_warning(count: int) -> str | None:
    """Return what to tell of figures from so many validation frames; None when they are enough."""
    if count >= FEW:
        return None
    return (
        f"only {count} validation frames: figures from fewer than {FEW} say little; take more "
        "frames a video, or index more episodes"
    )
