"""Where the time goes: a profile, summed up by our own functions."""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, TypeAlias

_OURS = "whenanime_pipeline"
_Place: TypeAlias = tuple[str, int, str]


def profile_by_function(work: Callable[[], object]) -> dict[str, float]:
    """Profile some work of this thread.

    Returns:
        Seconds by function of ours, with the libraries it calls itself, largest first. Other
        threads, as a decoder's, show only in the time that their caller waits for them.
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
