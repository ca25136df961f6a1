"""An exported folder, installed and run in a fresh environment as on a host."""

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from app.sample_home import Sample, encode_png
from app.test_command import free_port, wait_for
from app.video_server import serve_videos


@pytest.fixture(scope="module")
def exported(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `whenanime export` of this checkout writes from the sample library."""
    folder = tmp_path_factory.mktemp("host") / "page"
    export = [sys.executable, "-m", "whenanime_pipeline", "export", folder, "--home", sample.home]
    subprocess.run([str(word) for word in export], check=True)
    return folder


@pytest.fixture(scope="module")
def python(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment installed as the export's README describes."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    made = folder / "bin" / "python"
    install = [str(made), "-m", "pip", "install", "--quiet", "-r", "requirements.txt"]
    subprocess.run(install, check=True, cwd=exported)
    return made


def _run(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [python, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=python.parent,
        env=environment,
    )


@pytest.mark.timeout(900)
def test_no_heavy_package_is_installed(python: Path) -> None:
    listing = _run(python, "-m", "pip", "list", "--format", "json").stdout
    installed = {package["name"].lower() for package in json.loads(listing)}
    assert {"whenanime", "gradio", "onnxruntime"} <= installed
    assert not installed & {"torch", "torchvision", "dagster", "dagster-webserver", "openvino"}


@pytest.mark.timeout(900)
def test_exported_folder_answers_a_search(python: Path, exported: Path, sample: Sample) -> None:
    """Runs with the variables of an older deployment, whose videos are on a web server."""
    port = free_port()
    with serve_videos(sample.videos) as web:
        ours = {"WHENANIME_HOST": "127.0.0.1", "WHENANIME_PORT": str(port)}
        seed = {"video_path_root": web.address, "ef": "512", "conf_path": "conf.json"}
        others = {n: v for n, v in os.environ.items() if n != "PYTHONPATH" and "WHENANIME" not in n}
        process = subprocess.Popen(
            [python, "app.py"],
            env=others | ours | seed,
            cwd=exported,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_for(port, process)
            file, second = sample.known_moment()
            answer = httpx.post(
                f"http://127.0.0.1:{port}/search",
                files={"file": ("shot.png", encode_png(sample.frame()))},
                timeout=30,
            ).json()
            best = answer["result"][0]
            assert file.path.endswith(best["filename"])
            assert best["from"] - 1 <= second <= best["to"] + 1
            clip = httpx.get(best["video"], timeout=30)
            assert clip.headers["content-type"] == "video/mp4"
            assert web.requests
        finally:
            process.kill()
            _, output = process.communicate()
    assert "conf_path is ignored" in output


@pytest.mark.timeout(900)
def test_export_works_from_the_installed_wheel(
    python: Path, exported: Path, tmp_path: Path
) -> None:
    home = exported / "home"
    done = _run(python, "-m", "whenanime_pipeline", "export", tmp_path / "page", "--home", home)
    assert (done.returncode, done.stderr) == (0, "")
    wheels = [next(folder.glob("*.whl")) for folder in (exported, tmp_path / "page")]
    names = [set(ZipFile(wheel).namelist()) for wheel in wheels]
    assert names[0] == names[1]
    assert not [name for name in names[0] if "learning/shipped" in name]
    first, second = ((folder / "requirements.txt") for folder in (exported, tmp_path / "page"))
    assert first.read_text() == second.read_text()


@pytest.mark.timeout(900)
def test_command_that_needs_another_extra_names_it(python: Path, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    done = _run(
        python, "-m", "whenanime_pipeline", "index",
        "--home", tmp_path / "home", "--videos", tmp_path / "videos",
    )  # fmt: skip
    assert done.returncode == 1
    assert "whenanime[pipeline]" in done.stderr


@pytest.mark.timeout(900)
def test_base_model_is_in_the_wheel(python: Path) -> None:
    code = (
        "from whenanime_pipeline.core.search.embedding.model_files import base_model_folder;"
        "from whenanime_pipeline.core.search.embedding.embedder import Embedder;"
        "print(Embedder.load(base_model_folder()).dimension)"
    )
    assert int(_run(python, "-c", code).stdout) >= 64
