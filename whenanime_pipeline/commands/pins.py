"""What the app needs, pinned: the versions it is known to work with here."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRA = "app"

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")


def resolve_pins(wheel: Path, constraints: Path | None) -> list[str]:
    """Return `name==version` of everything that a wheel's extra `app` needs, sorted.

    Args:
        wheel: of the program.
        constraints: a file of pins, which come first; without one, or where it is silent, the
            version that is installed here is taken, and what is neither here nor there stays as
            the wheel asks for it.
    """
    pins = _pins(constraints)
    found: dict[str, str] = {}
    waiting = [(line, EXTRA) for line in _read_requirements(wheel)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = Requirement(waiting[-1][0])
        asked_by = waiting.pop()[1]
        if requirement.marker and not requirement.marker.evaluate({"extra": asked_by}):
            continue
        name = canonicalize_name(requirement.name)
        version, needs = pins.get(name), []
        try:
            installed = distribution(requirement.name)
            version, needs = version or installed.version, list(installed.requires or [])
        except PackageNotFoundError:
            pass
        found[name] = f"{name}=={version}" if version else f"{name}{requirement.specifier}"
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(need, extra) for need in needs]
    return [found[name] for name in sorted(found)]


def _read_requirements(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        return list(message_from_bytes(archive.read(name)).get_all("Requires-Dist") or [])


def _pins(constraints: Path | None) -> dict[str, str]:
    if constraints is None or not constraints.is_file():
        return {}
    return dict(_read(constraints.read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _PIN.match(line)
        if found:
            yield canonicalize_name(found[1]), found[2]
