"""All that a protocol needs, made once: the gallery, the other systems, and engines of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.retrieval.exact import Descriptor, Exact
from benchmarks.support.retrieval.gallery import Gallery, films_of, read_frames, series_of
from benchmarks.support.retrieval.homes import indexed, models_by_series
from benchmarks.support.retrieval.questions import Film
from benchmarks.support.retrieval.systems import Ours, System
from whenanime_pipeline.core.home import Home


@dataclass(frozen=True, slots=True)
class Stage:
    """Systems that know the whole library.

    Attributes:
        library: the videos folder.
        home: where it is indexed.
        gallery: all its frames, eight a second.
        rivals: the systems that are not ours.
        ours: by series, with a model not trained on it where one was given; empty: not asked.
        models: which model that is, by series.
    """

    library: Path
    home: Home
    gallery: Gallery
    rivals: Sequence[Exact]
    ours: Mapping[str, Ours]
    models: Mapping[str, Path]

    def lineup(self, series: str) -> Sequence[System]:
        """Return the systems to ask for frames of a series."""
        own = [self.ours[series]] if series in self.ours else []
        return [*own, *self.rivals]


def films_by_series(library: Path) -> dict[str, list[Film]]:
    """Return the films of a library by their series."""
    found: dict[str, list[Film]] = {}
    for file in films_of(library):
        path = file.relative_to(library).as_posix()
        found.setdefault(series_of(library, file), []).append(Film(file, path))
    return found


def set_stage(
    library: Path,
    home: Home,
    *,
    models: Path | None,
    descriptors: Sequence[Descriptor],
    ours: bool,
    threads: int,
    say: Callable[[str], None],
) -> Stage:
    """Read the library once for the other systems, and index it for ours once a model.

    Args:
        library: the videos folder.
        home: for our index.
        models: folder of models that were trained without some series; None: the base model.
        descriptors: of the other systems.
        ours: whether to index at all.
        threads: of our network when searching.
        say: takes one line of progress.

    Raises:
        BenchmarkError: a film could not be indexed.
    """
    say("reading every frame, eight a second")
    gallery, rivals = Gallery(), [Exact(descriptor) for descriptor in descriptors]
    for moment, picture in read_frames(library, films_of(library)):
        gallery.add(moment, picture)
        for rival in rivals:
            rival.add(moment, picture)
    chosen = models_by_series(models, films_by_series(library)) if ours else {}
    systems: dict[Path, Ours] = {}
    for model in sorted(set(chosen.values())):
        say(f"indexing with {model.name}")
        engine = indexed(home, library, model, threads=threads)
        systems[model] = Ours(engine, len(gallery.moments))
    by_series = {series: systems[model] for series, model in chosen.items()}
    return Stage(library, home, gallery, rivals, by_series, chosen)
