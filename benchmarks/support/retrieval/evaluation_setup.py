"""The setup of the protocols: the gallery, the other systems, and our search engines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.retrieval.edited_queries import Film
from benchmarks.support.retrieval.gallery import Gallery, list_films, series_of
from benchmarks.support.retrieval.indexed_homes import branch_home, index_and_open
from benchmarks.support.retrieval.systems import OurSystem, RetrievalSystem
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import read_model


@dataclass(frozen=True, slots=True)
class IndexedLibrary:
    """The whole library, indexed with one of our models."""

    model: Path
    home: Home
    system: OurSystem


@dataclass(frozen=True, slots=True)
class EvaluationSetup:
    """Systems that have indexed the whole library.

    Attributes:
        library: videos folder.
        gallery: all frames of the library, 8 per second.
        ours: series → our index, by a model not trained on the series if there is one; empty if
            ours is not evaluated.
        rivals: series → the other systems.
    """

    library: Path
    gallery: Gallery
    ours: Mapping[str, IndexedLibrary]
    rivals: Mapping[str, Sequence[RetrievalSystem]]

    def systems_for(self, series: str) -> Sequence[RetrievalSystem]:
        """Return the systems to evaluate on frames of a series."""
        own = [self.ours[series].system] if series in self.ours else []
        return [*own, *self.rivals[series]]


def films_by_series(library: Path) -> dict[str, list[Film]]:
    """Return the films of a library by their series."""
    found: dict[str, list[Film]] = {}
    for file in list_films(library):
        path = file.relative_to(library).as_posix()
        found.setdefault(series_of(library, file), []).append(Film(file, path))
    return found


def index_per_model(
    models: Mapping[str, Path],
    library: Path,
    root: Path,
    frames: int,
    *,
    threads: int,
    log: Callable[[str], None],
) -> dict[str, IndexedLibrary]:
    """Index a library once per model, in homes that share frames and local features.

    Args:
        models: series → folder of its model.
        library: videos folder.
        root: folder of the homes.
        frames: number of frames in the gallery.
        threads: threads of our network when searching.
        log: takes one line of progress.

    Raises:
        BenchmarkError: a film could not be indexed.
    """
    found: dict[Path, IndexedLibrary] = {}
    home: Home | None = None
    for model in sorted(set(models.values())):
        log(f"indexing with {model.name}")
        own = root / read_model(model)[0].model_id
        home = Home(own) if home is None else branch_home(home, own)
        engine = index_and_open(home, library, model, threads=threads)
        found[model] = IndexedLibrary(model, home, OurSystem(engine, frames))
    return {series: found[model] for series, model in models.items()}
