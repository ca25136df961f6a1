"""Usable cores and memory, from both versions of Linux's control groups."""

import os
from pathlib import Path

import pytest

from whenanime_app.machine import count_usable_cores, measure_usable_memory

MISSING = Path("no-such-file")


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("limit", "usable"),
    [("200000 100000", 2), ("250000 100000", 3), ("5000 100000", 1), ("max 100000", 8), ("", 8)],
)
def test_cores_are_limited_by_cgroup_v2(tmp_path: Path, limit: str, usable: int) -> None:
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert count_usable_cores(tmp_path, MISSING) == usable


@pytest.mark.parametrize(("quota", "usable"), [("150000", 2), ("-1", 8)])
def test_cores_are_limited_by_cgroup_v1(tmp_path: Path, quota: str, usable: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert count_usable_cores(tmp_path, MISSING) == usable


@pytest.mark.parametrize("version", [1, 2])
def test_memory_is_limited_by_the_process_own_group(tmp_path: Path, version: int) -> None:
    own = tmp_path / "own"
    groups = tmp_path / "groups"
    folder = groups / ("memory" if version == 1 else "") / "system.slice/anime.service"
    folder.mkdir(parents=True)
    own.write_text(
        "7:cpu,cpuacct:/elsewhere\n4:memory:/system.slice/anime.service\n"
        if version == 1
        else "0::/system.slice/anime.service\n"
    )
    file = "memory.limit_in_bytes" if version == 1 else "memory.max"
    (folder.parent.parent / file).write_text("9223372036854771712\n" if version == 1 else "max\n")
    (folder / file).write_text("600000000\n")
    assert measure_usable_memory(groups, own) == 600_000_000
    (folder / file).write_text("max\n")
    assert measure_usable_memory(groups, own) == os.sysconf("SC_PHYS_PAGES") * os.sysconf(
        "SC_PAGE_SIZE"
    )


def test_everything_is_usable_without_limits(tmp_path: Path) -> None:
    assert count_usable_cores(tmp_path, MISSING) == 8
    assert measure_usable_memory(tmp_path, MISSING)
