"""Profiles a function, aggregated by the functions of our package."""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, TypeAlias

_OURS = "whenanime_pipeline"
_Place: TypeAlias = tuple[str, int, str]


def profile_by_function(work: Callable[[], object]) -> dict[str, float]:
    """Profile a function in this thread.

    Returns:
        Seconds by function of our package, with the library functions that it calls directly, in
        descending order. Other threads, such as a decoder's, count only while this one waits.
    """
    profiler = cProfile.Profile()
    profiler.runcall(work)
    stats: dict[_Place, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    seconds: dict[str, float] = defaultdict(float)
    for place, (_, _, own, _, callers) in stats.items():
        if _ours(place):
            seconds[_name(place)] += own
            continue
        for caller, (_, _, _, cumulative) in callers.items():
            if _ours(caller):
                seconds[_name(caller)] += cumulative
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _ours(place: _Place) -> bool:
    return _OURS in place[0]


def _name(place: _Place) -> str:
    parts = PurePath(place[0]).parts
    module = "/".join(parts[parts.index(_OURS) + 1 :])
    return f"{module}:{place[2]}"
