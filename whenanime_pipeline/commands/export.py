"""`whenanime export`: a folder that a free host runs as it is, over the published snapshot."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.own_wheel import checkout, write_own_wheel
from whenanime_pipeline.commands.pins import EXTRA, pinned
from whenanime_pipeline.commands.swap import is_ours, written_folder
from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.manifest import LATEST, MANIFEST, latest_id
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
class Exported:
    """What was written.

    Attributes:
        folder: where.
        snapshot: the id of what it answers from.
        bytes: of all files together.
        linked: whether the snapshot's files are the home's own under a second name, so that they
            take no more room here.
    """

    folder: Path
    snapshot: str
    bytes: int
    linked: bool


def export(home: Home, folder: Path, say: Callable[[str], None]) -> Exported:
    """Write the app alone with the published snapshot.

    Args:
        home: of the library.
        folder: missing, empty, or written by an earlier export, whose place is taken.
        say: is told how large it will be, before anything is written.

    Raises:
        SnapshotError: nothing is published, or what is is not whole.
        CommandError: the folder holds other files, there is no room, or the program cannot be
            packed.
        OSError: the folder cannot be written to.
    """
    target = folder.absolute()
    _check(target)
    latest = latest_id(home.snapshots)
    if latest is None:
        raise SnapshotError(f"{home.root}: nothing is indexed yet; run `whenanime index`")
    source = home.snapshots / latest
    check_files(source)
    snapshot = Snapshot(source)
    with home.lock("export"), TemporaryDirectory(prefix="whenanime-export-") as scratch:
        wheel = write_own_wheel(Path(scratch))
        paths = [file.path for file in snapshot.manifest.files] + [MANIFEST]
        stored = sum((source / path).stat().st_size for path in paths)
        whole = stored + wheel.stat().st_size
        say(f"{target}: {size_of(whole)}: the snapshot {latest} {size_of(stored)}, the program "
            f"{size_of(wheel.stat().st_size)}")  # fmt: skip
        linked = _links(source, target)
        if not linked:
            _make_sure_of_room(target, whole)
        about: dict[str, object] = {"by": "whenanime export", "snapshot": latest}
        with written_folder(target, about) as part:
            _put_snapshot(source, paths, part / "home" / "snapshots" / latest)
            (part / "home" / "snapshots" / LATEST).write_text(f"{latest}\n", encoding="utf-8")
            shutil.copyfile(wheel, part / wheel.name)
            _put_requirements(wheel, part / "requirements.txt")
            _put_texts(part, _words(snapshot, wheel.name, stored))
    return Exported(target, latest, whole, linked)


def size_of(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _check(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise CommandError(f"{target}: is a file; give a folder")
    if target.exists() and target.samefile(Path.cwd()):
        raise CommandError(f"{target}: is the folder you are in; export it from outside")
    if target.is_dir() and any(target.iterdir()) and not is_ours(target):
        raise CommandError(
            f"{target}: holds other files; give an empty folder, or one of an earlier export"
        )


def _links(source: Path, target: Path) -> bool:
    """Return whether both are on one disk; the nearest folder that is there stands for target."""
    near = next(path for path in target.parents if path.exists())
    return near.stat().st_dev == source.stat().st_dev


def _make_sure_of_room(target: Path, needed: int) -> None:
    near = next(path for path in target.parents if path.exists())
    free = shutil.disk_usage(near).free
    if free < needed:
        raise CommandError(f"{target}: {size_of(needed)} are needed, {size_of(free)} are free")


def _put_snapshot(source: Path, paths: list[str], target: Path) -> None:
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(source / path, target / path)


def _put_requirements(wheel: Path, path: Path) -> None:
    source = checkout()
    lines = pinned(wheel, source and source / "constraints.txt")
    path.write_text(f"./{wheel.name}[{EXTRA}]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _put_texts(part: Path, words: dict[str, str]) -> None:
    for name, written in _FILES.items():
        text = (_SPACE / name).read_text(encoding="utf-8")
        for word, meaning in words.items():
            text = text.replace(f"@{word}@", meaning)
        (part / written).write_text(text, encoding="utf-8")


def _words(snapshot: Snapshot, wheel: str, stored: int) -> dict[str, str]:
    episodes = snapshot.episodes
    series = len({episode.series for episode in episodes})
    return {
        "episodes": "1 episode" if len(episodes) == 1 else f"{len(episodes)} episodes",
        "series": f"{series} series",
        "hours": f"{sum(episode.duration for episode in episodes) / 3600:.1f} hours",
        "frames": f"{snapshot.manifest.count:,}",
        "snapshot": snapshot.id,
        "snapshot_size": size_of(stored),
        "wheel": wheel,
        # The pins are of this Python's packages.
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
