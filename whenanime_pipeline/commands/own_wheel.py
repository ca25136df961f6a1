"""The program itself as a wheel: built from a checkout, or put together from what is installed."""

import subprocess
import sys
import tomllib
from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from whenanime_pipeline.commands.errors import CommandError

NAME = "whenanime"
PACKAGES = ("whenanime_app", "whenanime_pipeline")

_ROOT = Path(__file__).resolve().parents[2]
# Of an installation, and not of the wheel it came from.
_INSTALLER_FILES = {"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"}


def find_checkout() -> Path | None:
    """Return the folder of the source that is running; None when it was installed from a wheel."""
    try:
        project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _ROOT if project.get("project", {}).get("name") == NAME else None


def write_own_wheel(folder: Path) -> Path:
    """Write a wheel of the program that is running.

    Args:
        folder: where to; made when missing.

    Returns:
        The wheel.

    Raises:
        CommandError: it can neither be built nor put together; says what to do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = find_checkout()
    if source is not None:
        return _build_from_checkout(source, folder)
    try:
        return repack_installed(distribution(NAME), folder)
    except PackageNotFoundError as error:
        raise CommandError(
            f"{_ROOT}: neither a checkout nor an installation; install whenanime by pip"
        ) from error


def _build_from_checkout(source: Path, folder: Path) -> Path:
    if find_spec("hatchling") is None:
        raise CommandError("hatchling is not installed, which packs a checkout; pip install it")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it wrote no wheel"]
        raise CommandError(f"{source}: hatchling could not pack it: {said[0]}")
    return wheels[0]


def repack_installed(installed: Distribution, folder: Path) -> Path:
    """Zip the files that pip unpacked, each checked to be the one that it was.

    Raises:
        CommandError: one was changed, or they are not of a wheel.
    """
    files = installed.files
    tag = _tag(installed)
    if files is None or tag is None:
        raise CommandError("whenanime was not installed from a wheel; export from a checkout")
    info = f"{NAME}-{installed.version}.dist-info"
    kept = sorted(file for file in files if _belongs(file, info))
    if not any(file.parts[0] == PACKAGES[0] for file in kept):
        raise CommandError(
            "whenanime is installed from a checkout that is elsewhere; export with its own command"
        )
    wheel = folder / f"{NAME}-{installed.version}-{tag}.whl"
    record = []
    with ZipFile(wheel, "w", ZIP_DEFLATED) as archive:
        for file in kept:
            data = Path(str(file.locate())).read_bytes()
            digest = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            if file.hash is None or file.hash.value != digest:
                raise CommandError(
                    f"{file.locate()}: not the file that was installed; install whenanime again"
                )
            archive.writestr(_entry(str(file)), data)
            record.append(f"{file},sha256={digest},{len(data)}\n")
        record.append(f"{info}/RECORD,,\n")
        archive.writestr(_entry(f"{info}/RECORD"), "".join(record))
    return wheel


def _belongs(file: PackagePath, info: str) -> bool:
    if "__pycache__" in file.parts:
        return False
    return file.parts[0] in PACKAGES or (
        file.parts[0] == info and file.name not in _INSTALLER_FILES
    )


def _tag(installed: Distribution) -> str | None:
    lines = (installed.read_text("WHEEL") or "").splitlines()
    return next((line.split()[1] for line in lines if line.startswith("Tag: ")), None)


def _entry(name: str) -> ZipInfo:
    # The same bytes each time: an unchanged program is not pushed again.
    entry = ZipInfo(name, date_time=(2020, 2, 2, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
