"""What of the machine this process may use: containers are often given less than there is."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def usable_cores(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Return how many cores this process may use, at least one.

    Args:
        groups: where Linux tells what control groups are given; what is not told is no limit.
        own: where it tells which of them this process is in.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = [text.split() for text in _told("cpu.max", "cpu", "cpu.cfs_quota_us", groups, own)]
    periods = _told("cpu.max", "cpu", "cpu.cfs_period_us", groups, own)
    quotas = [
        ceil(int(words[0]) / int(period))
        for words, period in zip(told, (text.split()[-1] for text in periods), strict=False)
        if words[0].isdigit() and period.isdigit() and int(period)  # and not "max", or -1
    ]
    return max(1, min([there or 1, *quotas]))


def usable_memory(groups: Path = _GROUPS, own: Path = _OWN) -> int | None:
    """Return how many bytes of memory this process may use; None where nobody tells.

    Args:
        groups: as for `usable_cores`.
        own: likewise.
    """
    told = _told("memory.max", "memory", "memory.limit_in_bytes", groups, own)
    limits = [int(text) for text in told if text.isdigit()]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def _told(name: str, kind: str, old_name: str, groups: Path, own: Path) -> Iterator[str]:
    """Yield what is told of the group that contains all that is seen here, and of one's own.

    Args:
        name: of the file, where all kinds are in one tree (version 2 of control groups).
        kind: whose tree it is else (version 1).
        old_name: of the file there.
        groups: where the trees are.
        own: tells the paths of one's own groups in them.
    """
    paths = {"": "", kind: ""}
    try:
        for line in own.read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            paths |= dict.fromkeys(kinds.split(","), path.strip("/"))
    except (OSError, ValueError):
        pass  # not Linux
    for tree, path, file in ((groups, paths[""], name), (groups / kind, paths[kind], old_name)):
        for folder in dict.fromkeys((tree, tree / path)):
            try:
                text = (folder / file).read_text().strip()
            except OSError:
                continue
            if text:
                yield text
