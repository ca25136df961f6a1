"""Counts the modules of a package and the imports between them.

A node is a module or package directly under the package; an arrow is an ordered pair of nodes of
which one imports the other, at the top of a module or inside a function.
`python tests/import_arrows.py` prints them for the app and the search.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
COUNTED = ("whenanime_app", "whenanime_pipeline.core.search")


def list_imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def list_nodes(package: str) -> dict[str, list[Path]]:
    """Return the files of each module or package directly under a package."""
    folder = ROOT / package.replace(".", "/")
    modules = {path.stem: [path] for path in folder.glob("*.py") if path.stem != "__init__"}
    packages = {
        path.parent.name: sorted(path.parent.rglob("*.py")) for path in folder.glob("*/__init__.py")
    }
    return modules | packages


def list_arrows(package: str) -> set[tuple[str, str]]:
    """Return which nodes import which others."""
    nodes = list_nodes(package)
    return {
        (node, target)
        for node, files in nodes.items()
        for file in files
        for name in list_imports(file)
        if name.startswith(f"{package}.")
        and (target := name.removeprefix(f"{package}.").split(".")[0]) in nodes
        and target != node
    }


if __name__ == "__main__":
    for counted in COUNTED:
        found = list_arrows(counted)
        print(f"{counted}: {len(list_nodes(counted))} nodes, {len(found)} arrows")
        for arrow in sorted(found):
            print("  {} → {}".format(*arrow))
