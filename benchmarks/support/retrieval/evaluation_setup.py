"""All that a protocol needs, made once: the gallery, the other systems, and engines of ours."""

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
    """The whole library as one of our models knows it."""

    model: Path
    home: Home
    system: OurSystem


@dataclass(frozen=True, slots=True)
class EvaluationSetup:
    """Systems that know the whole library.

    Attributes:
        library: the videos folder.
        gallery: all its frames, eight a second.
        ours: by series, with a model not trained on it where one was given; empty: not asked.
        rivals: the other systems, by series too.
    """

    library: Path
    gallery: Gallery
    ours: Mapping[str, IndexedLibrary]
    rivals: Mapping[str, Sequence[RetrievalSystem]]

    def systems_for(self, series: str) -> Sequence[RetrievalSystem]:
        """Return the systems to ask for frames of a series."""
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
    """Index a library once a model, each in a home of its own that shares what it can.

    Args:
        models: by series.
        library: the videos folder.
        root: folder of the homes.
        frames: of the gallery.
        threads: of our network when searching.
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
