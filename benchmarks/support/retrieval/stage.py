"""All that a protocol needs, made once: the gallery, the other systems, and engines of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.retrieval.gallery import Gallery, films_of, series_of
from benchmarks.support.retrieval.homes import branched, indexed
from benchmarks.support.retrieval.questions import Film
from benchmarks.support.retrieval.systems import Ours, System
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.embedding.model_files import read_model


@dataclass(frozen=True, slots=True)
class Indexed:
    """The whole library as one of our models knows it."""

    model: Path
    home: Home
    system: Ours


@dataclass(frozen=True, slots=True)
class Stage:
    """Systems that know the whole library.

    Attributes:
        library: the videos folder.
        gallery: all its frames, eight a second.
        ours: by series, with a model not trained on it where one was given; empty: not asked.
        rivals: the other systems, by series too.
    """

    library: Path
    gallery: Gallery
    ours: Mapping[str, Indexed]
    rivals: Mapping[str, Sequence[System]]

    def lineup(self, series: str) -> Sequence[System]:
        """Return the systems to ask for frames of a series."""
        own = [self.ours[series].system] if series in self.ours else []
        return [*own, *self.rivals[series]]


def films_by_series(library: Path) -> dict[str, list[Film]]:
    """Return the films of a library by their series."""
    found: dict[str, list[Film]] = {}
    for file in films_of(library):
        path = file.relative_to(library).as_posix()
        found.setdefault(series_of(library, file), []).append(Film(file, path))
    return found


def index_with(
    models: Mapping[str, Path],
    library: Path,
    root: Path,
    frames: int,
    *,
    threads: int,
    say: Callable[[str], None],
) -> dict[str, Indexed]:
    """Index a library once a model, each in a home of its own that shares what it can.

    Args:
        models: by series.
        library: the videos folder.
        root: folder of the homes.
        frames: of the gallery.
        threads: of our network when searching.
        say: takes one line of progress.

    Raises:
        BenchmarkError: a film could not be indexed.
    """
    found: dict[Path, Indexed] = {}
    home: Home | None = None
    for model in sorted(set(models.values())):
        say(f"indexing with {model.name}")
        own = root / read_model(model)[0].model_id
        home = Home(own) if home is None else branched(home, own)
        engine = indexed(home, library, model, threads=threads)
        found[model] = Indexed(model, home, Ours(engine, frames))
    return {series: found[model] for series, model in models.items()}
