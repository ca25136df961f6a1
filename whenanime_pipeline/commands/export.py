"""`whenanime export`: a folder that a free host runs as it is, over the published snapshot."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.folder_replacement import has_marker, replace_folder
from whenanime_pipeline.commands.own_wheel import find_checkout, write_own_wheel
from whenanime_pipeline.commands.pins import EXTRA, resolve_pins
from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.manifest import (
    LATEST_FILE,
    MANIFEST_FILE,
    read_latest_id,
)
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot, check_files

_SPACE = Path(__file__).parent / "space"
# By their names here, for a file that begins with a dot is easily lost from a package.
_FILES = {
    "app.py": "app.py",
    "Dockerfile": "Dockerfile",
    "README.md": "README.md",
    "dockerignore": ".dockerignore",
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore",
    "ms_deploy.json": "ms_deploy.json",
}


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written.

    Attributes:
        folder: where.
        snapshot: the id of what it answers from.
        bytes: of all files together.
        is_linked: whether the snapshot's files are the home's own under a second name, so that they
            take no more room here.
    """

    folder: Path
    snapshot: str
    bytes: int
    is_linked: bool


def export_snapshot(home: Home, folder: Path, log: Callable[[str], None]) -> ExportResult:
    """Write the app alone with the published snapshot.

    Args:
        home: of the library.
        folder: missing, empty, or written by an earlier export, whose place is taken.
        log: receives the size before anything is written.

    Raises:
        SnapshotError: nothing is published, or what is is not whole.
        CommandError: the folder holds other files, there is no room, or the program cannot be
            packed.
        OSError: the folder cannot be written to.
    """
    target = folder.absolute()
    _check_target(target)
    latest = read_latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.root}: nothing is indexed yet; run `whenanime index`")
    source = home.snapshots / latest
    check_files(source)
    snapshot = Snapshot(source)
    with home.lock("export"), TemporaryDirectory(prefix="whenanime-export-") as scratch:
        wheel = write_own_wheel(Path(scratch))
        paths = [file.path for file in snapshot.manifest.files] + [MANIFEST_FILE]
        stored = sum((source / path).stat().st_size for path in paths)
        whole = stored + wheel.stat().st_size
        log(f"{target}: {format_size(whole)}: "
            f"the snapshot {latest} {format_size(stored)}, the program "
            f"{format_size(wheel.stat().st_size)}")  # fmt: skip
        linked = _is_same_disk(source, target)
        if not linked:
            _check_free_space(target, whole)
        about: dict[str, object] = {"by": "whenanime export", "snapshot": latest}
        with replace_folder(target, about) as part:
            _write_snapshot(source, paths, part / "home" / "snapshots" / latest)
            (part / "home" / "snapshots" / LATEST_FILE).write_text(f"{latest}\n", encoding="utf-8")
            shutil.copyfile(wheel, part / wheel.name)
            _write_requirements(wheel, part / "requirements.txt")
            _write_templates(part, _template_values(snapshot, wheel.name, stored))
    return ExportResult(target, latest, whole, linked)


def format_size(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise CommandError(f"{target}: is a file; give a folder")
    if target.exists() and target.samefile(Path.cwd()):
        raise CommandError(f"{target}: is the folder you are in; export it from outside")
    if target.is_dir() and any(target.iterdir()) and not has_marker(target):
        raise CommandError(
            f"{target}: holds other files; give an empty folder, or one of an earlier export"
        )


def _is_same_disk(source: Path, target: Path) -> bool:
    """Return whether both are on one disk; the nearest folder that is there stands for target."""
    near = next(path for path in target.parents if path.exists())
    return near.stat().st_dev == source.stat().st_dev


def _check_free_space(target: Path, needed: int) -> None:
    near = next(path for path in target.parents if path.exists())
    free = shutil.disk_usage(near).free
    if free < needed:
        raise CommandError(
            f"{target}: {format_size(needed)} are needed, {format_size(free)} are free"
        )


def _write_snapshot(source: Path, paths: list[str], target: Path) -> None:
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(source / path, target / path)


def _write_requirements(wheel: Path, path: Path) -> None:
    source = find_checkout()
    lines = resolve_pins(wheel, source and source / "constraints.txt")
    path.write_text(f"./{wheel.name}[{EXTRA}]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _write_templates(part: Path, words: dict[str, str]) -> None:
    for name, written in _FILES.items():
        text = (_SPACE / name).read_text(encoding="utf-8")
        for word, meaning in words.items():
            text = text.replace(f"@{word}@", meaning)
        (part / written).write_text(text, encoding="utf-8")


def _template_values(snapshot: Snapshot, wheel: str, stored: int) -> dict[str, str]:
    episodes = snapshot.episodes
    series = len({(episode.series, episode.series_numbers[0]) for episode in episodes})
    return {
        "episodes": "1 episode" if len(episodes) == 1 else f"{len(episodes)} episodes",
        "series": f"{series} series",
        "hours": f"{sum(episode.duration for episode in episodes) / 3600:.1f} hours",
        "frames": f"{snapshot.manifest.vector_count:,}",
        "snapshot": snapshot.id,
        "snapshot_size": format_size(stored),
        "wheel": wheel,
        # The pins are of this Python's packages.
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
