"""What a new model costs: all features again, and no look into a video."""

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
    """What `whenanime index` did when the model was another and the videos were no videos any more.

    Attributes:
        exit_code: of the command.
        episodes: in the library.
        frames_made: frames files that are new or other than before.
        features_made: features files that are new.
        published: 1 when the published snapshot is of the new model.
    """

    exit_code: int
    episodes: int
    frames_made: int
    features_made: int
    published: int


def reembed(folder: Path, model: Path) -> Reembedding:
    """Index the sample library, turn its videos into zeros, and index with another model.

    The zeros have the size and time of the videos, so that nothing tells that they changed: a run
    that opened one would fail.

    Args:
        folder: to work in.
        model: the first model; the second is the same under another id.
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
    """Copy a model, with a remark that gives it another id."""
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
    """Return the files below a folder with what changes when one is written again."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in found}
