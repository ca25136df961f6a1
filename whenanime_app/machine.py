"""Reads how many cores and how much memory a process may use, within its container's limits."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

_CGROUP_ROOT, _OWN_CGROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def count_usable_cores(cgroup_root: Path = _CGROUP_ROOT, own_cgroups: Path = _OWN_CGROUPS) -> int:
    """Return how many cores this process may use, at least one.

    Args:
        cgroup_root: root of the control groups' file systems; a missing file is no limit.
        own_cgroups: file that lists the control groups of this process.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cpu_limits = [
        text.split()
        for text in _read_cgroup_limits(
            "cpu.max", "cpu", "cpu.cfs_quota_us", cgroup_root, own_cgroups
        )
    ]
    periods = _read_cgroup_limits("cpu.max", "cpu", "cpu.cfs_period_us", cgroup_root, own_cgroups)
    quotas = [
        ceil(int(words[0]) / int(period))
        for words, period in zip(cpu_limits, (text.split()[-1] for text in periods), strict=False)
        if words[0].isdigit() and period.isdigit() and int(period)  # and not "max", or -1
    ]
    return max(1, min([available or 1, *quotas]))


def measure_usable_memory(
    cgroup_root: Path = _CGROUP_ROOT, own_cgroups: Path = _OWN_CGROUPS
) -> int | None:
    """Return how many bytes of memory this process may use; None where that is unknown.

    Args:
        cgroup_root: as for `count_usable_cores`.
        own_cgroups: as for `count_usable_cores`.
    """
    texts = _read_cgroup_limits(
        "memory.max", "memory", "memory.limit_in_bytes", cgroup_root, own_cgroups
    )
    limits = [int(text) for text in texts if text.isdigit()]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def _read_cgroup_limits(
    v2_name: str, v1_controller: str, v1_name: str, cgroup_root: Path, own_cgroups: Path
) -> Iterator[str]:
    """Yield the limits of the outermost visible group and of this process' own group.

    Args:
        v2_name: file name in version 2 of control groups, which has one tree for all controllers.
        v1_controller: controller whose tree has the file in version 1.
        v1_name: file name in version 1.
        cgroup_root: root of the trees.
        own_cgroups: file that lists this process' groups.
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
