"""Retrieval accuracy for edited queries, on films that no model was trained on.

Protocol L (library): top-1 for clean frames and 15 edits of the given films, indexed by `whenanime
index`; right is the right file within 1 s, or the same picture in any file; each series has the
same number of queries. The same for another encode of Big Buck Bunny. Protocol N (negatives): false
positives for frames of held-out series and of live action. Protocol S (the seed's): how often a
picture and its augmented view retrieve each other. Compares in one run with the seed's recipe,
trace.moe's Color Layout descriptor and a 64-bit DCT hash, each searched exhaustively over every
frame at 8 frames per second.
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
    """Options of the benchmark; lists are separated by commas."""

    protocols: tuple[str, ...] = Field(
        default=_PROTOCOLS, description="protocols to run, of L, N and S"
    )
    edits: tuple[str, ...] = Field(default=EDIT_KINDS, description="`clean` and names of edits")
    systems: tuple[str, ...] = Field(default=_SYSTEMS, description="systems to compare")
    frames: int = Field(
        default=24, ge=1, description="query frames of protocol L, each with every edit"
    )
    encoded: int = Field(default=12, ge=0, description="query frames of the other encode")
    absent: int = Field(
        default=24,
        ge=1,
        description="query frames of held-out series; a quarter more of live action",
    )
    drawn: int = Field(default=300, ge=0, description="drawn pictures of protocol S")
    seed: int = Field(default=0, ge=0, description="seed; development uses 1000 and above")
    models: Path | None = Field(
        default=None, description="folder of our models, each trained without some series"
    )
    seed_models: Path | None = Field(
        default=None, description="folder of such models by the seed's recipe"
    )
    home: Path | None = Field(
        default=None, description="folder that keeps indexes for the next run"
    )
    wrong: Path | None = Field(
        default=None, description="folder to write queries with wrong answers to"
    )
    threads: int = Field(
        default=1, ge=0, description="threads of networks when searching; 0: one per core"
    )

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
    """Run the benchmark.

    Raises:
        BenchmarkError: films are missing or cannot be indexed, or a series lacks a model.
    """
    root = (options.home or room.scratch / "home").resolve()
    parts: list[ReportPart] = []
    if {"L", "N"} & set(options.protocols):
        setup = _prepare_setup(room, options, root)
        parts.append(_systems_part(setup))
        present: list[Outcome] = []
        if "L" in options.protocols:
            present, found = _search_positives(room, setup, options)
            parts += found
        if "N" in options.protocols and setup.ours:
            parts.append(negatives_part(_search_negatives(room, setup, options, root), present))
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
    """Return each series' model by the seed's recipe; empty if no models are given."""
    if "seed" not in options.systems or options.seed_models is None:
        return {}
    models = models_by_series(options.seed_models, series, None)
    if lacking := sorted(set(series) - set(models)):
        raise BenchmarkError(f"{options.seed_models}: no model was trained without {lacking}")
    return models


def _search_positives(
    room: BenchmarkContext, setup: EvaluationSetup, options: Options
) -> tuple[list[Outcome], list[ReportPart]]:
    """Run protocol L, and the queries of the other encode."""
    films = films_by_series(room.library_folder)

    def ask(sources: Iterable[QueryFrame], folder: str) -> list[Outcome]:
        keep = None
        if options.wrong:
            keep = QueryImageWriter(options.wrong / folder, lambda outcome: not outcome.is_right)
        return run_queries(
            sources, options.edits, options.seed, setup.systems_for, setup.gallery,
            on_outcome=keep, log=room.log,
        )  # fmt: skip

    outcomes = ask(draw_query_frames(films, options.frames, options.seed), "L")
    parts = [library_part(outcomes)]
    if options.encoded:
        whole = next(room.library_folder.glob(_ENCODED)).relative_to(room.library_folder)
        # Both encodes have the same clock, to a frame: checked by comparing all frames.
        other = Film(room.find_films(_OTHER_ENCODE)[0], whole.as_posix())
        again = draw_query_frames({whole.parts[0]: [other]}, options.encoded, options.seed)
        parts.append(other_encode_part(ask(again, "another encode")))
    return outcomes, parts


def _search_negatives(
    room: BenchmarkContext, setup: EvaluationSetup, options: Options, root: Path
) -> list[Outcome]:
    """Run protocol N."""
    keep = None
    if options.wrong:
        keep = QueryImageWriter(options.wrong / "N", lambda outcome: outcome.is_match)
    return search_negatives(
        room, setup, options.edits, root=root, frames=options.absent, seed=options.seed,
        threads=options.threads, on_outcome=keep,
    )  # fmt: skip


def _evaluate_pairs(room: BenchmarkContext, options: Options, root: Path) -> ReportPart:
    """Run protocol S, by embeddings alone and by the whole search."""
    films, threads = films_by_series(room.library_folder), options.threads
    models = models_by_series(options.models, films, base_model_folder())
    retrievers: dict[str, dict[Path, PairRetriever]] = {}
    if "ours" in options.systems:
        chosen = sorted(set(models.values()))
        retrievers[VECTORS] = {m: EmbeddingRetriever(VECTORS, m, threads=threads) for m in chosen}
        retrievers[WHOLE] = {
            m: EngineRetriever(WHOLE, m, root / f"pairs-{number}", threads=threads)
            for number, m in enumerate(chosen)
        }
    seeds = _seed_models_by_series(options, films)
    if seeds:
        retrievers[SEEDS] = {
            m: EmbeddingRetriever(SEEDS, m, threads=threads) for m in sorted(set(seeds.values()))
        }

    def retriever_of(system: str, series: str) -> PairRetriever:
        by_series = seeds if system == SEEDS else models
        # Drawn pictures belong to no series: always use the same model.
        return retrievers[system][by_series.get(series, min(retrievers[system]))]

    room.log("taking pictures for protocol S")
    sets = {"real": real_pairs(room.library_folder, options.seed)}
    if options.drawn:
        sets[DRAWN] = drawn_pairs(options.drawn, options.seed)
    paths = {series: [film.path for film in own] for series, own in films.items()}
    seen = any(was_trained_on(models[series], own) for series, own in paths.items())
    return positive_pairs_part(
        sets,
        {system: partial(retriever_of, system) for system in retrievers},
        seen=seen,
        log=room.log,
    )


def _systems_part(setup: EvaluationSetup) -> ReportPart:
    """Return the models, whether they were trained on the films, and bytes per frame."""
    rows = []
    for series, films in films_by_series(setup.library).items():
        paths = [film.path for film in films]
        if series in setup.ours:
            model = setup.ours[series].model
            seen = "yes" if was_trained_on(model, paths) else "no"
            rows.append({"series": series, "our model": model.name, "trained on the series": seen})
    sizes = {
        system.name: system.bytes_per_frame
        for series in setup.rivals
        for system in setup.systems_for(series)
    }
    figures = [Figure(f"{name}: bytes per frame", size, "B") for name, size in sizes.items()]
    figures.append(Figure("gallery, at 8 frames per second", len(setup.gallery.frames), "frames"))
    return ReportPart(figures, {"models": rows})


def _check_known(chosen: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the chosen names in the order of the known ones.

    Raises:
        ValueError: a name is unknown.
    """
    if unknown := sorted(set(chosen) - set(known)):
        raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(one for one in known if one in chosen)
