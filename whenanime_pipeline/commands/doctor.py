"""`whenanime doctor`: what is missing on this machine, and how to get it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.errors import LibraryError
from whenanime_pipeline.core.library.scan import scan
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.manifest import latest_id
from whenanime_pipeline.core.search.model import model_in_use, read_model
from whenanime_pipeline.core.search.snapshot import check_files
from whenanime_pipeline.core.settings import SettingsError, load_settings

_EXTRAS = {
    "pipeline": (["dagster", "dagster_webserver"], "index, demo and up"),
    "app": (["fastapi", "gradio", "uvicorn", "httpx"], "serve, demo and up"),
    "train": (["torch", "torchvision"], "train"),
}
_LIBRARIES = ("av", "cv2", "hnswlib", "onnxruntime", "pyarrow")
_LOW_SPACE = 2e9  # bytes: some hundred episodes' frames and features


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: "absent" is what not everyone needs; "broken" is what has to be mended.
        what: what was looked at.
        say: what was found, and what to do where something is missing.
    """

    state: Literal["ok", "absent", "broken"]
    what: str
    say: str


def examine(home: Home, videos: Path) -> Iterator[Finding]:
    """Look at everything that `whenanime` needs on this machine.

    Args:
        home: of the library.
        videos: its videos.
    """
    yield from _packages()
    yield from _libraries()
    yield _home(home)
    yield _videos(videos)
    yield _settings(home)
    yield _model(home)
    yield _snapshot(home)


def _packages() -> Iterator[Finding]:
    for extra, (modules, use) in _EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        if missing:
            say = f"not here: {', '.join(missing)}. For {use}: pip install 'whenanime[{extra}]'"
            yield Finding("absent", f"extra {extra}", say)
        else:
            yield Finding("ok", f"extra {extra}", f"here, for {use}")


def _libraries() -> Iterator[Finding]:
    """Load what holds machine code: a wheel for another machine fails only then."""
    for name in _LIBRARIES:
        try:
            module = import_module(name)
        except ImportError as error:
            say = f"cannot be loaded: {error}. Install whenanime again on this machine"
            yield Finding("broken", name, say)
        else:
            yield Finding("ok", name, getattr(module, "__version__", "loads"))


def _home(home: Home) -> Finding:
    folder = home.root.resolve()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        return Finding("broken", "home", f"{folder}: cannot be written to; give another by --home")
    free = shutil.disk_usage(existing).free
    say = f"{folder}: {free / 1e9:.1f} GB free"
    if free < _LOW_SPACE:
        return Finding("broken", "home", f"{say}; frames of a long library will not fit")
    return Finding("ok", "home", say)


def _videos(videos: Path) -> Finding:
    if not videos.is_dir():
        return Finding("broken", "videos", f"{videos}: no such folder; give yours by --videos")
    try:
        count = len(scan(videos).files)
    except LibraryError as error:
        return Finding("broken", "videos", str(error))
    if not count:
        return Finding("broken", "videos", f"{videos}: holds no video file")
    return Finding("ok", "videos", f"{videos}: {count} video files")


def _settings(home: Home) -> Finding:
    try:
        load_settings(home.config)
    except SettingsError as error:
        return Finding("broken", "options", str(error))
    return Finding("ok", "options", str(home.config) if home.config.exists() else "the defaults")


def _model(home: Home) -> Finding:
    try:
        folder = model_in_use(home.models)
        meta, _ = read_model(folder)
    except SearchError as error:
        return Finding("broken", "model", str(error))
    return Finding("ok", "model", f"{meta.model_id} in {folder}")


def _snapshot(home: Home) -> Finding:
    latest = latest_id(home.snapshots)
    if latest is None:
        return Finding("absent", "index", "nothing is indexed yet: whenanime index --videos DIR")
    try:
        manifest = check_files(home.snapshots / latest)
    except SearchError as error:
        return Finding("broken", "index", str(error))
    say = f"{latest}: {len(manifest.contents)} videos, {manifest.count} frames"
    return Finding("ok", "index", say)
