"""`whenanime export`: what it writes, what it refuses, and what it leaves alone.

That the folder runs is tested in an environment of its own, see `tests/app/test_clean_install.py`.
"""

import json
import shutil
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from sample_videos import index, new_workspace, published_folder, write_film

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.export import ExportResult, export_snapshot, format_size
from whenanime_pipeline.commands.folder_replacement import MARKER, replace_folder
from whenanime_pipeline.commands.own_wheel import repack_installed, write_own_wheel
from whenanime_pipeline.commands.pins import resolve_pins
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.snapshot import check_files
from whenanime_pipeline.core.workspace import Workspace

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    write_film(workspace.videos_folder / "Show" / "Show - S01E01.mp4", seed=1)
    index(workspace)
    return workspace


@pytest.fixture(scope="module")
def done(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> ExportResult:
    folder = tmp_path_factory.mktemp("exports") / "page"
    reported: list[str] = []

    def say(line: str) -> None:
        assert not folder.exists()  # it is reported beforehand
        reported.append(line)

    exported = export_snapshot(workspace.home, folder, say)
    (line,) = reported
    assert format_size(exported.bytes) in line
    return exported


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_own_wheel(tmp_path_factory.mktemp("wheel"))


def test_an_export_contains_only_the_snapshot_of_the_home(
    done: ExportResult, workspace: Workspace
) -> None:
    source = published_folder(workspace)
    copy = done.folder / "home" / "snapshots" / source.name
    check_files(copy)
    assert _files(copy) == _files(source)
    assert (copy / "manifest.json").stat().st_ino == (source / "manifest.json").stat().st_ino
    assert done.is_linked
    latest = done.folder / "home" / "snapshots" / "LATEST"
    assert latest.read_text() == f"{source.name}\n"
    other = {path.name for path in done.folder.rglob("*")} - _files(copy)
    assert not other & {"secret", "catalogue.json", "features", "dagster", "weights.safetensors"}


def test_the_size_is_the_size(done: ExportResult) -> None:
    files = [path for path in done.folder.rglob("*") if path.is_file()]
    small = {"README.md", "Dockerfile", "requirements.txt", "app.py", MARKER, "ms_deploy.json"}
    assert small <= {path.name for path in files}
    whole = sum(path.stat().st_size for path in files)
    assert done.bytes <= whole < done.bytes + 20_000


def test_hosts_get_instructions(done: ExportResult) -> None:
    lines = (done.folder / "README.md").read_text().split("---\n")[1].splitlines()
    front = dict(line.split(": ", 1) for line in lines)
    assert (front["sdk"], front["app_port"]) == ("docker", "7860")
    assert len(front["short_description"]) <= 60
    studio = json.loads((done.folder / "ms_deploy.json").read_text())
    assert studio == {"sdk_type": "docker", "port": 7860}
    docker = (done.folder / "Dockerfile").read_text()
    assert f"FROM python:{sys.version_info.major}.{sys.version_info.minor}-slim" in docker
    assert "EXPOSE 7860" in docker
    for name in ("README.md", "Dockerfile"):
        assert "@" not in (done.folder / name).read_text()
    card = (done.folder / "README.md").read_text()
    assert "1 episode of 1 series" in card
    for variable in ("video_path_root", "ef", "index_path", "conf_path", "info_path", "model_path"):
        assert f"`{variable}`" in card
    # What a run of the page leaves in its home is a secret, and no part of an export.
    assert "home/app" in (done.folder / ".gitignore").read_text()
    assert "home/app" in (done.folder / ".dockerignore").read_text()


def test_requirements_are_pinned_and_light(done: ExportResult) -> None:
    own, *lines = (done.folder / "requirements.txt").read_text().splitlines()
    assert (done.folder / own.removeprefix("./").removesuffix("[app]")).is_file()
    pins = dict(line.split("==") for line in lines)
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    for name in ("gradio", "fastapi", "numpy", "starlette", "onnxruntime"):
        assert f"{name}=={pins[name]}" in constraints
    assert not set(pins) & {"torch", "torchvision", "dagster", "pytest", "hatchling", "whenanime"}


def test_without_constraints_what_is_installed_is_pinned(wheel: Path, tmp_path: Path) -> None:
    installed = dict(line.split("==") for line in resolve_pins(wheel, None))
    assert {"gradio", "numpy", "uvicorn"} <= set(installed)
    (tmp_path / "constraints.txt").write_text("# why\nNumPy==1.2.3\n    # via x\n")
    assert "numpy==1.2.3" in resolve_pins(wheel, tmp_path / "constraints.txt")
    assert installed["numpy"] != "1.2.3"


def test_exporting_again_replaces_the_export_and_keeps_own_files(
    workspace: Workspace, done: ExportResult, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    shutil.copytree(done.folder, folder)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    (folder / "notes.txt").write_text("mine")
    (folder / "app.py").write_text("changed")
    (folder / "home" / "app").mkdir()
    export_snapshot(workspace.home, folder, lambda _: None)
    assert (folder / ".git" / "HEAD").read_text() == "ref"
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "app.py").read_bytes() == (done.folder / "app.py").read_bytes()
    assert not (folder / "home" / "app").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_files_of_others_are_not_overwritten(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "export.json").write_text('{"another": "program"}')
    (tmp_path / "file").write_text("x")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder, said in ((mine, "holds other files"), (tmp_path / "file", "is a file"),
                         (Path(), "is the folder you are in")):  # fmt: skip
        with pytest.raises(CommandError, match=said):
            export_snapshot(workspace.home, folder, lambda _: None)
    assert [path.name for path in mine.iterdir()] == ["export.json"]


def test_missing_or_damaged_snapshots_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="nothing is indexed yet"):
        export_snapshot(Home(tmp_path / "empty"), tmp_path / "page", lambda _: None)
    home = Home(tmp_path / "home")
    shutil.copytree(workspace.home.snapshots, home.snapshots)
    (home.snapshots / published_folder(workspace).name / "episodes.parquet").write_bytes(b"x")
    with pytest.raises(SnapshotError, match="not the file that was published"):
        export_snapshot(home, tmp_path / "page", lambda _: None)
    assert not (tmp_path / "page").exists()


def test_a_failed_export_keeps_the_previous_one(tmp_path: Path) -> None:
    target = tmp_path / "page"
    with replace_folder(target, {}) as part:
        (part / "a").write_text("first")
    with pytest.raises(ZeroDivisionError), replace_folder(target, {}) as part:
        (part / "a").write_text(str(1 // 0))
    assert (target / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


@pytest.mark.parametrize("killed", ["while writing", "between", "after"])
def test_a_run_that_was_killed_is_mended_by_the_next(tmp_path: Path, killed: str) -> None:
    target, old, part = tmp_path / "page", tmp_path / ".page.old", tmp_path / ".page.part"
    with replace_folder(target, {}) as new:
        (new / "a").write_text("first")
    (target / ".git").write_text("mine")
    if killed == "while writing":
        part.mkdir()
        (part / "a").write_text("half")
    elif killed == "between":
        target.rename(old)
    else:
        target.rename(old)
        with replace_folder(target, {}) as new:
            (new / "a").write_text("second")
        shutil.copytree(target, old)
        (target / ".git").rename(old / ".git")
    with replace_folder(target, {}) as new:
        (new / "a").write_text("third")
    assert (target / "a").read_text() == "third"
    assert (target / ".git").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip has put the wheel into."""
    folder = tmp_path_factory.mktemp("installed")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(folder), str(wheel)], check=True)
    return folder


def test_wheel_leaves_out_the_scripts_that_make_what_ships(wheel: Path, installed: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.startswith("whenanime_pipeline/core/learning/training/") for name in names)
    assert not [name for name in names if "shipped" in name]
    modules = ["cli", "commands.train", "commands.export", "commands.doctor", "definitions"]
    code = f"import sys; sys.path.insert(0, {str(installed)!r})\n"
    code += "".join(f"import whenanime_pipeline.{name}\n" for name in modules)
    code += "whenanime_pipeline.definitions.definitions(); print(whenanime_pipeline.__file__)"
    python = [sys.executable, "-P", "-c", code]
    done = subprocess.run(python, check=True, capture_output=True, text=True, cwd=installed)
    assert done.stdout.startswith(str(installed))


def test_an_installed_wheel_is_rebuilt_for_the_export(
    installed: Path, wheel: Path, tmp_path: Path
) -> None:
    (info,) = installed.glob("*.dist-info")
    again = repack_installed(Distribution.at(info), tmp_path)
    assert again.name == wheel.name
    with ZipFile(again) as ours, ZipFile(wheel) as theirs:
        record = next(name for name in theirs.namelist() if name.endswith("/RECORD"))
        assert set(ours.namelist()) == set(theirs.namelist())
        for name in set(theirs.namelist()) - {record}:
            assert ours.read(name) == theirs.read(name)
        lines = (sorted(archive.read(record).decode().split()) for archive in (ours, theirs))
        assert next(lines) == next(lines)


def test_a_program_that_was_changed_by_hand_is_not_packed(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(installed, folder)
    (folder / "whenanime_app" / "server.py").write_text("changed")
    (info,) = folder.glob("*.dist-info")
    with pytest.raises(CommandError, match=r"server\.py: not the file that was installed"):
        repack_installed(Distribution.at(info), tmp_path)


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
