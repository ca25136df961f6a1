"""The app in a fresh environment with the extra `app` alone: what the host of a page installs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.sample_home import Sample, png
from app.test_app_command import free_port, wait_for

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment made as the README says."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    made = folder / "bin" / "python"
    pinned = str(ROOT / "constraints.txt")
    install = [str(made), "-m", "pip", "install", "--quiet", "-c", pinned, f"{ROOT}[app]"]
    subprocess.run(install, check=True)
    return made


def _run(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *words], capture_output=True, text=True, check=False, cwd=python.parent
    )


@pytest.mark.timeout(900)
def test_nothing_heavy_comes_with_it(python: Path) -> None:
    told = _run(python, "-m", "pip", "list", "--format", "json").stdout
    installed = {package["name"].lower() for package in json.loads(told)}
    assert {"whenanime", "gradio", "onnxruntime"} <= installed
    assert not installed & {"torch", "torchvision", "dagster", "dagster-webserver", "openvino"}


@pytest.mark.timeout(900)
def test_it_answers_a_picture(python: Path, sample: Sample) -> None:
    port = free_port()
    process = subprocess.Popen(
        [python.with_name("whenanime"), "serve", "--home", sample.home, "--port", str(port)],
        env=os.environ | {"WHENANIME_VIDEOS": str(sample.videos)},
        cwd=python.parent,
    )
    try:
        wait_for(port, process)
        file, second = sample.moment()
        answer = httpx.post(
            f"http://127.0.0.1:{port}/search",
            files={"file": ("shot.png", png(sample.frame()))},
            timeout=30,
        ).json()
        best = answer["result"][0]
        assert file.path.endswith(best["filename"])
        assert best["from"] - 1 <= second <= best["to"] + 1
        assert httpx.get(best["video"], timeout=30).headers["content-type"] == "video/mp4"
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(900)
def test_what_needs_another_extra_says_which(python: Path, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    done = _run(
        python, "-m", "whenanime_pipeline", "index",
        "--home", tmp_path / "home", "--videos", tmp_path / "videos",
    )  # fmt: skip
    assert done.returncode == 1
    assert "whenanime[pipeline]" in done.stderr


@pytest.mark.timeout(900)
def test_the_base_model_ships(python: Path) -> None:
    code = (
        "from whenanime_pipeline.core.search.model import base_model;"
        "from whenanime_pipeline.core.search.embedder import Embedder;"
        "print(Embedder.load(base_model()).dimension)"
    )
    assert int(_run(python, "-c", code).stdout) >= 64
