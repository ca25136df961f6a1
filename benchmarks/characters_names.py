"""How many drawn faces get their name, and how well faces without one are recognised.

Draws casts in styles that nothing was trained or calibrated on: several of many names in one style
each, and one of names from many styles. Every name has ten labelled faces, of other drawings than
the queries; a tenth of the names differs from another one in eyes and face shape alone, and in one
more row a quarter. Top-1, top-5, and the AUROC of known against unknown faces with a third of the
names left out. Compares with the base model as it is, and with the seed's way: the base model's
features and one linear layer, drawings split 8:1:1. `stills=` names a folder with `faces.csv`: its
faces are named by the most similar face of another drawing.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.face_naming.measures import (
    NamingScores,
    mean_scores,
    measure_few_labels,
    measure_linear_layer,
)
from benchmarks.support.face_naming.stills import leave_one_drawing_out, read_stills
from benchmarks.support.face_naming.systems import NamingSystem, load_systems
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.learning.characters.naming_calibration import NamedVectors
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    FaceSheet,
    SheetOptions,
    draw_sheet,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.stored_sheets import load_or_draw_sheet

ONE, SIBLINGS, MANY = "one style", "one style, a quarter siblings", "many styles"
_MANY_SIBLINGS = 0.25
_AUROC = Target("≥", 0.93)
_TARGETS = {
    ONE: (Target("≥", 0.96), Target("≥", 0.995), _AUROC),
    MANY: (Target("≥", 0.93), Target("≥", 0.99), _AUROC),
}
_TOO_EASY = {ONE: Target("≤", 0.93), MANY: Target("≤", 0.89)}
Measure = Callable[[NamedVectors], NamingScores]
Groups = dict[str, list[NamedVectors]]


class Options(BaseOptions):
    """Options of the benchmark."""

    names: int = Field(default=16, ge=6, description="names of each cast of one style")
    casts: int = Field(default=3, ge=1, description="casts of one style, measured one by one")
    styles: int = Field(default=8, ge=6, description="styles that are measured together")
    members: int = Field(default=4, ge=1, description="names of each of these styles")
    faces: int = Field(default=200, ge=24, description="faces of each name, two a drawing")
    labels: int = Field(default=10, ge=1, description="labelled faces of each name")
    siblings: float = Field(
        default=0.1, ge=0, le=1, description="share of names that differ in eyes and shape alone"
    )
    repeats: int = Field(default=3, ge=1, description="choices of labels and of names left out")
    seed: int = Field(default=0, ge=0, description="seed of the drawings and the choices")
    stills: Path | None = Field(default=None, description="folder of stills with faces.csv")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    systems = load_systems()
    sheets = _load_sheets(room.cache / "faces", options)
    room.log(f"{sum(len(sheet) for sheet in sheets.values())} faces")
    rows: list[dict[str, object]] = []
    results: dict[tuple[str, str], list[NamingScores]] = {}
    for system in systems:
        room.log(system.name)
        groups = {kind: _embed(system, kind, sheet) for kind, sheet in sheets.items()}
        few = partial(
            measure_few_labels, answer=system.answer, labels=options.labels,
            repeats=options.repeats, seed=options.seed,
        )  # fmt: skip
        rows += _measure_groups(system.name, groups, few, results)
    linear = partial(measure_linear_layer, repeats=options.repeats, seed=options.seed)
    rows += _measure_groups("base model, linear layer, 8:1:1", groups, linear, results)
    figures = [*_our_figures(results), *_base_figures(results, systems[-1].name)]
    figures.append(Figure("drawing a face", _time_drawing(options), "CPU ms"))
    if options.stills is not None:
        figures += _still_figures(systems, options.stills)
    return Report("characters_names", extract_description(__doc__), figures, {"systems": rows})


def _time_drawing(options: Options) -> float:
    """Return the processor time of a face in milliseconds, on ten names of one style."""
    begin = time.process_time()
    sheet = draw_sheet(SheetOptions("test", 1, 10, 2, takes=2), options.seed + 2)
    return 1000 * (time.process_time() - begin) / len(sheet)


def _load_sheets(folder: Path, options: Options) -> dict[str, FaceSheet]:
    """Return the faces of each kind, drawn if they are not in the folder."""
    base = SheetOptions(
        "test", options.casts, options.names, options.faces // 2, takes=2,
        siblings=options.siblings,
    )  # fmt: skip
    several = replace(base, styles=options.styles, names=options.members)
    return {
        ONE: load_or_draw_sheet(folder, base, options.seed),
        SIBLINGS: load_or_draw_sheet(folder, replace(base, siblings=_MANY_SIBLINGS), options.seed),
        MANY: load_or_draw_sheet(folder, several, options.seed + 1),
    }


def _embed(system: NamingSystem, kind: str, sheet: FaceSheet) -> list[NamedVectors]:
    """Return the faces of a sheet in the groups that are measured, with their vectors."""
    faces = NamedVectors(
        system.embed(list(sheet.crops)), sheet.names, sheet.styles, sheet.drawings,
        sheet.sides.astype(np.float64),
    )  # fmt: skip
    if kind == MANY:
        return [faces]
    return [faces.select(faces.series == style) for style in np.unique(faces.series)]


def _measure_groups(
    name: str,
    groups: Groups,
    measure: Measure,
    results: dict[tuple[str, str], list[NamingScores]],
) -> list[dict[str, object]]:
    """Measure a system on all groups, add to the results, and return rows of the table."""
    rows: list[dict[str, object]] = []
    for kind, members in groups.items():
        scores = [measure(faces) for faces in members]
        results[name, kind] = scores
        mean = mean_scores(scores)
        rows.append(
            {
                "system": name, "faces": kind, "top-1": round(mean.top1, 4),
                "top-5": round(mean.top5, 4), "AUROC": round(mean.auroc, 4),
            }
        )  # fmt: skip
    return rows


def _our_figures(results: dict[tuple[str, str], list[NamingScores]]) -> list[Figure]:
    figures = []
    for kind in (ONE, MANY, SIBLINGS):
        scores = results["ours", kind]
        mean = mean_scores(scores)
        top1, top5, auroc = _TARGETS.get(kind, (None, None, None))
        for label, value, own, target in (
            ("top-1", mean.top1, [one.top1 for one in scores], top1),
            ("top-5", mean.top5, [one.top5 for one in scores], top5),
            ("AUROC of unknown", mean.auroc, [one.auroc for one in scores], auroc),
        ):
            spread = (min(own), max(own)) if len(own) > 1 else None
            figures.append(Figure(f"{kind}: {label}", value, "", spread, target))
    return figures


def _base_figures(results: dict[tuple[str, str], list[NamingScores]], name: str) -> list[Figure]:
    """Return the figures that say whether the faces are hard enough."""
    return [
        Figure(f"{kind}: {name}, top-1", mean_scores(results[name, kind]).top1, "", None, bound)
        for kind, bound in _TOO_EASY.items()
    ]


def _still_figures(systems: list[NamingSystem], folder: Path) -> list[Figure]:
    stills = read_stills(folder)
    return [
        Figure(
            f"stills: {system.name}",
            leave_one_drawing_out(system.embed(stills.crops), stills),
            f"of {len(stills.names)} faces",
        )
        for system in systems
        if system.name in ("ours", systems[-1].name)
    ]
