"""The shape of the packages, what they load, and the words they use."""

import subprocess
import sys
from pathlib import Path

import pytest
from import_arrows import list_arrows, list_nodes

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("package", "nodes", "arrows"),
    [("whenanime_app", 15, 45), ("whenanime_pipeline.core.search", 11, 30)],
)
def test_package_stays_small_and_without_circles(package: str, nodes: int, arrows: int) -> None:
    """The layers themselves are import-linter's contracts; see pyproject.toml."""
    found = list_arrows(package)
    assert len(list_nodes(package)) <= nodes
    assert len(found) <= arrows
    assert not [arrow for arrow in found if arrow[::-1] in found]


def _loaded(statement: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import whenanime_pipeline.core", {"dagster", "torch", "gradio", "numpy"}),
        ("import whenanime_pipeline.cli", {"dagster", "torch", "gradio"}),
        ("import whenanime_pipeline.core.search.query.engine", {"dagster", "torch", "gradio"}),
        ("import whenanime_app.server", {"dagster", "torch"}),
        (
            "from whenanime_pipeline.definitions import definitions; definitions()",
            {"torch", "gradio", "fastapi"},
        ),
    ],
)
def test_import_loads_no_heavy_library(statement: str, absent: set[str]) -> None:
    assert not _loaded(statement) & absent


def test_no_file_mentions_paths_outside_the_project() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    shared = "../" + "shared"
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml", ""} and path.is_file():
            assert shared not in path.read_text(encoding="utf-8", errors="ignore"), name


def test_shipped_models_contain_no_local_paths() -> None:
    """torch notes of each operation in whose source, and where on the disk, it stood."""
    for folder in ("search/embedding/base_model", "characters/embedding/face_model"):
        for path in (ROOT / "whenanime_pipeline/core" / folder).iterdir():
            assert b"site-packages" not in path.read_bytes(), path.name
