"""`whenanime doctor`: what is missing on this machine, and how to get it."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from whenanime_pipeline.commands.errors import format_error
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.library.catalogue import load_catalogue
from whenanime_pipeline.core.library.errors import LibraryError
from whenanime_pipeline.core.library.scan import is_valid_utf8, scan_folder
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.settings import SettingsError, load_settings

_EXTRAS = {
    "pipeline": (["dagster", "dagster_webserver"], "index, demo and up"),
    "app": (["fastapi", "gradio", "uvicorn", "httpx"], "serve, demo and up"),
    "pictures": (["pillow_heif", "pillow_jxl"], "queries in HEIC and JPEG XL"),
    "text": (["rapidocr"], "text in openings and endings"),
    "characters": (["animeface"], "faces of characters"),
    "train": (["torch", "torchvision"], "train"),
}
_LIBRARIES = ("av", "cv2", "hnswlib", "onnxruntime", "pyarrow")
_LOW_SPACE = 2e9  # bytes: some hundred episodes' frames and features


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: "absent" is what not everyone needs; "broken" is what has to be mended.
        subject: what was looked at.
        message: what was found, and what to do where something is missing.
    """

    state: Literal["ok", "absent", "broken"]
    subject: str
    message: str


def diagnose(home: Home, videos: Path | None, *, default: Path) -> Iterator[Finding]:
    """Look at everything that `whenanime` needs on this machine.

    Args:
        home: of the library.
        videos: its videos; None for those that were last indexed.
        default: where videos are expected when none were.
    """
    yield from _packages()
    yield from _libraries()
    yield _run_check("home", lambda: _home(home))
    yield _run_check(
        "videos", lambda: _videos(home, videos or _last_videos_folder(home) or default)
    )
    yield _run_check("options", lambda: _settings(home))
    yield _run_check("operator", lambda: _operator(home))
    yield _run_check("themes.yaml", lambda: _theme_labels(home))
    yield _run_check("model", lambda: _model(home))
    yield _run_check("index", lambda: _snapshot(home))
    if find_spec("rapidocr") is not None:
        yield _run_check("text detector", _text_detector)
    yield _run_check("face detector", lambda: _face_detector(home))
    if find_spec("torch") is not None:
        yield _run_check("training", _training)


def _run_check(what: str, look: Callable[[], str | Finding]) -> Finding:
    """Return what a look finds; what it stumbles over is a finding, and no end of the rest."""
    try:
        found = look()
    except (LibraryError, SearchError, SettingsError, OSError, ImportError) as error:
        return Finding("broken", what, format_error(error))
    return found if isinstance(found, Finding) else Finding("ok", what, found)


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


def _home(home: Home) -> Finding | str:
    folder = home.root.resolve()
    if not is_valid_utf8(str(folder)):
        return Finding("broken", "home", f"{folder}: not valid UTF-8; give another by --home")
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir():
        return Finding("broken", "home", f"{existing}: is a file; give a folder by --home")
    if not os.access(existing, os.W_OK):
        return Finding("broken", "home", f"{folder}: cannot be written to; give another by --home")
    free = shutil.disk_usage(existing).free
    say = f"{folder}: {free / 1e9:.1f} GB free"
    if free < _LOW_SPACE:
        return Finding("broken", "home", f"{say}; frames of a long library will not fit")
    return say


def _last_videos_folder(home: Home) -> Path | None:
    last = load_catalogue(home.catalogue_file).folder
    return Path(last) if last else None


def _videos(home: Home, videos: Path) -> Finding | str:
    scan = scan_folder(videos, _ignored_patterns(home))
    left_out = f", {scan.left_out} left out" if scan.left_out else ""
    if not scan.files and scan.unread:
        reason = f"{videos}: holds no video file of a kind that is read{left_out}"
        return Finding("broken", "videos", reason)
    if not scan.files:
        return Finding("broken", "videos", f"{videos}: holds no video file{left_out}")
    return f"{videos}: {len(scan.files)} video files{left_out}"


def _ignored_patterns(home: Home) -> Sequence[str]:
    """Return the patterns of the options; none where the options are a finding of their own."""
    try:
        return load_settings(home.config_file).library.ignore
    except SettingsError:
        return ()


def _settings(home: Home) -> str:
    load_settings(home.config_file)
    return str(home.config_file) if home.config_file.exists() else "the defaults"


def _operator(home: Home) -> Finding | str:
    try:
        key = home.operator_key_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return Finding(
            "absent", "operator", "the key is made when the page is served for the first time"
        )
    return f"the key is {key}; enter it under Status on the page to change what it shows"


def _theme_labels(home: Home) -> str:
    from whenanime_pipeline.core.themes.labels.store import read_labels

    path = home.theme_labels_file
    labels = read_labels(path)
    said = f"{len(labels.templates)} templates, {len(labels.episodes)} episodes"
    return f"{path}: {said}" if path.exists() else "nothing was said about themes yet"


def _model(home: Home) -> str:
    from whenanime_pipeline.core.models.registry import find_model_in_use
    from whenanime_pipeline.core.search.embedding.model_files import read_model

    folder = find_model_in_use(home.models)
    meta, _ = read_model(folder)
    return f"{meta.model_id} in {folder}"


def _snapshot(home: Home) -> Finding | str:
    from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
    from whenanime_pipeline.core.search.snapshot.sections import count_sections
    from whenanime_pipeline.core.search.snapshot.snapshot import check_files
    from whenanime_pipeline.core.section_list import list_sections

    latest = read_latest_id(home.snapshots)
    if latest is None:
        return Finding("absent", "index", "nothing is indexed yet: whenanime index --videos DIR")
    manifest = check_files(home.snapshots / latest)
    counts = {"videos": len(manifest.contents), "frames": manifest.vector_count}
    for held in count_sections(list_sections(home), manifest).values():
        counts |= held
    return f"{latest}: {', '.join(f'{count} {noun}' for noun, count in counts.items())}"


def _text_detector() -> str:
    from whenanime_pipeline.core.themes.tracks.text_detector import TextDetector, find_text_model

    model = find_text_model()
    return "not here" if model is None else TextDetector.load(model, threads=1).id


def _face_detector(home: Home) -> Finding | str:
    """Load the detector, in a process that it may end, and let it find the face of its test."""
    from whenanime_pipeline.core.characters.detector_process import DetectorProcess
    from whenanime_pipeline.core.characters.errors import DetectorError

    options = load_settings(home.config_file).characters
    try:
        with DetectorProcess(home) as detector:
            found = detector.id
    except DetectorError as error:
        # Only who wants faces, or named a detector, has to mend it.
        wanted = options.enabled or options.detector != "animeface"
        return Finding("broken" if wanted else "absent", "face detector", str(error))
    return found if options.enabled else f"{found}; off: [characters] enabled in config.toml"


def _training() -> str:
    from whenanime_pipeline.core.learning.network.devices import select_device, uses_bf16

    device = select_device()
    precision = "bfloat16" if uses_bf16("auto", device) else "float32"
    return f"on {device.type}, in {precision}"
