"""A disc's NFO stands next to the disc, as media servers write it."""

from pathlib import Path

import pytest

from whenanime_pipeline.core.library.naming import name_files
from whenanime_pipeline.core.library.nfo.lookup import read_series_infos


@pytest.mark.parametrize("nfo", ["Film/movie.nfo", "Film/Film.nfo"])
@pytest.mark.parametrize("path", ["Film/BDMV/STREAM/00800.m2ts", "Film/VIDEO_TS/VTS_01_1.VOB"])
def test_a_film_on_a_disc_has_its_title(tmp_path: Path, path: str, nfo: str) -> None:
    (tmp_path / nfo).parent.mkdir()
    (tmp_path / nfo).write_text("<movie><title>Its Title</title><year>2010</year></movie>")
    infos = read_series_infos(tmp_path, [nfo], name_files([path], "Library"), "Library")
    assert infos.warnings == ()
    assert (infos.by_path[path].title, infos.by_path[path].year) == ("Its Title", 2010)


def test_episodes_on_a_disc_have_their_series(tmp_path: Path) -> None:
    paths = [f"Show/Disc 1/BDMV/STREAM/0000{number}.m2ts" for number in (1, 2)]
    (tmp_path / "Show").mkdir()
    (tmp_path / "Show/tvshow.nfo").write_text("<tvshow><title>The Show</title></tvshow>")
    names = name_files(paths, "Library")
    infos = read_series_infos(tmp_path, ["Show/tvshow.nfo"], names, "Library")
    assert [infos.by_path[path].title for path in paths] == ["The Show"] * 2
