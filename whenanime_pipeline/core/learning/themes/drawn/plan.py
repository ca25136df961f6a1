"""Plans drawn episodes: which parts they have, where and how long."""

from dataclasses import dataclass
from typing import Literal

from whenanime_pipeline.core.learning.themes.drawn.songs import Rng

PartKind = Literal[
    "story", "opening", "ending", "preview", "recap", "sponsor", "eyecatch", "insert"
]
"""`insert` is story with a song in the foreground."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an episode: what it is, and its seconds."""

    kind: PartKind
    start: float
    end: float


def plan_episode(rng: Rng, *, has_themes: bool) -> tuple[Part, ...]:
    """Return the parts of an episode in order, without gaps.

    Args:
        rng: decides everything.
        has_themes: whether it has an opening, an ending or both.
    """
    duration = _draw_duration(rng)
    lengths = _draw_theme_lengths(rng, duration) if has_themes else {}
    before: list[tuple[PartKind, float]] = []
    after: list[tuple[PartKind, float]] = []
    if rng.random() < 0.12:
        before.append(("recap", rng.uniform(15, min(90, duration / 6))))
    cold = 0.0 if rng.random() < 0.3 else rng.uniform(5, min(300, duration * 0.3))
    if cold:
        before.append(("story", cold))
    if "opening" in lengths:
        before.append(("opening", lengths["opening"]))
    if rng.random() < 0.2:
        before.append(("sponsor", rng.uniform(4, 11)))
    if "ending" in lengths:
        after.append(("ending", lengths["ending"]))
    if rng.random() < 0.25:
        after.append(("story", rng.uniform(8, min(100, duration / 6))))
    if rng.random() < 0.3:
        after.append(("preview", rng.uniform(10, 32)))
    if rng.random() < 0.1:
        after.append(("sponsor", rng.uniform(4, 11)))
    left = duration - sum(seconds for _, seconds in (*before, *after))
    middle = _plan_middle(rng, max(left, duration / 4), has_themes=has_themes)
    return _lay_out([*before, *middle, *after])


def _draw_duration(rng: Rng) -> float:
    draw = rng.random()
    if draw < 0.45:
        return float(rng.uniform(170, 480))
    if draw < 0.7:
        return float(rng.uniform(480, 1000))
    return float(rng.uniform(1000, 1600))


def _draw_theme_lengths(rng: Rng, duration: float) -> dict[str, float]:
    """Return the seconds of opening and ending, at least one of them."""
    kinds = {"opening": rng.random() < 0.85, "ending": rng.random() < 0.85}
    if not any(kinds.values()):
        kinds["opening" if rng.random() < 0.5 else "ending"] = True
    lengths = {}
    for kind, there in kinds.items():
        if there:
            draw = rng.random()
            usual = rng.uniform(84, 95) if draw < 0.45 else rng.uniform(40, 80)
            lengths[kind] = min(usual if draw < 0.88 else rng.uniform(12, 40), duration * 0.33)
    return lengths


def _plan_middle(rng: Rng, seconds: float, *, has_themes: bool) -> list[tuple[PartKind, float]]:
    """Return the story with what interrupts it; episodes without themes have more songs in it."""
    parts: list[tuple[PartKind, float]] = []
    if rng.random() < 0.3:
        parts.append(("eyecatch", rng.uniform(3, 9)))
    inserts = int(rng.integers(0, 3 if has_themes else 5))
    parts += [("insert", min(rng.uniform(12, 95), seconds / 6)) for _ in range(inserts)]
    story = seconds - sum(length for _, length in parts)
    cuts = sorted(rng.uniform(0, 1, len(parts)).tolist())
    order = rng.permutation(len(parts))
    middle: list[tuple[PartKind, float]] = []
    at = 0.0
    for cut, number in zip(cuts, order.tolist(), strict=True):
        middle += [("story", story * (cut - at)), parts[number]]
        at = cut
    middle.append(("story", story * (1 - at)))
    return middle


def _lay_out(parts: list[tuple[PartKind, float]]) -> tuple[Part, ...]:
    found, at = [], 0.0
    for kind, seconds in parts:
        if seconds > 0.5:
            found.append(Part(kind, at, at + seconds))
            at += seconds
    return tuple(found)
