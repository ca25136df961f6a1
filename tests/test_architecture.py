"""The arrows of the design: defs → core ← app, and within core from the few to the many."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("whenanime_pipeline", "whenanime_app")
CORE = "whenanime_pipeline.core"

# A room, and what nothing in it may import, at the top of a module or inside a function.
FORBIDDEN = {
    "whenanime_pipeline.core": ["dagster", "gradio", "fastapi", "whenanime_app",
                                "whenanime_pipeline.defs", "whenanime_pipeline.commands",
                                "whenanime_pipeline.definitions", "whenanime_pipeline.cli"],
    "whenanime_pipeline.core.library": [f"{CORE}.{room}" for room in
                                        ("media", "search", "learning", "sample", "workspace")],
    "whenanime_pipeline.core.media": [f"{CORE}.{room}" for room in
                                      ("library", "search", "learning", "sample", "workspace")],
    "whenanime_pipeline.core.search": ["torch", "torchvision", f"{CORE}.learning",
                                       f"{CORE}.sample", f"{CORE}.workspace"],
    "whenanime_pipeline.core.sample": ["torch", "torchvision", f"{CORE}.learning",
                                       f"{CORE}.search", f"{CORE}.library"],
    "whenanime_pipeline.core.workspace": ["torch", f"{CORE}.learning", f"{CORE}.sample"],
    "whenanime_pipeline.commands": ["torch", "torchvision"],
    "whenanime_pipeline.defs": ["gradio", "fastapi", "whenanime_app",
                                "whenanime_pipeline.commands", "whenanime_pipeline.cli"],
    "whenanime_app": ["dagster", "torch", "torchvision", f"{CORE}.learning", f"{CORE}.library",
                      f"{CORE}.sample", f"{CORE}.workspace", "whenanime_pipeline.defs",
                      "whenanime_pipeline.definitions", "whenanime_pipeline.commands"],
}  # fmt: skip


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_a_module_imports_only_what_its_room_may(module: str, path: Path) -> None:
    banned = [b for room, names in FORBIDDEN.items() if _within(module, room) for b in names]
    broken = [name for name in imports(path) if any(_within(name, b) for b in banned)]
    assert not broken


@pytest.mark.parametrize(("module", "path"), list(modules()))
def test_a_module_says_what_it_is_for(module: str, path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


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
def test_what_is_not_needed_is_not_loaded(statement: str, absent: set[str]) -> None:
    assert not _loaded(statement) & absent


def test_no_file_speaks_of_places_outside_the_project() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    shared = "../" + "shared"
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml", ""} and path.is_file():
            assert shared not in path.read_text(encoding="utf-8", errors="ignore"), name


def test_the_shipped_model_does_not_tell_where_it_was_made() -> None:
    """torch notes of each operation in whose source, and where on the disk, it stood."""
    folder = ROOT / "whenanime_pipeline/core/search/embedding/base_model"
    for path in folder.iterdir():
        assert b"site-packages" not in path.read_bytes(), path.name
