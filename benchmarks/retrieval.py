"""Whether the right second comes back for a bad screenshot, on films nothing was trained on.

Protocol L: the share of questions whose best answer is the right file within a second, or shows
the same picture in whichever file, in the given films as `whenanime index` publishes them: frames
as they are and after 15 edits that people make, each series asked as often as the others; and the
same of another encode of Big Buck Bunny. Protocol N: how often frames of a series that was left
out, and of live action, are called a match. Protocol S, the seed's: how often a picture and its
augmented view retrieve each other among all. In the same run: the seed's recipe, trace.moe's
Color Layout and a 64-bit DCT hash, over every frame, eight a second, all of them compared.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path

from pydantic import Field, field_validator

from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.report import Figure, Report, extract_description
from benchmarks.support.retrieval.descriptors import ColorLayout, PerceptualHash
from benchmarks.support.retrieval.edited_queries import (
    EDIT_KINDS,
    Film,
    QueryFrame,
    draw_query_frames,
)
from benchmarks.support.retrieval.evaluation_setup import (
    EvaluationSetup,
    films_by_series,
    index_per_model,
)
from benchmarks.support.retrieval.exhaustive_search import Descriptor, describe_library
from benchmarks.support.retrieval.indexed_homes import models_by_series, was_trained_on
from benchmarks.support.retrieval.negatives import negatives_part, search_negatives
from benchmarks.support.retrieval.network_descriptor import NetworkDescriptor
from benchmarks.support.retrieval.outcomes import Outcome
from benchmarks.support.retrieval.pair_retrieval import (
    EmbeddingRetriever,
    EngineRetriever,
    PairRetriever,
)
from benchmarks.support.retrieval.pairs_part import SEEDS, VECTORS, WHOLE, positive_pairs_part
from benchmarks.support.retrieval.positive_pairs import DRAWN, drawn_pairs, real_pairs
from benchmarks.support.retrieval.positives import library_part, other_encode_part
from benchmarks.support.retrieval.query_runs import QueryImageWriter, run_queries
from benchmarks.support.retrieval.report_part import ReportPart
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

_SYSTEMS = ("ours", "seed", "color-layout", "phash")
_PROTOCOLS = ("L", "N", "S")
_OTHER_ENCODE = "queries/bbb_0-30s_other_encode.mp4"
_ENCODED = "Big Buck Bunny*/Big Buck Bunny*.mp4"


class Options(BaseOptions):
    """What can be set; lists are written with commas."""

    protocols: tuple[str, ...] = Field(default=_PROTOCOLS, description="of L, N and S")
    edits: tuple[str, ...] = Field(default=EDIT_KINDS, description="of `clean` and the edits")
    systems: tuple[str, ...] = Field(default=_SYSTEMS, description="to ask")
    frames: int = Field(default=24, ge=1, description="source frames, each asked in every way")
    encoded: int = Field(default=12, ge=0, description="of another encode")
    absent: int = Field(default=24, ge=1, description="of what is not there; live action besides")
    drawn: int = Field(default=300, ge=0, description="drawn pictures of protocol S")
    seed: int = Field(default=0, ge=0, description="of all choices; development has 1000 and more")
    models: Path | None = Field(
        default=None, description="folder of our models, trained without some series each"
    )
    seed_models: Path | None = Field(
        default=None, description="the same of models trained by the seed's recipe"
    )
    home: Path | None = Field(default=None, description="where indexes are kept for the next run")
    wrong: Path | None = Field(default=None, description="folder for pictures with wrong answers")
    threads: int = Field(default=1, ge=0, description="of networks when searching; 0: one a core")

    @field_validator("protocols", "edits", "systems", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("protocols")
    @classmethod
    def _known_protocols(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_known(value, _PROTOCOLS)

    @field_validator("edits")
    @classmethod
    def _known_edits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_known(value, EDIT_KINDS)

    @field_validator("systems")
    @classmethod
    def _known_systems(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_known(value, _SYSTEMS)


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all.

    Raises:
        BenchmarkError: films are missing or cannot be indexed, or there is no system to ask.
    """
    root = (options.home or room.scratch / "home").resolve()
    parts: list[ReportPart] = []
    if {"L", "N"} & set(options.protocols):
        stage = _prepare_setup(room, options, root)
        parts.append(_systems_part(stage))
        present: list[Outcome] = []
        if "L" in options.protocols:
            present, found = _search_positives(room, stage, options)
            parts += found
        if "N" in options.protocols and stage.ours:
            parts.append(negatives_part(_search_negatives(room, stage, options, root), present))
    if "S" in options.protocols:
        parts.append(_evaluate_pairs(room, options, root))
    return Report(
        "retrieval",
        extract_description(__doc__),
        [figure for part in parts for figure in part.figures],
        {name: rows for part in parts for name, rows in part.details.items()},
    )


def _prepare_setup(room: BenchmarkContext, options: Options, root: Path) -> EvaluationSetup:
    films = films_by_series(room.library_folder)
    single: dict[str, Callable[[], Descriptor]] = {
        "color-layout": ColorLayout, "phash": PerceptualHash,
    }  # fmt: skip
    descriptors = [make() for name, make in single.items() if name in options.systems]
    networks: dict[Path, NetworkDescriptor] = {}
    seeds = _seed_models_by_series(options, films)
    for model in sorted(set(seeds.values())):
        networks[model] = NetworkDescriptor(SEEDS, model, threads=options.threads)
    gallery, exact = describe_library(
        room.library_folder, [*descriptors, *networks.values()], root / "described", room.log
    )
    by_network = dict(zip(networks, exact[len(descriptors) :], strict=True))
    models = models_by_series(options.models, films, base_model_folder())
    return EvaluationSetup(
        room.library_folder,
        gallery,
        index_per_model(
            models,
            room.library_folder,
            root,
            len(gallery.frames),
            threads=options.threads,
            log=room.log,
        )
        if "ours" in options.systems
        else {},
        {
            series: [*exact[: len(descriptors)], *([by_network[seeds[series]]] if seeds else [])]
            for series in films
        },
    )


def _seed_models_by_series(options: Options, series: Collection[str]) -> Mapping[str, Path]:
    """Return the model by the seed's recipe for each series; none where none were given."""
    if "seed" not in options.systems or options.seed_models is None:
        return {}
    models = models_by_series(options.seed_models, series, None)
    if lacking := sorted(set(series) - set(models)):
        raise BenchmarkError(f"{options.seed_models}: no model was trained without {lacking}")
    return models


def _search_positives(
    room: BenchmarkContext, stage: EvaluationSetup, options: Options
) -> tuple[list[Outcome], list[ReportPart]]:
    """Ask for what the library has."""
    films = films_by_series(room.library_folder)

    def ask(sources: Iterable[QueryFrame], folder: str) -> list[Outcome]:
        keep = None
        if options.wrong:
            keep = QueryImageWriter(options.wrong / folder, lambda outcome: not outcome.is_right)
        return run_queries(
            sources, options.edits, options.seed, stage.systems_for, stage.gallery,
            on_outcome=keep, log=room.log,
        )  # fmt: skip

    outcomes = ask(draw_query_frames(films, options.frames, options.seed), "L")
    parts = [library_part(outcomes)]
    if options.encoded:
        whole = next(room.library_folder.glob(_ENCODED)).relative_to(room.library_folder)
        # Both show the same at the same second, to a frame: measured by comparing all frames.
        other = Film(room.find_films(_OTHER_ENCODE)[0], whole.as_posix())
        again = draw_query_frames({whole.parts[0]: [other]}, options.encoded, options.seed)
        parts.append(other_encode_part(ask(again, "another encode")))
    return outcomes, parts


def _search_negatives(
    room: BenchmarkContext, stage: EvaluationSetup, options: Options, root: Path
) -> list[Outcome]:
    """Ask for what the library does not have."""
    keep = None
    if options.wrong:
        keep = QueryImageWriter(options.wrong / "N", lambda outcome: outcome.is_match)
    return search_negatives(
        room, stage, options.edits, root=root, frames=options.absent, seed=options.seed,
        threads=options.threads, on_outcome=keep,
    )  # fmt: skip


def _evaluate_pairs(room: BenchmarkContext, options: Options, root: Path) -> ReportPart:
    """Retrieve pictures by their augmented views and back, by networks and by the whole search."""
    films, threads = films_by_series(room.library_folder), options.threads
    models = models_by_series(options.models, films, base_model_folder())
    finders: dict[str, dict[Path, PairRetriever]] = {}
    if "ours" in options.systems:
        chosen = sorted(set(models.values()))
        finders[VECTORS] = {m: EmbeddingRetriever(VECTORS, m, threads=threads) for m in chosen}
        finders[WHOLE] = {
            m: EngineRetriever(WHOLE, m, root / f"pairs-{number}", threads=threads)
            for number, m in enumerate(chosen)
        }
    seeds = _seed_models_by_series(options, films)
    if seeds:
        finders[SEEDS] = {
            m: EmbeddingRetriever(SEEDS, m, threads=threads) for m in sorted(set(seeds.values()))
        }

    def finder_of(system: str, series: str) -> PairRetriever:
        by_series = seeds if system == SEEDS else models
        # Drawn pictures are of no series: any model will do, and it is always the same one.
        return finders[system][by_series.get(series, min(finders[system]))]

    room.log("taking pictures for protocol S")
    sets = {"real": real_pairs(room.library_folder, options.seed)}
    if options.drawn:
        sets[DRAWN] = drawn_pairs(options.drawn, options.seed)
    paths = {series: [film.path for film in own] for series, own in films.items()}
    seen = any(was_trained_on(models[series], own) for series, own in paths.items())
    return positive_pairs_part(
        sets, {system: partial(finder_of, system) for system in finders}, seen=seen, log=room.log
    )


def _systems_part(stage: EvaluationSetup) -> ReportPart:
    """Return what is asked: the models, whether they know the films, bytes a frame."""
    rows = []
    for series, films in films_by_series(stage.library).items():
        paths = [film.path for film in films]
        if series in stage.ours:
            model = stage.ours[series].model
            seen = "seen in training" if was_trained_on(model, paths) else "unseen"
            rows.append({"series": series, "our model": model.name, "its films": seen})
    sizes = {
        system.name: system.bytes_per_frame
        for series in stage.rivals
        for system in stage.systems_for(series)
    }
    figures = [Figure(f"{name}: bytes a frame", size, "B") for name, size in sizes.items()]
    figures.append(Figure("gallery, eight frames a second", len(stage.gallery.frames), "frames"))
    return ReportPart(figures, {"models": rows})


def _check_known(chosen: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is chosen in the order that is known.

    Raises:
        ValueError: something is not known.
    """
    if unknown := sorted(set(chosen) - set(known)):
        raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(one for one in known if one in chosen)
