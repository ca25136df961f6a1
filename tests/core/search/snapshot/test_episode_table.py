"""The episodes' table of a snapshot: what is written is read, also what older programs wrote."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from whenanime_pipeline.core.library.episode import Character
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.search.snapshot.episode_table import (
    EpisodeRecord,
    read_episodes,
    write_episodes,
)

CAST = (Character("小春", "A. Voice"), Character("Mio"))


def _record(number: int) -> EpisodeRecord:
    return EpisodeRecord(
        key=f"show/S01E0{number}", path=f"Show/{number}.mkv", fingerprint="f" * 32,
        sampling_id="s", content=number, series="Show", season=1, season_name=None, number=number,
        number_end=None, title=None, kind="episode", native="ショー", romaji=None, english=None,
        anilist=7, mal=None, duration=60.0, frames=100, warnings=("cut short",),
        chapters=(Chapter(0.0, 9.5, "OP"),), characters=CAST,
    )  # fmt: skip


def test_what_is_written_is_read(tmp_path: Path) -> None:
    records = [_record(1), _record(2)]
    write_episodes(tmp_path / "episodes.parquet", records)
    found = read_episodes(tmp_path / "episodes.parquet")
    assert found == records
    assert found[0].characters is found[1].characters  # of thousands of episodes, one cast each


@pytest.mark.parametrize("missing", [["characters"], ["chapters", "characters"]])
def test_missing_columns_of_older_tables_are_empty(tmp_path: Path, missing: list[str]) -> None:
    path = tmp_path / "episodes.parquet"
    write_episodes(path, [_record(1)])
    pq.write_table(pq.read_table(path).drop_columns(missing), path)
    (found,) = read_episodes(path)
    assert found.characters == ()
    assert bool(found.chapters) == ("chapters" not in missing)
