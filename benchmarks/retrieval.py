"""Whether the right second comes back for a bad screenshot, on films nothing was trained on.

Protocol L: the share of questions whose best answer is the right file within a second, or shows
the same picture in whichever file, in the given films as `whenanime index` publishes them: frames
as they are and after 15 edits that people make, each series asked as often as the others; and the
same of another encode of Big Buck Bunny. Protocol N: how often frames of a series that was left
out, and of live action, are called a match. Protocol S, the seed's: how often a picture and its
augmented twin find each other among all. Beside ours in one run: the seed's recipe, trace.moe's
Color Layout and a 64-bit DCT hash, over every frame, eight a second, all of them compared.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path

from pydantic import Field, field_validator

from benchmarks.support.report import Figure, Report, about
from benchmarks.support.retrieval.absent import absent_part, ask_absent
from benchmarks.support.retrieval.asking import PicturesKept, ask_all
from benchmarks.support.retrieval.descriptors import ColorLayout, PerceptualHash
from benchmarks.support.retrieval.exact import Descriptor, describe_library
from benchmarks.support.retrieval.homes import models_by_series, seen_in_training
from benchmarks.support.retrieval.networks import Network
from benchmarks.support.retrieval.outcomes import Outcome
from benchmarks.support.retrieval.pairing import SEEDS, VECTORS, WHOLE, pairs_part
from benchmarks.support.retrieval.pairs import DRAWN, drawn_pairs, real_pairs
from benchmarks.support.retrieval.part import Part
from benchmarks.support.retrieval.present import library_part, other_encode_part
from benchmarks.support.retrieval.questions import KINDS, Film, Source, draw_sources
from benchmarks.support.retrieval.stage import Stage, films_by_series, index_with
from benchmarks.support.retrieval.twins import EngineFinder, Finder, VectorFinder
from benchmarks.support.room import BenchmarkError, Room
from benchmarks.support.room import Options as BaseOptions
from whenanime_pipeline.core.search.embedding.model_files import base_model

_SYSTEMS = ("ours", "seed", "color-layout", "phash")
_PROTOCOLS = ("L", "N", "S")
_OTHER_ENCODE = "queries/bbb_0-30s_other_encode.mp4"
_ENCODED = "Big Buck Bunny*/Big Buck Bunny*.mp4"


class Options(BaseOptions):
    """What can be set; lists are written with commas."""

    protocols: tuple[str, ...] = Field(default=_PROTOCOLS, description="of L, N and S")
    edits: tuple[str, ...] = Field(default=KINDS, description="of `clean` and the edits")
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
        return _known(value, _PROTOCOLS)

    @field_validator("edits")
    @classmethod
    def _known_edits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, KINDS)

    @field_validator("systems")
    @classmethod
    def _known_systems(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, _SYSTEMS)


def measure(room: Room, options: Options) -> Report:
    """Measure it all.

    Raises:
        BenchmarkError: films are missing or cannot be indexed, or there is no system to ask.
    """
    root = (options.home or room.scratch / "home").resolve()
    parts: list[Part] = []
    if {"L", "N"} & set(options.protocols):
        stage = _stage(room, options, root)
        parts.append(_about_systems(stage))
        present: list[Outcome] = []
        if "L" in options.protocols:
            present, found = _present(room, stage, options)
            parts += found
        if "N" in options.protocols and stage.ours:
            parts.append(absent_part(_absent(room, stage, options, root), present))
    if "S" in options.protocols:
        parts.append(_twins(room, options, root))
    return Report(
        "retrieval",
        about(__doc__),
        [figure for part in parts for figure in part.figures],
        {name: rows for part in parts for name, rows in part.details.items()},
    )


def _stage(room: Room, options: Options, root: Path) -> Stage:
    films = films_by_series(room.library)
    single: dict[str, Callable[[], Descriptor]] = {
        "color-layout": ColorLayout, "phash": PerceptualHash,
    }  # fmt: skip
    descriptors = [make() for name, make in single.items() if name in options.systems]
    networks: dict[Path, Network] = {}
    seeds = _seeds_models(options, films)
    for model in sorted(set(seeds.values())):
        networks[model] = Network(SEEDS, model, threads=options.threads)
    gallery, exact = describe_library(
        room.library, [*descriptors, *networks.values()], root / "described", room.say
    )
    by_network = dict(zip(networks, exact[len(descriptors) :], strict=True))
    models = models_by_series(options.models, films, base_model())
    return Stage(
        room.library,
        gallery,
        index_with(
            models, room.library, root, len(gallery.moments), threads=options.threads, say=room.say
        )
        if "ours" in options.systems
        else {},
        {
            series: [*exact[: len(descriptors)], *([by_network[seeds[series]]] if seeds else [])]
            for series in films
        },
    )


def _seeds_models(options: Options, series: Collection[str]) -> Mapping[str, Path]:
    """Return the model by the seed's recipe for each series; none where none were given."""
    if "seed" not in options.systems or options.seed_models is None:
        return {}
    models = models_by_series(options.seed_models, series, None)
    if lacking := sorted(set(series) - set(models)):
        raise BenchmarkError(f"{options.seed_models}: no model was trained without {lacking}")
    return models


def _present(room: Room, stage: Stage, options: Options) -> tuple[list[Outcome], list[Part]]:
    """Ask for what the library has."""
    films = films_by_series(room.library)

    def ask(sources: Iterable[Source], folder: str) -> list[Outcome]:
        keep = None
        if options.wrong:
            keep = PicturesKept(options.wrong / folder, lambda outcome: not outcome.is_right)
        return ask_all(
            sources, options.edits, options.seed, stage.lineup, stage.gallery,
            keep=keep, say=room.say,
        )  # fmt: skip

    outcomes = ask(draw_sources(films, options.frames, options.seed), "L")
    parts = [library_part(outcomes)]
    if options.encoded:
        whole = next(room.library.glob(_ENCODED)).relative_to(room.library)
        # Both show the same at the same second, to a frame: measured by comparing all frames.
        other = Film(room.films(_OTHER_ENCODE)[0], whole.as_posix())
        again = draw_sources({whole.parts[0]: [other]}, options.encoded, options.seed)
        parts.append(other_encode_part(ask(again, "another encode")))
    return outcomes, parts


def _absent(room: Room, stage: Stage, options: Options, root: Path) -> list[Outcome]:
    """Ask for what the library does not have."""
    keep = None
    if options.wrong:
        keep = PicturesKept(options.wrong / "N", lambda outcome: outcome.matches)
    return ask_absent(
        room, stage, options.edits, root=root, frames=options.absent, seed=options.seed,
        threads=options.threads, keep=keep,
    )  # fmt: skip


def _twins(room: Room, options: Options, root: Path) -> Part:
    """Have pictures and their twins look for each other, by networks and by our whole search."""
    films, threads = films_by_series(room.library), options.threads
    models = models_by_series(options.models, films, base_model())
    finders: dict[str, dict[Path, Finder]] = {}
    if "ours" in options.systems:
        chosen = sorted(set(models.values()))
        finders[VECTORS] = {m: VectorFinder(VECTORS, m, threads=threads) for m in chosen}
        finders[WHOLE] = {
            m: EngineFinder(WHOLE, m, root / f"pairs-{number}", threads=threads)
            for number, m in enumerate(chosen)
        }
    seeds = _seeds_models(options, films)
    if seeds:
        finders[SEEDS] = {
            m: VectorFinder(SEEDS, m, threads=threads) for m in sorted(set(seeds.values()))
        }

    def finder_of(system: str, series: str) -> Finder:
        by_series = seeds if system == SEEDS else models
        # Drawn pictures are of no series: any model will do, and it is always the same one.
        return finders[system][by_series.get(series, min(finders[system]))]

    room.say("taking pictures for protocol S")
    sets = {"real": real_pairs(room.library, options.seed)}
    if options.drawn:
        sets[DRAWN] = drawn_pairs(options.drawn, options.seed)
    paths = {series: [film.path for film in own] for series, own in films.items()}
    seen = any(seen_in_training(models[series], own) for series, own in paths.items())
    return pairs_part(
        sets, {system: partial(finder_of, system) for system in finders}, seen=seen, say=room.say
    )


def _about_systems(stage: Stage) -> Part:
    """Return what is asked: the models, whether they know the films, bytes a frame."""
    rows = []
    for series, films in films_by_series(stage.library).items():
        paths = [film.path for film in films]
        if series in stage.ours:
            model = stage.ours[series].model
            seen = "seen in training" if seen_in_training(model, paths) else "unseen"
            rows.append({"series": series, "our model": model.name, "its films": seen})
    sizes = {
        system.name: system.bytes_a_frame
        for series in stage.rivals
        for system in stage.lineup(series)
    }
    figures = [Figure(f"{name}: bytes a frame", size, "B") for name, size in sizes.items()]
    figures.append(Figure("gallery, eight frames a second", len(stage.gallery.moments), "frames"))
    return Part(figures, {"models": rows})


def _known(chosen: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is chosen in the order that is known.

    Raises:
        ValueError: something is not known.
    """
    if unknown := sorted(set(chosen) - set(known)):
        raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(one for one in known if one in chosen)
