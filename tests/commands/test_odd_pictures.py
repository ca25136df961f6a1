"""Pictures as people have them, given to `whenanime search`: an answer, or a line that says no."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sample_videos import draw_shots, index, new_workspace, write_film, write_film_of

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.search import open_engine, search_image, search_images
from whenanime_pipeline.commands.search_output import build_json, format_answer
from whenanime_pipeline.core.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    write_film(workspace.videos_folder / "Show - S01E01.mp4", seed=1)
    index(workspace)
    return workspace.home


@pytest.fixture
def shot() -> Image.Image:
    return Image.fromarray(draw_shots(1, 6)[4])


def test_animated_cmyk_palette_and_transparent_pictures_are_answered(
    home: Home, shot: Image.Image, tmp_path: Path
) -> None:
    opaque = shot.convert("RGBA")
    shot.save(tmp_path / "1.gif", save_all=True, append_images=[shot.rotate(180)])
    shot.convert("CMYK").save(tmp_path / "2.jpg")
    shot.convert("P").save(tmp_path / "3.png")
    opaque.save(tmp_path / "4.png")
    for picture in sorted(tmp_path.iterdir()):
        _, scenes = search_image(home, picture, limit=1)
        # A match, if not a certain one: dithering into 256 colours is not in the film.
        assert scenes[0].match != "similar"
        assert 2.0 <= scenes[0].at < 2.5


def test_clips_and_several_pictures_are_answered_in_order(
    home: Home, shot: Image.Image, tmp_path: Path
) -> None:
    clip = write_film_of(tmp_path / "clip.mp4", [np.zeros((96, 160, 3), np.uint8), np.array(shot)])
    shot.rotate(-90, expand=True).save(tmp_path / "turned.png")
    (tmp_path / "text.png").write_text("hello")
    sources = [str(clip), str(tmp_path / "text.png"), str(tmp_path / "turned.png")]
    found, refused, turned = search_images(open_engine(home), sources, limit=1)
    assert refused.problem is not None
    assert refused.problem.startswith(f"{tmp_path / 'text.png'}: This is not a picture")
    for answer in (found, turned):
        assert answer.scenes[0].match != "similar"
        assert 2.0 <= answer.scenes[0].at < 2.5
    assert turned.scenes[0].rotated == 90
    lines = list(format_answer(turned, named=True))
    assert lines[0] == f"{tmp_path / 'turned.png'}:"
    assert lines[1].endswith("[turned by 90°]")
    documents = build_json([found, refused, turned])
    assert isinstance(documents, list)
    assert [sorted(one) for one in documents] == [
        ["error", "frameCount", "result"], ["error", "filename"], ["error", "frameCount", "result"],
    ]  # fmt: skip
    assert build_json([found]) == documents[0]


def test_an_address_is_fetched_within_the_servers_limits(home: Home) -> None:
    (answer,) = search_images(open_engine(home), ["http://127.0.0.1:9/shot.png"], limit=1)
    assert answer.problem == (
        "http://127.0.0.1:9/shot.png: the URL leads to a private address; upload the picture "
        "instead"
    )


def test_a_picture_of_one_pixel_is_answered(home: Home, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "one.png")
    assert search_image(home, tmp_path / "one.png", limit=3)[1]


def test_a_file_that_is_no_picture_is_refused_by_name(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    (tmp_path / "film.mkv").touch()
    os.truncate(tmp_path / "film.mkv", 1 << 40)  # must not be read whole: it does not fit
    reasons = {
        "empty.png": "is empty",
        "text.png": "not a picture",
        "huge.png": "20000×20000",
        "film.mkv": "larger than 25 MiB",
    }
    for name, reason in reasons.items():
        with pytest.raises(CommandError) as refused:
            search_image(home, tmp_path / name)
        assert str(refused.value).startswith(f"{tmp_path / name}: ")
        assert reason in str(refused.value)
