"""Checks that a new model is applied without reading videos."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.index_process import run_index, use_model
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import make_sample_library
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, compute_model_id
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id, read_manifest


@dataclass(frozen=True, slots=True)
class Reembedding:
    """Result of `whenanime index` with a new model and unreadable videos.

    Attributes:
        exit_code: exit code of the command.
        episodes: number of episodes in the library.
        frames_made: number of frames files that are new or changed.
        features_made: number of new features files.
        published: 1 if the published snapshot is of the new model, else 0.
    """

    exit_code: int
    episodes: int
    frames_made: int
    features_made: int
    published: int


def reembed(folder: Path, model: Path) -> Reembedding:
    """Index the sample library, overwrite its videos by zeros, and index with another model.

    Size and modification time of the videos stay, so that they do not count as changed; a run that
    opened one would fail.

    Args:
        folder: folder to work in.
        model: folder of the first model; the second is a copy with another id.
    """
    videos, home = folder / "videos", Home(folder / "home")
    truth = make_sample_library(videos, size=(160, 90), episodes=1)
    use_model(home, model)
    run_index(home, videos)
    frames, features = _files(home.root / "frames"), _files(home.root / "features")
    for file in truth.files:
        _blank(videos / file.path)
    second = _renamed(model, folder / "second")
    use_model(home, second)
    exit_code = run_index(home, videos).exit_code
    latest = read_latest_id(home.snapshots)
    in_use = json.loads((second / META_FILE).read_text())["model_id"]
    published = latest and read_manifest(home.snapshots / latest).model_id == in_use
    return Reembedding(
        exit_code=exit_code,
        episodes=len(truth.files),
        frames_made=len(_files(home.root / "frames").items() ^ frames.items()),
        features_made=len(_files(home.root / "features").items() - features.items()),
        published=int(bool(published)),
    )


def _renamed(model: Path, target: Path) -> Path:
    """Copy a model, with another id."""
    shutil.copytree(model, target)
    meta = json.loads((target / META_FILE).read_text(encoding="utf-8")) | {"remark": "a copy"}
    meta["model_id"] = compute_model_id((target / "model.onnx").read_bytes(), meta)
    (target / META_FILE).write_text(json.dumps(meta), encoding="utf-8")
    return target


def _blank(video: Path) -> None:
    before = video.stat()
    with video.open("r+b") as file:
        file.truncate(0)
        file.truncate(before.st_size)
    os.utime(video, ns=(before.st_atime_ns, before.st_mtime_ns))


def _files(folder: Path) -> Mapping[Path, tuple[int, int]]:
    """Return inode and modification time of all files in a folder."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in found}
