"""Pictures as people have them, given to `whenanime search`: an answer, or a line that says no."""

import os
from pathlib import Path

import pytest
from PIL import Image
from sample_videos import draw_shots, index, new_workspace, write_film

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.search import search_image
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
