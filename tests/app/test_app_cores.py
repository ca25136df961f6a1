"""The cores that a process may use."""

from pathlib import Path

import pytest

from whenanime_app.cores import usable_cores


@pytest.fixture(autouse=True)
def _eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("told", "usable"),
    [("200000 100000", 2), ("250000 100000", 3), ("5000 100000", 1), ("max 100000", 8), ("", 8)],
)
def test_a_container_may_use_what_it_is_given(tmp_path: Path, told: str, usable: int) -> None:
    (tmp_path / "cpu.max").write_text(told)
    assert usable_cores(tmp_path) == usable


@pytest.mark.parametrize(("quota", "usable"), [("150000", 2), ("-1", 8)])
def test_older_systems_tell_it_in_two_files(tmp_path: Path, quota: str, usable: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == usable


def test_where_nothing_is_told_all_may_be_used(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == 8
