"""Indexes the library by `whenanime index`: whole or without a series, with one or more models.

Frames and local features are made once; each further model only embeds the stored frames.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from benchmarks.support.context import BenchmarkError
from benchmarks.support.index_process import run_index, use_model
from whenanime_pipeline.core.files import link_or_copy
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import META_FILE, read_model
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

_OWN = frozenset({"snapshots", "models", "dagster", "dataset", "locks"})
"""Folders of a home that depend on the set of videos; the others hold files of single videos."""


def models_by_series(
    folder: Path | None, series: Collection[str], default: Path | None
) -> dict[str, Path]:
    """Return a model for each series that was not trained on it.

    Args:
        folder: folder of models, or None; `training.without` in their `meta.json` lists the series
            that they were trained without.
        series: names of series.
        default: model for series without such a model; None to leave them out.
    """
    found = {} if default is None else dict.fromkeys(series, default)
    for meta in sorted(folder.glob(f"*/{META_FILE}")) if folder else []:
        training = json.loads(meta.read_text(encoding="utf-8")).get("training") or {}
        for name in training.get("without") or []:
            if name in series:
                found[name] = meta.parent
    return found


def was_trained_on(model: Path, paths: Sequence[str]) -> bool:
    """Return whether a model's meta data lists any of some films as training data.

    Args:
        model: folder of the model.
        paths: paths of the films, relative to the library.
    """
    training = read_model(model)[0].model_dump().get("training") or {}
    films = {Path(name).name for name in training.get("films") or []}
    return any(Path(path).name in films for path in paths)


def index_and_open(home: Home, videos: Path, model: Path, *, threads: int) -> SearchEngine:
    """Index a folder with a model by `whenanime index`, and open the published snapshot.

    Args:
        home: new or existing home.
        videos: videos folder.
        model: folder of the model.
        threads: threads of the network when searching; 0: one per core.

    Raises:
        BenchmarkError: indexing failed.
    """
    use_model(home, model)
    done = run_index(home, videos)
    latest = read_latest_id(home.snapshots)
    if done.exit_code or latest is None:
        raise BenchmarkError(f"`whenanime index` ended with {done.exit_code}:\n{done.output}")
    engine = SearchEngine.open(home.snapshots / latest, threads=threads)
    if engine.snapshot.manifest.model_id != read_model(model)[0].model_id:
        raise BenchmarkError(f"{home.root}: the newest snapshot is of another model than {model}")
    return engine


def link_all_but(library: Path, series: str, folder: Path) -> Path:
    """Return a videos folder with all series of a library but one, as links.

    Args:
        library: videos folder with all series.
        series: top-level folder to leave out.
        folder: folder to make.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(library.iterdir()):
        if path.name != series and not (folder / path.name).is_symlink():
            (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())
    return folder


def branch_home(home: Home, root: Path) -> Home:
    """Make a home with another home's files of single videos, linked or copied.

    Args:
        home: home to take the files from.
        root: folder of the new home; existing files stay.
    """
    for folder in home.root.iterdir():
        if folder.is_dir() and folder.name not in _OWN:
            for file in (path for path in folder.rglob("*") if path.is_file()):
                target = root / file.relative_to(home.root)
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    link_or_copy(file, target)
    return Home(root)
