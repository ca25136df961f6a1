"""What of the machine this process may use: containers are often given less than there is."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

_CGROUP_ROOT, _OWN_CGROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def count_usable_cores(cgroup_root: Path = _CGROUP_ROOT, own_cgroups: Path = _OWN_CGROUPS) -> int:
    """Return how many cores this process may use, at least one.

    Args:
        cgroup_root: where Linux tells what control groups are given; what is not told is no limit.
        own_cgroups: where it tells which of them this process is in.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = [
        text.split()
        for text in _read_cgroup_limits(
            "cpu.max", "cpu", "cpu.cfs_quota_us", cgroup_root, own_cgroups
        )
    ]
    periods = _read_cgroup_limits("cpu.max", "cpu", "cpu.cfs_period_us", cgroup_root, own_cgroups)
    quotas = [
        ceil(int(words[0]) / int(period))
        for words, period in zip(told, (text.split()[-1] for text in periods), strict=False)
        if words[0].isdigit() and period.isdigit() and int(period)  # and not "max", or -1
    ]
    return max(1, min([there or 1, *quotas]))


def measure_usable_memory(
    cgroup_root: Path = _CGROUP_ROOT, own_cgroups: Path = _OWN_CGROUPS
) -> int | None:
    """Return how many bytes of memory this process may use; None where nobody tells.

    Args:
        cgroup_root: as for `count_usable_cores`.
        own_cgroups: likewise.
    """
    told = _read_cgroup_limits(
        "memory.max", "memory", "memory.limit_in_bytes", cgroup_root, own_cgroups
    )
    limits = [int(text) for text in told if text.isdigit()]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def _read_cgroup_limits(
    v2_name: str, v1_controller: str, v1_name: str, cgroup_root: Path, own_cgroups: Path
) -> Iterator[str]:
    """Yield what is told of the group that contains all that is seen here, and of one's own.

    Args:
        v2_name: of the file, where all kinds are in one tree (version 2 of control groups).
        v1_controller: whose tree it is else (version 1).
        v1_name: of the file there.
        cgroup_root: where the trees are.
        own_cgroups: tells the paths of one's own groups in them.
    """
    paths = {"": "", v1_controller: ""}
    try:
        for line in own_cgroups.read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            paths |= dict.fromkeys(kinds.split(","), path.strip("/"))
    except (OSError, ValueError):
        pass  # not Linux
    for tree, path, file in (
        (cgroup_root, paths[""], v2_name),
        (cgroup_root / v1_controller, paths[v1_controller], v1_name),
    ):
        for folder in dict.fromkeys((tree, tree / path)):
            try:
                text = (folder / file).read_text().strip()
            except OSError:
                continue
            if text:
                yield text
